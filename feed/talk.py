"""THE GALLERY: likes, comments and following. Besides, staff and the house take them away (moderation.py, leaving.py).

A count changes with its row, in one transaction, and only when the row has really come or gone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from feed import heat, moderation
from feed.models import Comment, Follow, Like, Post
from people import notices
from people.models import User

Kind = notices.Kind


class Gone(Exception):
    """The picture or the person is not there any more."""


class Taken(Exception):
    """The form's token belongs to a comment of somebody else, or on another picture."""


def like(post: Post, by: User) -> bool:
    """Whether it is a new like: a second click changes nothing. Raises Gone."""
    with _alone_with(post, by):
        new = _add_like(post, by)
        if new:
            _count_like(post, 1)
            notices.tell(post.owner, Kind.LIKED, by=by, key=post.job.key)
    return new


def unlike(post: Post, by: User) -> bool:
    """Whether there was a like to take back. Raises Gone."""
    with _alone_with(post, by):
        gone, _rows = Like.objects.filter(post=post, owner=by).delete()
        if gone:
            _count_like(post, -1)
    return bool(gone)


def say(post: Post, by: User, text: str, *, form_token: UUID | None = None) -> Comment:
    """One form sent twice is one comment. Raises Gone and Taken."""
    with _alone_with(post, by):
        comment, new = _add_comment(post, by, text, form_token)
        if new:
            Post.objects.filter(pk=post.pk).update(comments_count=F("comments_count") + 1)
            notices.tell(post.owner, Kind.COMMENTED, by=by, key=post.job.key, words=text)
    return comment


def remove(comment: Comment) -> bool:
    """For good, and what was told of it, too. Raises Gone."""
    with _alone_with(comment.post, comment.owner):
        moderation.comments_go([comment.pk])
        gone, _rows = Comment.objects.filter(pk=comment.pk).delete()
        if gone:
            Post.objects.filter(pk=comment.post_id).update(comments_count=F("comments_count") - 1)
            of = comment.post
            notices.untell(of.owner, Kind.COMMENTED, by=comment.owner, key=of.job.key, words=comment.text)
    return bool(gone)


def follow(person: User, by: User) -> bool:
    """Whether it is new. Raises Gone, also where there is nobody to follow: a guest, or oneself."""
    if person == by or person.is_guest:
        raise Gone
    with transaction.atomic():
        _hold(person, by)
        _follow, new = Follow.objects.get_or_create(owner=by, followed=person)
        if new:
            notices.tell(person, Kind.FOLLOWED, by=by)
    return new


def unfollow(person: User, by: User) -> bool:
    gone, _rows = Follow.objects.filter(owner=by, followed=person).delete()
    return bool(gone)


@transaction.atomic
@contextmanager
def _alone_with(post: Post, by: User) -> Iterator[None]:
    """A transaction that holds both people, then the picture: whoever deletes one of them waits, or is waited for."""
    with transaction.atomic():
        _hold(by, post.owner)
        held = Post.objects.order_by().select_for_update(no_key=True).filter(pk=post.pk)
        if not list(held.values_list("pk")):
            raise Gone
        yield


def _hold(*people: User) -> None:
    """In one order, whoever they are. Raises Gone."""
    wanted = {person.pk for person in people}
    held = User.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk")
    if len(held.values_list("pk")) < len(wanted):
        raise Gone


def _add_like(post: Post, by: User) -> bool:
    _like, new = Like.objects.get_or_create(post=post, owner=by)
    return new


def _add_comment(post: Post, by: User, text: str, form_token: UUID | None) -> tuple[Comment, bool]:
    if form_token is None:
        return Comment.objects.create(post=post, owner=by, text=text), True
    try:
        return Comment.objects.get_or_create(form_token=form_token, post=post, owner=by, defaults={"text": text})
    except IntegrityError as error:
        raise Taken from error


def _count_like(post: Post, by: int) -> None:
    likes = F("likes_count") + by
    Post.objects.filter(pk=post.pk).update(likes_count=likes, **heat.columns(likes))
