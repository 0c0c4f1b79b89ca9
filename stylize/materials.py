"""THE BENCH: what people bring: uploads, masks of what is to stay as it is, and styles to paint with."""

import secrets
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext
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


class StyleQuerySet(models.QuerySet["Style"]):
    def for_gallery(self) -> "StyleQuerySet":
        return self.filter(listed=True).select_related("image").order_by("id")

    def usable_by(self, user: User | None) -> "StyleQuerySet":
        """What `user` may paint with: what is open to all, one's own, and what one has saved."""
        usable = _is_open()
        if user:
            usable |= Q(owner=user) | Q(Exists(Filter.objects.filter(style=OuterRef("pk"), owner=user)))
        return self.filter(usable).select_related("image")

    def unused(self) -> "StyleQuerySet":
        """Neither the house's, nor of any painting, nor saved by anybody."""
        return self.filter(listed=False, job=None, filters=None)

    def open(self) -> "StyleQuerySet":
        """The house's, those of pictures everybody can see, and those that their owners show in the gallery."""
        return self.filter(_is_open())


def _is_open() -> Q:
    """Each a question of its own: a style of many pictures and many filters is found once, and at the first of them."""
    this = Style.objects.filter(pk=OuterRef("pk"))
    in_a_public_picture = Exists(this.filter(job__status="done", job__visibility="public"))
    return (
        Q(listed=True) | in_a_public_picture | Exists(this.filter(filters__is_public=True, filters__owner=F("owner")))
    )


class Style(models.Model):
    """A style image with a name; listed ones are the gallery that everybody chooses from."""

    key = models.CharField(max_length=24, unique=True, default=new_key, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    image = models.OneToOneField(Upload, on_delete=models.PROTECT)
    name = models.CharField(_("name"), max_length=80, blank=True)
    slug = models.SlugField(unique=True, null=True, blank=True)  # of a house style
    listed = models.BooleanField(_("in the gallery"), default=False)
    uses = models.PositiveIntegerField(default=0, editable=False)  # finished pictures that were painted with it
    created_at = models.DateTimeField(default=timezone.now)

    objects = StyleQuerySet.as_manager()

    class Meta:
        verbose_name = _("style")
        verbose_name_plural = _("styles")
        indexes: ClassVar = [models.Index(fields=["id"], condition=Q(listed=True), name="stylize_style_gallery")]

    def __str__(self) -> str:
        return self.name or self.key

    @property
    def title(self) -> str:
        """Its name for people; the house styles have one in every language."""
        return gettext(self.name) if self.slug and self.name else self.name


class FilterQuerySet(models.QuerySet["Filter"]):
    def owned_by(self, user: User | None) -> "FilterQuerySet":
        return self.filter(owner=user) if user else self.none()

    def shown(self) -> "FilterQuerySet":
        """In the gallery; whose style somebody else has hidden again is not, until it is shown once more."""
        return self.filter(_is_shown())

    def visible_to(self, user: User | None) -> "FilterQuerySet":
        return self.filter(_is_shown() | Q(owner=user)) if user else self.shown()

    def with_styles(self) -> "FilterQuerySet":
        return self.select_related("style__image", "owner")


def _is_shown() -> Q:
    return Q(is_public=True) & Q(Exists(Style.objects.open().filter(pk=OuterRef("style"))))


class Filter(models.Model):
    """A style that somebody has saved, with a name and the settings that suit it; public ones are the gallery's."""

    key = models.CharField(max_length=24, unique=True, default=new_key, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="filters")
    style = models.ForeignKey(Style, on_delete=models.PROTECT, related_name="filters")
    name = models.CharField(_("name"), max_length=80)
    controls: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict, blank=True)
    is_public = models.BooleanField(_("in the gallery of styles"), default=False)
    is_barred = models.BooleanField(default=False, editable=False)  # staff have taken it down: it stays private
    uses = models.PositiveIntegerField(default=0, editable=False)  # of its style, for the gallery's order
    created_at = models.DateTimeField(default=timezone.now)

    objects = FilterQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved style")
        verbose_name_plural = _("saved styles")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "name"], name="stylize_filter_name_once"),
            models.CheckConstraint(condition=Q(is_public=False) | Q(is_barred=False), name="stylize_filter_barred"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-uses", "-id"], condition=Q(is_public=True), name="stylize_filter_gallery"),
            models.Index(fields=["owner", "-id"], name="stylize_filter_owner"),
        ]

    def __str__(self) -> str:
        return self.name
