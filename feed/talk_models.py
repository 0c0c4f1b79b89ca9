"""THE GALLERY: what people do with pictures and with each other: likes, comments, following."""

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stylize.materials import new_key

if TYPE_CHECKING:
    from feed.models import Post


class Like(models.Model):
    post = models.ForeignKey("feed.Post", on_delete=models.CASCADE, related_name="likes")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="likes")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("like")
        verbose_name_plural = _("likes")
        constraints: ClassVar = [models.UniqueConstraint(fields=["post", "owner"], name="feed_like_once")]
        indexes: ClassVar = [models.Index(fields=["owner", "-id"], name="feed_like_owner")]

    def __str__(self) -> str:
        return f"{self.owner} ♥ {self.post}"


class CommentQuerySet(models.QuerySet["Comment"]):
    def with_people(self) -> "CommentQuerySet":
        return self.select_related("owner", "post__owner", "post__job")

    def under(self, post: "Post", *, after: int | None) -> "CommentQuerySet":
        """Oldest first, with their writers; `after` is the last one of the page before."""
        found = self.filter(post=post).select_related("owner").order_by("pk")
        return found if after is None else found.filter(pk__gt=after)


class Comment(models.Model):
    """Plain text. Its author, the picture's owner and staff remove it for good."""

    key = models.CharField(max_length=24, unique=True, default=new_key, editable=False)
    form_token = models.UUIDField(unique=True, null=True, editable=False)  # one form sent twice is one comment
    post = models.ForeignKey("feed.Post", on_delete=models.CASCADE, related_name="comments")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="comments")
    text = models.CharField(_("comment"), max_length=1000)
    at = models.DateTimeField(default=timezone.now)

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [
            models.Index(fields=["post", "id"], name="feed_comment_post"),
            models.Index(fields=["owner", "-id"], name="feed_comment_owner"),
        ]

    def __str__(self) -> str:
        return self.text[:80]


class Follow(models.Model):
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="follows")
    followed = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="followers")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("follow")
        verbose_name_plural = _("follows")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "followed"], name="feed_follow_once"),
            models.CheckConstraint(condition=~Q(owner=F("followed")), name="feed_follow_another"),
        ]
        indexes: ClassVar = [models.Index(fields=["followed", "-id"], name="feed_follow_followed")]

    def __str__(self) -> str:
        return f"{self.owner} → {self.followed}"
