"""THE GALLERY: the feed, newest first, and a page for each picture."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from feed.models import Post
from people import guests

PAGE = 24


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Keyset paging: `?before=` is the last post of the page before."""
    posts = Post.objects.for_public_feed()
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        posts = posts.filter(pk__lt=int(before))
    page = list(posts[: PAGE + 1])
    older = page[PAGE - 1].pk if len(page) > PAGE else None
    return render(request, "feed/index.html", {"posts": page[:PAGE], "older": older, "is_first": not before})


@require_GET
def post(request: HttpRequest, key: str) -> HttpResponse:
    owner = guests.owner(request)
    found = get_object_or_404(Post.objects.visible_to(owner), job__key=key)
    job = found.job
    shows_photo = job.show_photo or job.owner == owner
    return render(request, "feed/post.html", {"post": found, "job": job, "shows_photo": shows_photo, "owner": owner})
