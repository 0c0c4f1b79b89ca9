"""THE GALLERY: a post is a finished job on the wall."""

from typing import ClassVar

from django.db import models
from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from people.models import User
from stylize.models import Job, JobStyle

ON_A_CARD = (
    "job__key", "job__width", "job__height", "job__show_photo", "job__sample", "job__status", "job__visibility",
    "job__result_version", "job__owner__handle",
)  # fmt: skip


class PostQuerySet(models.QuerySet["Post"]):
    def for_public_feed(self) -> "PostQuerySet":
        """Newest first, each with no more than its card shows."""
        shown = self.filter(job__status=Job.Status.DONE, job__visibility=Job.Visibility.PUBLIC).order_by("-id")
        styles = JobStyle.objects.select_related("style").only("job_id", "style__key", "style__name", "style__slug")
        links: Prefetch[str] = Prefetch("job__style_links", styles)
        return shown.select_related("job__owner").only("created_at", *ON_A_CARD).prefetch_related(links)

    def visible_to(self, user: User | None) -> "PostQuerySet":
        return self.on_the_wall().filter(job__in=Job.objects.visible_to(user))

    def on_the_wall(self) -> "PostQuerySet":
        """Without those whose painting was lost in the storage."""
        return self.with_pictures().filter(job__status=Job.Status.DONE)

    def with_pictures(self) -> "PostQuerySet":
        return self.select_related("job__photo", "job__owner").prefetch_related("job__style_links__style__image")


class Post(models.Model):
    """Made in the transaction that finishes the job; the job says who may see it."""

    job = models.OneToOneField(Job, on_delete=models.CASCADE)
    created_at = models.DateTimeField(default=timezone.now)

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return str(self.job)
