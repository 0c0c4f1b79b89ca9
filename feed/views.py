"""THE GALLERY: the feed, newest first, and a page for each picture."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from feed import kept, posts, walls
from feed.models import Post
from people import guests
from stylize import addresses

PAGE = walls.PAGE


@require_safe
@kept.for_strangers
def index(request: HttpRequest) -> HttpResponse:
    before = addresses.before(request)
    page = walls.hang(Post.objects.for_public_feed().older_than(before))
    piece = posts.showpiece(page["posts"]) if before is None else None
    wall = [post for post in page["posts"] if post != piece]
    context = {"piece": piece, "wall": wall, "cards": [post.shown for post in wall], "tab": "newest"}
    return render(request, "feed/index.html", page | context | {"is_first": before is None})


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
