"""THE GALLERY: reports of what should not hang here, and the log of what staff did about them."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stylize.materials import new_key


class Report(models.Model):
    """Of a picture or of a comment on it; moderation.py closes it."""

    class Reason(models.TextChoices):
        SEXUAL = "sexual", _("Nudity or sexual content")
        VIOLENCE = "violence", _("Violence or cruelty")
        HATE = "hate", _("Hate or harassment")
        RIGHTS = "rights", _("It is mine, or shows me, without my leave")
        SPAM = "spam", _("Spam or advertising")
        OTHER = "other", _("Something else")

    class Outcome(models.TextChoices):
        KEPT = "kept", _("left where it is")
        TAKEN_DOWN = "taken_down", _("taken down")
        GONE = "gone", _("removed by its owner meanwhile")

    key = models.CharField(max_length=24, unique=True, default=new_key, editable=False)
    post = models.ForeignKey("feed.Post", on_delete=models.SET_NULL, null=True, related_name="reports")
    comment = models.ForeignKey("feed.Comment", on_delete=models.SET_NULL, null=True, related_name="reports")
    of_comment = models.BooleanField(default=False)  # also when the comment is gone
    picture_key = models.CharField(max_length=24)  # the picture's, also when it is gone
    owner = models.ForeignKey(  # who reports; null: a visitor without an account
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="reports"
    )
    reason = models.CharField(_("reason"), max_length=10, choices=Reason.choices)
    words = models.CharField(_("what is wrong with it"), max_length=500, blank=True)
    at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)  # empty: open
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["owner", "post"], condition=Q(outcome="", of_comment=False), name="feed_report_picture_once"
            ),
            models.UniqueConstraint(
                fields=["owner", "comment"], condition=Q(outcome=""), name="feed_report_comment_once"
            ),
            models.CheckConstraint(
                condition=Q(outcome="") | Q(closed_at__isnull=False), name="feed_report_closed_when"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=Q(outcome=""), name="feed_report_open"),
            models.Index(fields=["picture_key"], name="feed_report_picture"),
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.picture_key}"


class Act(models.Model):
    """One line of the audit log: what staff did to somebody's picture, comment or account, and why. Never changed."""

    class What(models.TextChoices):
        TAKE_DOWN = "take_down", _("took a picture down")
        PUT_BACK = "put_back", _("let it be shown again")
        REMOVE_COMMENT = "remove", _("removed a comment")
        KEEP = "keep", _("left it where it is")
        BAR_STYLE = "bar_style", _("took a style out of the gallery")

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="acts")
    by_name = models.CharField(max_length=254)  # as it was then
    what = models.CharField(max_length=10, choices=What.choices)
    key = models.CharField(max_length=24, db_index=True)  # of the picture, the comment or the style
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    before = models.CharField(max_length=10, blank=True)  # who could see it before, for putting it back
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("act of staff")
        verbose_name_plural = _("acts of staff")
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.what} {self.key}"
