"""THE GALLERY: the feed, newest first, and a page for each picture."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from feed import kept, posts
from feed.models import Post
from people import guests
from stylize import addresses

PAGE = 24


@require_safe
@kept.for_strangers
def index(request: HttpRequest) -> HttpResponse:
    public, before = Post.objects.for_public_feed(), addresses.before(request)
    if before is not None:
        public = public.filter(pk__lt=before)
    page = public.hung(PAGE + 1)
    older, shown = page[PAGE - 1].pk if len(page) > PAGE else None, page[:PAGE]
    piece = posts.showpiece(shown) if before is None else None
    wall = [post for post in shown if post != piece]
    context = {"posts": shown, "piece": piece, "wall": wall, "cards": [post.shown for post in wall], "older": older}
    return render(request, "feed/index.html", context | {"is_first": before is None})


@require_safe
def post(request: HttpRequest, key: str) -> HttpResponse:
    """A picture as everybody sees it, its owner too."""
    owner = guests.owner(request)
    found = get_object_or_404(Post.objects.visible_to(owner).with_like_of(owner), job__key=key)
    job = found.job
    may_use = job.is_public or job.owner == owner
    context = {"post": found, "job": job, "shows_photo": job.show_photo, "owner": owner, "may_use_styles": may_use}
    context |= {"may_be_printed": (job.is_public and job.allow_prints) or job.owner == owner}
    return render(request, "feed/post.html", context)
