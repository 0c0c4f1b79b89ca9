"""THE GALLERY: a person who leaves takes their likes, comments and follows along; every count stays right.

Their posts go with their pictures. Rows are locked, counted and deleted in one transaction, a few hundred at a time.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from django.db import transaction
from django.db.models import F, Model, Q

from feed import heat, moderation
from feed.models import Comment, Follow, Like, Post
from people.models import User
from stylize import showing

AT_ONCE: Final = 500


def hide(person: User) -> None:
    """What others could read of them goes at once."""
    _erase_comments(person)
    Follow.objects.filter(Q(owner=person) | Q(followed=person)).delete()


def erase(person: User) -> None:
    _erase_comments(person)
    while _erase_some_likes(person):
        pass
    Follow.objects.filter(Q(owner=person) | Q(followed=person)).delete()


def _erase_comments(person: User) -> None:
    while _erase_some_comments(person):
        pass


@transaction.atomic
def _erase_some_comments(person: User) -> int:
    taken = _locked(Comment, person)
    moderation.comments_go([pk for pk, _post in taken])
    Comment.objects.filter(pk__in=[pk for pk, _post in taken]).delete()
    for many, posts in _by_number(post for _pk, post in taken).items():
        Post.objects.filter(pk__in=posts).update(comments_count=F("comments_count") - many)
    showing.changed()
    return len(taken)


@transaction.atomic
def _erase_some_likes(person: User) -> int:
    taken = _locked(Like, person)
    Like.objects.filter(pk__in=[pk for pk, _post in taken]).delete()
    fewer = F("likes_count") - 1
    Post.objects.filter(pk__in=[post for _pk, post in taken]).update(likes_count=fewer, **heat.columns(fewer))
    return len(taken)


def _locked(model: type[Model], person: User) -> list[tuple[int, int]]:
    """Rows that nobody else is taking away at the same moment, each with its post."""
    rows = model._default_manager.select_for_update().filter(owner=person).order_by("post_id", "pk")
    return list(rows.values_list("pk", "post_id")[:AT_ONCE])


def _by_number(posts: Iterable[int]) -> dict[int, list[int]]:
    """How many of them are of each post, turned round: so many posts lose one, so many two."""
    turned: dict[int, list[int]] = {}
    for post, many in Counter(posts).items():
        turned.setdefault(many, []).append(post)
    return turned
