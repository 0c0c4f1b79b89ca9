"""THE GALLERY: the life of a post."""

from collections.abc import Iterable

from django.contrib.postgres.search import SearchVector
from django.db import transaction
from django.db.models import F, Value
from django.db.models.expressions import CombinedExpression

from feed import heat, search
from feed.models import Post
from people.models import User
from stylize import showing
from stylize.models import Filter, Job, Style


@transaction.atomic
def publish(job: Job) -> Post:
    """Hang a finished job on the wall, once."""
    post, new = Post.objects.get_or_create(job=job, defaults={"owner_id": job.owner_id})
    if new:
        Post.objects.filter(pk=post.pk).update(**heat.columns(0), words=_words(post))
        _count_uses(job)
    showing.changed()
    return post


def describe(post: Post, title: str, tags: list[str]) -> None:
    """What its owner calls it, and the words that it is found by."""
    post.title, post.tags = title, tags
    Post.objects.filter(pk=post.pk).update(title=title, tags=tags, words=_words(post))
    showing.changed()


def renamed(person: User) -> None:
    """Their pictures are found by the new handle."""
    for post in Post.objects.filter(owner=person).select_related("owner"):
        Post.objects.filter(pk=post.pk).update(words=_words(post))
    showing.changed()


def _count_uses(job: Job) -> None:
    """In one order: two pictures of the same two styles that are done at once wait for each other, and no longer."""
    more = F("uses") + 1
    for used in (Style.objects.filter(job=job), Filter.objects.filter(style__job=job)):
        held = used.order_by("pk").select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True)
        used.model._default_manager.filter(pk__in=list(held)).update(uses=more)


def showpiece(posts: Iterable[Post]) -> Post | None:
    """Of posts that were read with `hung()` the newest that shows all three: photo, style and painting."""
    return next((post for post in posts if post.shown.show_photo and post.shown.shown_styles), None)


def _words(post: Post) -> CombinedExpression:
    title = SearchVector(Value(post.title), weight="A", config=search.CONFIG)
    tags = SearchVector(Value(" ".join(post.tags)), weight="B", config=search.CONFIG)
    return title + tags + SearchVector(Value(post.owner.handle), weight="C", config=search.AS_IS)
