"""THE GALLERY: a post is a finished job on the wall."""

from collections import defaultdict
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from feed.report_models import Act as Act
from feed.report_models import Report as Report
from feed.shown import OF_A_STYLE, OF_THE_JOB, Shown, ShownStyle
from feed.talk_models import Comment as Comment  # in files of their own
from feed.talk_models import Follow as Follow
from feed.talk_models import Like as Like
from people.models import User
from stylize.models import Job, JobStyle


class PostQuerySet(models.QuerySet["Post"]):
    def for_public_feed(self) -> "PostQuerySet":
        """Newest first."""
        return self.filter(job__status=Job.Status.DONE, job__visibility=Job.Visibility.PUBLIC).order_by("-id")

    def hung(self, at_most: int) -> list["Post"]:
        """The first of them, in two queries, each with no more than its card shows: in `shown`."""
        rows = list(self.values_list("id", "job_id", "created_at", *OF_THE_JOB)[:at_most])
        styles = defaultdict[int, list[ShownStyle]](list)
        links = JobStyle.objects.filter(job_id__in=[job_id for _id, job_id, *_rest in rows])
        for job_id, *style in links.values_list("job_id", *OF_A_STYLE):
            styles[job_id].append(ShownStyle(*style))
        hung = []
        for pk, job_id, created_at, *of_the_job in rows:
            post = Post(id=pk, job_id=job_id, created_at=created_at)
            post.shown = Shown._make((*of_the_job, tuple(styles[job_id])))
            hung.append(post)
        return hung

    def visible_to(self, user: User | None) -> "PostQuerySet":
        return self.on_the_wall().filter(job__in=Job.objects.visible_to(user))

    def on_the_wall(self) -> "PostQuerySet":
        """Without those whose painting was lost in the storage."""
        return self.with_pictures().filter(job__status=Job.Status.DONE)

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
            GinIndex(fields=["words"], name="feed_post_words"),
        ]

    def __str__(self) -> str:
        return str(self.job)
