"""THE DOOR: who owns pictures. A guest is a user without an e-mail address, bound to one browser session."""

import secrets
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

HANDLE_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that reads like something else


def new_handle() -> str:
    return "painter-" + "".join(secrets.choice(HANDLE_ALPHABET) for _ in range(8))


def new_export_key() -> str:
    return secrets.token_urlsafe(15)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    email = models.EmailField(_("e-mail"), unique=True, null=True, blank=True)
    handle = models.CharField(
        _("handle"),
        max_length=30,
        unique=True,
        default=new_handle,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9-]{2,29}\Z", _("Use 3 to 30 of a-z, 0-9 and -."))],
    )
    is_guest = models.BooleanField(_("guest"), default=False, editable=False)
    address_hash = models.CharField(max_length=32, blank=True, editable=False)  # of a guest's network address
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("staff"), default=False)
    language = models.CharField(_("language"), max_length=10, blank=True)  # of mail to them; empty: not known
    about = models.CharField(_("about me"), max_length=200, blank=True)
    avatar = models.CharField(max_length=120, blank=True, editable=False)  # the file's name; empty: none
    mail_when_done = models.BooleanField(_("mail when a picture is done or has failed"), default=True)
    muted: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list, blank=True, editable=False)
    # what notices.py is not to tell, as "site:liked" or "mail:followed"
    digest_at = models.DateTimeField(null=True, editable=False)  # when the last digest of notices went to them
    one_time_password = models.BooleanField(_("must choose a password"), default=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    leaving_at = models.DateTimeField(null=True, editable=False)  # when they asked to be deleted: erasure.py

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("email"), name="people_email_unique_whatever_the_case"),
            models.CheckConstraint(condition=Q(is_guest=Q(email=None)), name="people_guest_has_no_email"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["address_hash", "created_at"], name="people_guests_by_address", condition=Q(is_guest=True)
            ),
            models.Index(fields=["leaving_at"], name="people_leaving", condition=Q(leaving_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.email or self.handle


class NoticeQuerySet(models.QuerySet["Notice"]):
    def on_site(self, owner: User) -> "NoticeQuerySet":
        """Those that their owner wants to see there; the others were read as they were written."""
        shown = Q(read_at=None) | Q(read_at__gt=F("at"))
        return self.filter(shown, owner=owner).order_by("-id")

    def untold(self) -> "NoticeQuerySet":
        """That the digest is to tell of: nobody has read them, unless they were never shown on the site."""
        return self.filter(Q(read_at=None) | Q(read_at=F("at")), mailed_at=None)


class Notice(models.Model):
    """Something that happened to somebody's pictures, or to themselves; notices.py writes them."""

    class Kind(models.TextChoices):
        DONE = "done", _("A picture of mine is done")
        FAILED = "failed", _("A picture of mine has failed")
        LIKED = "liked", _("Somebody likes a picture of mine")
        COMMENTED = "commented", _("Somebody has commented on a picture of mine")
        FOLLOWED = "followed", _("Somebody follows me")
        TAKEN_DOWN = "taken_down", _("Something of mine was taken down")

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    key = models.CharField(max_length=24, blank=True)  # of the picture
    words = models.CharField(max_length=500, blank=True)  # of whoever did it
    at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)  # when the digest told of it, or need not

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(  # whoever likes, regrets and likes again is told of once
                fields=["owner", "kind", "by", "key"],
                condition=Q(kind__in=["liked", "followed"]),
                name="people_notice_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["owner", "-id"], name="people_notice_owner"),
            models.Index(fields=["owner"], condition=Q(read_at=None), name="people_notice_unread"),
            models.Index(fields=["id"], condition=Q(mailed_at=None), name="people_notice_untold"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Export(models.Model):
    """All that is somebody's, collected into one file for them; export.py writes it, stylize/parcels.py packs it."""

    key = models.CharField(max_length=24, unique=True, default=new_export_key, editable=False)
    owner = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="export")
    asked_at = models.DateTimeField(default=timezone.now)
    file = models.CharField(max_length=120, blank=True)  # empty: not collected yet
    size = models.PositiveBigIntegerField(default=0)  # bytes
    ready_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)  # when its owner was told by mail, or need not be

    class Meta:
        verbose_name = _("collected data")
        verbose_name_plural = _("collected data")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(file="") | Q(ready_at__isnull=False), name="people_export_ready_when"),
        ]

    def __str__(self) -> str:
        return self.key
