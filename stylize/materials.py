"""THE BENCH: what people bring: uploads, and masks of what is to stay as it is."""

import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from people.models import User


def new_key() -> str:
    """An unguessable name for an address or a file."""
    return secrets.token_urlsafe(15)


class UploadQuerySet(models.QuerySet["Upload"]):
    def owned_by(self, user: User | None) -> "UploadQuerySet":
        return self.filter(owner=user) if user else self.none()

    def unused(self) -> "UploadQuerySet":
        return self.filter(job=None, style=None)


class Upload(models.Model):
    """A picture somebody gave us, checked and re-encoded at full size; `file` names it on disk."""

    key = models.CharField(max_length=24, unique=True, default=new_key, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    file = models.CharField(max_length=120, unique=True)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")

    def __str__(self) -> str:
        return f"{self.key} ({self.width}×{self.height})"


class MaskQuerySet(models.QuerySet["Mask"]):
    def owned_by(self, user: User | None) -> "MaskQuerySet":
        return self.filter(owner=user) if user else self.none()

    def unused(self) -> "MaskQuerySet":
        return self.filter(job=None)


class Mask(models.Model):
    """What of a photo stays as it is: a grey picture, white there, in the geometry of the framed photo."""

    key = models.CharField(max_length=24, unique=True, default=new_key, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    file = models.CharField(max_length=120, unique=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = MaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("mask")
        verbose_name_plural = _("masks")

    def __str__(self) -> str:
        return self.key
