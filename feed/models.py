"""THE GALLERY: a post is a finished job on the wall."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Final

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from feed import heat, search
from feed.report_models import Act as Act
from feed.report_models import Report as Report
from feed.shown import OF_A_STYLE, OF_THE_JOB, OF_THE_POST, Shown, ShownStyle
from feed.talk_models import Comment as Comment  # in files of their own
from feed.talk_models import Follow as Follow
from feed.talk_models import Like as Like
from people.models import User
from stylize.models import Job, JobStyle

BY_THE_FOLLOWED: Final = """
WITH place AS (
    SELECT coalesce((SELECT id FROM feed_post WHERE id < %s ORDER BY id DESC OFFSET %s LIMIT 1), 0) AS id
)
(SELECT post.id FROM feed_post post JOIN stylize_job job ON job.id = post.job_id
 WHERE post.id < %s AND post.id >= (SELECT id FROM place) AND (job.status, job.visibility) = ('done', 'public')
 AND EXISTS (SELECT FROM feed_follow WHERE owner_id = %s AND followed_id = post.owner_id)
 ORDER BY post.id DESC LIMIT %s)
UNION ALL
(SELECT newest.id FROM feed_follow follow CROSS JOIN LATERAL (
    SELECT post.id FROM feed_post post JOIN stylize_job job ON job.id = post.job_id
    WHERE post.owner_id = follow.followed_id AND post.id < (SELECT id FROM place)
    AND (job.status, job.visibility) = ('done', 'public') ORDER BY post.id DESC LIMIT %s
 ) newest WHERE follow.owner_id = %s ORDER BY newest.id DESC LIMIT %s)
LIMIT %s"""
"""First among the newest of all: whoever follows many finds a page there. Only where that is not enough, so for whoever
follows few, the newest of each, and the newest of these. So many people and few, idle and busy ones cost alike.
"""
AMONG: Final = 2_000  # the newest
NEWER_THAN_ALL: Final = 2**63 - 1


class PostQuerySet(models.QuerySet["Post"]):
    def for_public_feed(self) -> "PostQuerySet":
        """Newest first."""
        return self.filter(job__status=Job.Status.DONE, job__visibility=Job.Visibility.PUBLIC).order_by("-id")

    def older_than(self, post_id: int | None) -> "PostQuerySet":
        """Those after it, newest first; None: all."""
        return self if post_id is None else self.filter(pk__lt=post_id)

    def best(self, span: heat.Span, *, since: datetime, after: heat.Place | None) -> "PostQuerySet":
        """Those hung since then, warmest first."""
        column = span.column
        warm = self.filter(created_at__gte=since, **{f"{column}__gte": span.least_since(since)})
        if after is not None:
            same = Q(**{column: after.heat}, pk__lt=after.id)
            warm = warm.filter(Q(**{f"{column}__lt": after.heat}) | same, **{f"{column}__lte": after.heat})
        return warm.order_by(f"-{column}", "-id")

    def for_follower(self, user: User, *, before: int | None, at_most: int) -> "PostQuerySet":
        """The newest public ones of the people whom `user` follows."""
        place = before or NEWER_THAN_ALL
        told = (place, AMONG, place, user.pk, at_most, at_most, user.pk, at_most, at_most)
        return self.filter(pk__in=RawSQL(BY_THE_FOLLOWED, told)).order_by("-id")  # noqa: S611  # with parameters

    def tagged(self, *tags: str) -> "PostQuerySet":
        return self.filter(tags__contains=list(tags))

    def by(self, handles: Sequence[str]) -> "PostQuerySet":
        """One's alone is read in the order of its index; no picture is by several."""
        painters = User.objects.filter(handle__in=handles).values("pk")
        return self.filter(owner=painters[:1]) if len(handles) == 1 else self.none()

    def found_by(self, asked: search.Asked) -> "PostQuerySet":
        found = self.tagged(*asked.tags) if asked.tags else self
        if asked.handles:
            found = found.by(asked.handles)
        return found.filter(words=asked.query) if asked.words else found

    def hung(self, at_most: int, *columns: str) -> list["Post"]:
        """The first of them, in two queries, each with no more than its card shows: in `shown`; and these columns."""
        read = ("id", "job_id", "created_at", *columns)
        rows = list(self.values_list(*read, *OF_THE_POST, *OF_THE_JOB)[:at_most])
        styles = defaultdict[int, list[ShownStyle]](list)
        links = JobStyle.objects.filter(job_id__in=[job_id for _id, job_id, *_rest in rows])
        for job_id, *style in links.values_list("job_id", *OF_A_STYLE):
            styles[job_id].append(ShownStyle(*style))
        hung = []
        for row in rows:
            post = Post(**dict(zip(read, row, strict=False)))
            title, likes, *of_the_job = row[len(read) :]
            post.shown = Shown._make((*of_the_job, tuple(styles[post.job_id]), title, likes))
            hung.append(post)
        return hung

    def visible_to(self, user: User | None) -> "PostQuerySet":
        return self.on_the_wall().filter(job__in=Job.objects.visible_to(user))

    def on_the_wall(self) -> "PostQuerySet":
        """Without those whose painting was lost in the storage."""
        return self.with_pictures().filter(job__status=Job.Status.DONE)

    def with_words(self) -> "PostQuerySet":
        """All that telling.py says about them."""
        styles = models.Prefetch("job__style_links", JobStyle.objects.select_related("style"))
        return self.select_related("job__owner").prefetch_related(styles)

    def with_pictures(self) -> "PostQuerySet":
        links = models.Prefetch("job__style_links", JobStyle.objects.select_related("style__image"))
        return self.select_related("job__photo", "job__owner", "owner").prefetch_related(links)

    def with_like_of(self, user: User | None) -> "PostQuerySet":
        """Whether `user` likes it, in `is_liked`."""
        return self.annotate(is_liked=Exists(Like.objects.filter(post=OuterRef("pk"), owner=user)))


class Post(models.Model):
    """Made in the transaction that finishes the job; the job says who may see it. `owner` is the job's.

    What counts likes and comments, and what orders by them, is written by posts.py and talk.py in one statement with
    the like or the comment itself.
    """

    job = models.OneToOneField(Job, on_delete=models.CASCADE)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="posts")
    title = models.CharField(_("title"), max_length=80, blank=True)
    tags = ArrayField(models.CharField(max_length=30), default=list, blank=True, verbose_name=_("tags"))
    created_at = models.DateTimeField(default=timezone.now)
    likes_count = models.PositiveIntegerField(default=0, editable=False)
    comments_count = models.PositiveIntegerField(default=0, editable=False)
    heat_day = models.FloatField(default=0.0, editable=False)  # likes that fade: heat.py
    heat_week = models.FloatField(default=0.0, editable=False)
    heat_month = models.FloatField(default=0.0, editable=False)
    words = SearchVectorField(null=True, editable=False)  # of title, tags and the owner's handle: posts.py
    shown: Shown  # of a post that was read with `hung()`

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["owner", "-id"], name="feed_post_owner"),
            models.Index(fields=["-heat_day", "-id"], name="feed_post_heat_day"),
            models.Index(fields=["-heat_week", "-id"], name="feed_post_heat_week"),
            models.Index(fields=["-heat_month", "-id"], name="feed_post_heat_month"),
            models.Index(fields=["-likes_count", "-id"], name="feed_post_likes"),  # the best of a style
            GinIndex(fields=["words"], name="feed_post_words"),
            GinIndex(fields=["tags"], name="feed_post_tags"),
        ]

    def __str__(self) -> str:
        return str(self.job)
