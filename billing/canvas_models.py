"""THE DESK: canvases that were ordered, and what happened to each. They outlive pictures and people.

`status` of a CanvasOrder is written by orders.py alone.
"""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.canvases import Canvas, Crop, Size, Wish, Wrap, named, whole_px
from people import languages
from people.models import User
from stylize.materials import new_key
from stylize.models import Job


class CanvasOrderQuerySet(models.QuerySet["CanvasOrder"]):
    def owned_by(self, user: User | None) -> "CanvasOrderQuerySet":
        return self.filter(owner=user) if user else self.none()

    def under_way(self) -> "CanvasOrderQuerySet":
        """Paid for, and not at their customers' yet."""
        return self.filter(status__in=CanvasOrder.Status.under_way())

    def ended(self) -> "CanvasOrderQuerySet":
        return self.filter(status__in=CanvasOrder.Status.ended())

    def known_as(self, name: str) -> "CanvasOrderQuerySet":
        """By whatever staff have in hand: a name or a part of it, an address, a key or number of any kind."""
        people = User.objects.filter(Q(email=name.lower()) | Q(handle=name.lower())).values_list("pk", flat=True)
        named = Q(ship_name__icontains=name) | Q(email__iexact=name) | Q(owner__in=list(people))
        for column in ("key", "picture_key", "render__key", "tracking", "carrier_ref", "payments__key"):
            named |= Q(**{column: name})
        return self.filter(named).distinct()

    def with_story(self) -> "CanvasOrderQuerySet":
        """For a page about it: picture, render, events and payments."""
        return self.select_related("owner", "picture", "render").prefetch_related("events", "payments__refunds")


class CanvasOrder(models.Model):
    """One canvas of one picture. Money is in Payment and Refund alone."""

    class Status(models.TextChoices):
        PLACED = "placed", _("placed, not paid yet")
        RENDERING = "rendering", _("being painted at print size")
        READY = "ready", _("ready to be made")
        PRODUCTION = "production", _("being made")
        SHIPPED = "shipped", _("on its way")
        DELIVERED = "delivered", _("delivered")
        CANCELLED = "cancelled", _("cancelled")
        FAILED = "failed", _("could not be made")

        @classmethod
        def under_way(cls) -> list["CanvasOrder.Status"]:
            return [cls.RENDERING, cls.READY, cls.PRODUCTION, cls.SHIPPED]

        @classmethod
        def ended(cls) -> list["CanvasOrder.Status"]:
            return [cls.DELIVERED, cls.CANCELLED, cls.FAILED]

    key = models.CharField(max_length=24, unique=True, default=new_key, editable=False)
    form_token = models.UUIDField(unique=True, null=True, editable=False)  # one form sent twice is one order
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="canvases"
    )
    picture = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, blank=True, related_name="canvases")
    picture_key = models.CharField(_("picture"), max_length=24)

    # what was ordered, as it was then
    size = models.CharField(_("size"), max_length=10)
    portrait = models.BooleanField(_("upright"), default=False)
    wrap = models.CharField(_("edges"), max_length=10, choices=Wrap.choices, default=Wrap.MIRROR)
    wrap_colour = models.CharField(_("colour of the edges"), max_length=7, blank=True)
    crop_x = models.FloatField(default=0.0)
    crop_y = models.FloatField(default=0.0)
    crop_width = models.FloatField(default=1.0)
    crop_height = models.FloatField(default=1.0)
    controls: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict, blank=True)
    amount_minor = models.PositiveIntegerField(_("price, minor units"))
    currency = models.CharField(max_length=3)
    dpi = models.PositiveSmallIntegerField()

    # to whom it goes, as typed in at the checkout
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(max_length=10, blank=True, editable=False)  # of mail about it
    ship_name = models.CharField(_("name"), max_length=200, blank=True)
    ship_phone = models.CharField(_("phone"), max_length=40, blank=True)
    ship_to: "models.JSONField[dict[str, str], dict[str, str]]" = models.JSONField(
        _("address"), default=dict, blank=True
    )

    # its life
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PLACED)
    created_at = models.DateTimeField(_("ordered"), default=timezone.now)
    moved_at = models.DateTimeField(default=timezone.now, editable=False)  # when it came to its status
    render = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, blank=True, related_name="print_orders")
    master = models.CharField(max_length=120, blank=True, editable=False)  # the print file's name, once it is checked
    carrier_ref = models.CharField(_("the printer's number"), max_length=120, blank=True)
    tracking = models.CharField(_("tracking number"), max_length=120, blank=True)
    tracking_url = models.URLField(_("tracking page"), blank=True)
    look_at = models.DateTimeField(null=True, editable=False)  # when the printer is asked again; None: no more
    note = models.TextField(_("note"), blank=True)  # for staff alone

    objects = CanvasOrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("canvas")
        verbose_name_plural = _("canvases")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(
                    status__in=[
                        "placed",
                        "rendering",
                        "ready",
                        "production",
                        "shipped",
                        "delivered",
                        "cancelled",
                        "failed",
                    ]
                ),
                name="billing_canvas_status_known",
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="billing_canvas_costs_something"),
            models.CheckConstraint(
                condition=Q(crop_x__gte=0, crop_y__gte=0, crop_width__gt=0, crop_height__gt=0)
                & Q(crop_x__lte=Value(1.00001) - F("crop_width"), crop_y__lte=Value(1.00001) - F("crop_height")),
                name="billing_canvas_crop_within_picture",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["owner", "-id"], name="billing_canvas_owner"),
            models.Index(fields=["status", "moved_at"], name="billing_canvas_status"),
            models.Index(fields=["look_at"], condition=Q(look_at__isnull=False), name="billing_canvas_look"),
        ]

    def __str__(self) -> str:
        return f"{self.size} {self.key}"

    @property
    def canvas(self) -> Canvas:
        return named(self.size)

    @property
    def title(self) -> str:
        return self.canvas.title(portrait=self.portrait)

    @property
    def crop(self) -> Crop:
        return Crop(self.crop_x, self.crop_y, self.crop_width, self.crop_height)

    @property
    def wish(self) -> Wish:
        return Wish(self.size, self.portrait, self.crop, self.wrap, self.wrap_colour, self.controls, has_read=True)

    @property
    def whole_px(self) -> Size:
        """The size of its print file."""
        return whole_px(self.canvas, portrait=self.portrait, dpi=self.dpi)

    @property
    def ship_lines(self) -> list[str]:
        """The address as it stands on a parcel, with the country's name in the language in force."""
        to = self.ship_to
        town = " ".join(filter(None, [to.get("postal_code"), to.get("city")]))
        country = languages.country(to.get("country", ""))
        return [line for line in (to.get("line1"), to.get("line2"), town, to.get("state"), country) if line]

    @property
    def is_cancellable(self) -> bool:
        """Free of charge, until it is made."""
        return self.status in (self.Status.PLACED, self.Status.RENDERING, self.Status.READY)


class CanvasEvent(models.Model):
    """One line of a canvas' story: a move, or a word about it."""

    order = models.ForeignKey(CanvasOrder, on_delete=models.CASCADE, related_name="events")
    status = models.CharField(_("status"), max_length=10, choices=CanvasOrder.Status.choices)  # after it
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    note = models.CharField(_("note"), max_length=500, blank=True)
    is_move = models.BooleanField(default=True)
    is_public = models.BooleanField(_("the customer reads it"), default=True)
    told_at = models.DateTimeField(null=True, editable=False)  # when its owner was told by mail, or need not be

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["order", "status"], condition=Q(is_move=True), name="billing_canvas_moves_there_once"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["id"], condition=Q(told_at=None), name="billing_canvas_untold")]

    def __str__(self) -> str:
        return f"{self.order} {self.status}"
