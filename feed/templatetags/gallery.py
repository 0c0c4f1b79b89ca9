"""THE GALLERY: which picture of a page stands at its opening."""

from collections.abc import Iterable

from django import template

from feed.models import Post

register = template.Library()


@register.filter
def showpiece(posts: Iterable[Post]) -> Post | None:
    """The newest post that shows all three: photo, style and painting."""
    return next((post for post in posts if post.job.show_photo and post.job.style_links.all()), None)
