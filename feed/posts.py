"""THE GALLERY: the life of a post."""

from collections.abc import Iterable

from feed.models import Post
from stylize import showing
from stylize.models import Job


def publish(job: Job) -> Post:
    """Hang a finished job on the wall, once."""
    post, _new = Post.objects.get_or_create(job=job)
    showing.changed()
    return post


def showpiece(posts: Iterable[Post]) -> Post | None:
    """Of posts that were read with `hung()` the newest that shows all three: photo, style and painting."""
    return next((post for post in posts if post.shown.show_photo and post.shown.shown_styles), None)
