"""THE GALLERY: the life of a post."""

from feed.models import Post
from stylize.models import Job


def publish(job: Job) -> Post:
    """Hang a finished job on the wall, once."""
    post, _new = Post.objects.get_or_create(job=job)
    return post
