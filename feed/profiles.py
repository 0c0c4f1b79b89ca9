"""THE GALLERY: people as others see them, and what they say about themselves."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from feed import posts
from feed.models import Follow, Post
from people.models import User
from stylize.models import Filter


class Taken(Exception):
    """Somebody else has this handle."""


def of(handle: str, viewer: User | None) -> User | None:
    """With their counts, and whether `viewer` follows them. A guest is somebody once they show a picture."""
    people = User.objects.filter(handle=handle, is_active=True).annotate(
        pictures_count=_count(Post.objects.for_public_feed(), "owner"),
        styles_count=_count(Filter.objects.visible_to(None), "owner"),
        followers_count=_count(Follow.objects.filter(owner__is_active=True), "followed"),
        following_count=_count(Follow.objects.filter(followed__is_active=True), "owner"),
        is_followed=Exists(Follow.objects.filter(owner=viewer, followed=OuterRef("pk"))),
    )
    person = people.first()
    return None if person is None or (person.is_guest and not person.pictures_count) else person


def followers(person: User) -> QuerySet[Follow]:
    """Newest first."""
    return Follow.objects.filter(followed=person, owner__is_active=True).select_related("owner").order_by("-pk")


def following(person: User) -> QuerySet[Follow]:
    return Follow.objects.filter(owner=person, followed__is_active=True).select_related("followed").order_by("-pk")


def change(person: User, *, handle: str, about: str) -> None:
    """Raises Taken."""
    try:
        with transaction.atomic():
            before = User.objects.select_for_update().values_list("handle", flat=True).get(pk=person.pk)
            User.objects.filter(pk=person.pk).update(handle=handle, about=about)
            person.handle, person.about = handle, about
            if handle != before:
                posts.renamed(person)
    except IntegrityError as error:
        raise Taken from error


def _count(rows: "QuerySet[Any]", column: str) -> Coalesce:
    each = rows.filter(**{column: OuterRef("pk")}).order_by().values(column).annotate(count=Count("pk"))
    return Coalesce(Subquery(each.values("count"), output_field=IntegerField()), 0)
