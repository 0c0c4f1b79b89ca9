"""THE GALLERY: reports, and what staff do about them. No other module writes Report and Act rows.

Whatever staff do is one transaction: the change itself, its line in the log, the reports that it closes, and the word
to its owner. The change is compare-and-set, so of two who do the same at once only one has done it.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from feed.models import Act, Comment, Post, Report
from people import notices
from people.models import Notice, User
from stylize import exposure, showing
from stylize.models import Filter, Job

log = logging.getLogger(__name__)
What, Outcome = Act.What, Report.Outcome


@dataclass(frozen=True)
class Complaint:
    reason: str
    words: str = ""


# Of everybody ---------------------------------------------------------------------------------------------------------


def report(post: Post, by: User | None, complaint: Complaint, *, comment: Comment | None = None) -> bool:
    """Write it down. False: this person's report of the same is still open, or it has just been deleted."""
    try:
        with transaction.atomic():
            Report.objects.create(
                post=post, comment=comment, of_comment=comment is not None, picture_key=post.job.key, owner=by,
                reason=complaint.reason, words=complaint.words,
            )  # fmt: skip
    except IntegrityError:
        return False
    log.info("picture %s: reported: %s", post.job.key, complaint.reason)
    return True


# Of staff -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def take_down(post: Post, by: User, reason: str) -> bool:
    """Nobody but its owner sees the picture, and its owner reads why. Canvases of it that are ordered are made.

    False: it is down already, or gone.
    """
    owner = _locked_owner(post.owner_id)
    before = exposure.bar(post.job) if owner else None
    if owner is None or before is None:
        return False
    _act(by, What.TAKE_DOWN, post.job.key, reason, before=before)
    _close(of_picture(post.job.key), Outcome.TAKEN_DOWN)
    notices.tell(owner, Notice.Kind.TAKEN_DOWN, key=post.job.key, words=reason)
    return True


@transaction.atomic
def put_back(post: Post, by: User, reason: str) -> bool:
    """As it was shown before it was taken down. False: it is not down."""
    if _locked_owner(post.owner_id) is None:
        return False
    last = Act.objects.filter(key=post.job.key, what=What.TAKE_DOWN).first()
    if not exposure.unbar(post.job, last.before if last else ""):
        return False
    _act(by, What.PUT_BACK, post.job.key, reason)
    return True


@transaction.atomic
def keep(post: Post, by: User, reason: str) -> bool:
    """Nothing is wrong with the picture. False: no report of it is open."""
    if not _close(of_picture(post.job.key), Outcome.KEPT):
        return False
    _act(by, What.KEEP, post.job.key, reason)
    return True


@transaction.atomic
def remove_comment(comment: Comment, by: User, reason: str) -> bool:
    """For good; its author reads why. False: it is gone already."""
    author = _locked_owner(comment.owner_id)
    found = (
        Comment.objects.select_for_update(of=("self",))
        .select_related("post__job", "post__owner")
        .filter(pk=comment.pk)
        .first()
    )
    if author is None or found is None:
        return False
    _act(by, What.REMOVE_COMMENT, found.key, reason)
    _close(Report.objects.filter(comment=found), Outcome.TAKEN_DOWN)
    notices.tell(author, Notice.Kind.TAKEN_DOWN, key=found.post.job.key, words=reason)
    notices.untell(found.post.owner, Notice.Kind.COMMENTED, by=author, key=found.post.job.key, words=found.text)
    Post.objects.filter(pk=found.post_id).update(comments_count=F("comments_count") - 1)
    found.delete()
    showing.changed()
    return True


@transaction.atomic
def keep_comment(comment: Comment, by: User, reason: str) -> bool:
    if not _close(Report.objects.filter(comment=comment), Outcome.KEPT):
        return False
    _act(by, What.KEEP, comment.key, reason)
    return True


@transaction.atomic
def bar_style(style: Filter, by: User, reason: str) -> bool:
    """A saved style leaves the gallery; its owner keeps it, and reads why."""
    owner = _locked_owner(style.owner_id)
    if owner is None or not exposure.bar_filter(style):
        return False
    _act(by, What.BAR_STYLE, style.key, reason)
    notices.tell(owner, Notice.Kind.TAKEN_DOWN, words=reason)
    return True


@transaction.atomic
def unbar_style(style: Filter, by: User, reason: str) -> bool:
    if not exposure.unbar_filter(style):
        return False
    _act(by, What.PUT_BACK, style.key, reason)
    return True


# What goes by itself --------------------------------------------------------------------------------------------------


def farewell(job: Job) -> None:
    """A picture is being deleted, and its comments with it: their reports need nobody any more."""
    _close(Report.objects.filter(picture_key=job.key), Outcome.GONE)


def comments_go(pks: Collection[int]) -> None:
    """Comments are about to be deleted by their authors or by the picture's owner."""
    _close(Report.objects.filter(comment__in=pks), Outcome.GONE)


def close_gone() -> int:
    """Reports of what went without a word; how many."""
    gone = Q(of_comment=True, comment=None) | Q(of_comment=False, post=None)
    return _close(Report.objects.filter(gone), Outcome.GONE)


# Reads ----------------------------------------------------------------------------------------------------------------


def of_picture(key: str) -> "QuerySet[Report]":
    """Of the picture itself, not of comments on it."""
    return Report.objects.filter(picture_key=key, of_comment=False)


def still_open() -> "QuerySet[Report]":
    """Of what is still there."""
    there = Q(of_comment=True, comment__isnull=False) | Q(of_comment=False, post__isnull=False)
    return Report.objects.filter(there, outcome="")


def why_down(key: str) -> str:
    """What staff wrote when they took this picture or saved style down last."""
    down = Act.objects.filter(key=key, what__in=[What.TAKE_DOWN, What.BAR_STYLE])
    return down.values_list("reason", flat=True).first() or ""


# Within ---------------------------------------------------------------------------------------------------------------


def _locked_owner(pk: int) -> User | None:
    """Before the picture, as everywhere."""
    return User.objects.select_for_update(no_key=True).filter(pk=pk).first()


def _act(by: User, what: str, key: str, reason: str, *, before: str = "") -> None:
    Act.objects.create(by=by, by_name=str(by), what=what, key=key, reason=reason, before=before)
    log.info("%s: %s by person %d", key, what, by.pk)


def _close(some: "QuerySet[Report]", outcome: str) -> int:
    return some.filter(outcome="").update(outcome=outcome, closed_at=timezone.now())
