"""THE DESK: payments and refunds. The ledger outlives pictures and people: their rows may go, these stay.

`status` of a Payment is written by payments.py alone, that of a Refund and `refunded_minor` by refunds.py alone.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing import canvases
from billing.canvas_models import CanvasEvent as CanvasEvent  # in a file of their own
from billing.canvas_models import CanvasOrder as CanvasOrder
from people.models import User
from stylize.materials import new_key
from stylize.models import Job


class PaymentQuerySet(models.QuerySet["Payment"]):
    def owned_by(self, user: User | None) -> "PaymentQuerySet":
        return self.filter(owner=user) if user else self.none()

    def of_this_mode(self) -> "PaymentQuerySet":
        """Made with a key of the kind that is set now: test and live money never meet."""
        return self.filter(is_live=settings.STRIPE_LIVE)

    def captured(self) -> "PaymentQuerySet":
        """Whose money came in, whatever became of it later."""
        return self.filter(status__in=[Payment.Status.PAID, Payment.Status.DISPUTED])

    def in_trouble(self) -> "PaymentQuerySet":
        """Somebody must look: sums that differ, refunds that did not go through, disputes."""
        return self.exclude(trouble="")

    def worth_telling(self) -> "PaymentQuerySet":
        """All but the sessions that nobody paid: those are forgotten by whoever left them."""
        return self.exclude(status=Payment.Status.EXPIRED)

    def known_as(self, name: str) -> "PaymentQuerySet":
        """By whatever staff have in hand: a key of ours, an id of Stripe's, an address, a handle. Indexes only."""
        people = User.objects.filter(Q(email=name.lower()) | Q(handle=name.lower())).values_list("pk", flat=True)
        refunds = Refund.objects.filter(Q(key=name) | Q(stripe_id=name)).values_list("payment", flat=True)
        named = (
            Q(key=name)
            | Q(job_key=name)
            | Q(order_key=name)
            | Q(session_id=name)
            | Q(intent_id=name)
            | Q(email__iexact=name)
        )
        return self.filter(named | Q(owner__in=list(people)) | Q(pk__in=list(refunds)))

    def with_refunds(self) -> "PaymentQuerySet":
        return self.select_related("job", "order", "owner").prefetch_related("refunds")


class Payment(models.Model):
    """One checkout session of Stripe, for one job or one canvas: what was to be paid, and what became of it."""

    class Status(models.TextChoices):
        PENDING = "pending", _("waiting for the money")
        PAID = "paid", _("paid")
        EXPIRED = "expired", _("not paid")
        FAILED = "failed", pgettext_lazy("payment", "failed")
        DISPUTED = "disputed", _("disputed")

    key = models.CharField(max_length=24, unique=True, default=new_key, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="payments"
    )
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, blank=True, related_name="payments")
    order = models.ForeignKey(CanvasOrder, on_delete=models.SET_NULL, null=True, blank=True, related_name="payments")

    # what was bought, as it was when it was bought: a job, or a canvas
    job_key = models.CharField(_("job"), max_length=24, blank=True)
    tier = models.CharField(_("tier"), max_length=10)
    iterations = models.PositiveIntegerField(_("iterations"), default=0)
    order_key = models.CharField(_("canvas"), max_length=24, blank=True)
    size = models.CharField(_("size"), max_length=10, blank=True)
    amount_minor = models.PositiveIntegerField(_("amount, minor units"))
    currency = models.CharField(_("currency"), max_length=3)

    # what Stripe knows of it
    is_live = models.BooleanField(_("real money"), editable=False)
    session_id = models.CharField(max_length=120, unique=True, null=True, blank=True, editable=False)
    session_url = models.TextField(blank=True, editable=False)
    expires_at = models.DateTimeField(editable=False)  # when the session ends by itself
    intent_id = models.CharField(max_length=120, unique=True, null=True, blank=True, editable=False)
    email = models.EmailField(_("e-mail"), blank=True)  # given at the checkout; for receipts
    language = models.CharField(max_length=10, blank=True, editable=False)  # of mail about it
    return_to = models.URLField(editable=False)  # the site's address as the buyer's browser knows it

    # its life
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PENDING)
    is_on_its_way = models.BooleanField(
        default=False, editable=False
    )  # a delayed payment: the bank has not sent it yet
    is_fulfilled = models.BooleanField(
        _("honoured"), default=False
    )  # it is this payment that what was bought was begun for
    refunded_minor = models.PositiveIntegerField(_("refunded, minor units"), default=0)  # asked for or done
    created_at = models.DateTimeField(_("opened"), default=timezone.now)
    paid_at = models.DateTimeField(_("paid at"), null=True, blank=True)
    look_at = models.DateTimeField(default=timezone.now, editable=False)  # when the sweep asks Stripe again
    settled_at = models.DateTimeField(null=True, editable=False)  # when it was found that no more is to be given back
    lost_since = models.DateTimeField(null=True, editable=False)  # since when its finished picture is missing
    receipt_sent_at = models.DateTimeField(null=True, editable=False)
    trouble = models.TextField(_("trouble"), blank=True)  # what somebody must look at, in words

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status__in=["pending", "paid", "expired", "failed", "disputed"]),
                name="billing_payment_status_known",
            ),
            models.CheckConstraint(
                condition=Q(refunded_minor__lte=F("amount_minor")), name="billing_refunded_at_most_paid"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="billing_payment_of_something"),
            models.CheckConstraint(
                condition=~Q(status__in=["paid", "disputed"]) | Q(paid_at__isnull=False),
                name="billing_paid_has_a_time",
            ),
            models.UniqueConstraint(
                fields=["job"], condition=Q(status="pending"), name="billing_one_open_payment_per_job"
            ),
            models.UniqueConstraint(fields=["job"], condition=Q(is_fulfilled=True), name="billing_job_bought_once"),
            models.UniqueConstraint(
                fields=["order"], condition=Q(status="pending"), name="billing_one_open_payment_per_order"
            ),
            models.UniqueConstraint(fields=["order"], condition=Q(is_fulfilled=True), name="billing_order_bought_once"),
            models.CheckConstraint(  # for ever, although the rows may go
                condition=(Q(order_key="", order=None) & ~Q(job_key="")) | (Q(job_key="", job=None) & ~Q(order_key="")),
                name="billing_payment_for_one_thing",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["owner", "-id"], name="billing_payment_owner"),
            models.Index(fields=["look_at"], condition=Q(status="pending"), name="billing_payment_open"),
            models.Index(fields=["id"], condition=Q(status="paid", settled_at=None), name="billing_payment_unsettled"),
            models.Index(
                fields=["id"], condition=Q(status="paid", receipt_sent_at=None), name="billing_payment_no_receipt"
            ),
            models.Index(fields=["paid_at"], condition=Q(paid_at__isnull=False), name="billing_payment_paid"),
            models.Index(fields=["status", "-id"], name="billing_payment_status"),  # this and below: staff look for it
            models.Index(fields=["id"], condition=~Q(trouble=""), name="billing_payment_trouble"),
            models.Index(fields=["job_key"], name="billing_payment_job_key"),
            models.Index(fields=["order_key"], condition=~Q(order_key=""), name="billing_payment_order_key"),
            models.Index(Upper("email"), name="billing_payment_email"),
        ]

    def __str__(self) -> str:
        return f"{self.tier} {self.key}"

    @property
    def is_for_canvas(self) -> bool:
        return bool(self.order_key)

    @property
    def canvas_title(self) -> str:
        """The size of the canvas it is for, as it hangs; where the order is gone, as the price list has it."""
        return self.order.title if self.order else canvases.named(self.size).title(portrait=True)

    @property
    def bought(self) -> str:
        """For logs."""
        return f"canvas {self.order_key}" if self.order_key else f"job {self.job_key}"

    @property
    def page(self) -> str:
        """The path of the page of what was bought; it may be deleted by now."""
        if self.order_key:
            return reverse("billing:canvas", args=[self.order_key])
        return reverse("stylize:job", args=[self.job_key])

    @property
    def kept_minor(self) -> int:
        """What stays with us."""
        return self.amount_minor - self.refunded_minor


class RefundQuerySet(models.QuerySet["Refund"]):
    def unsent(self) -> "RefundQuerySet":
        return self.filter(status=Refund.Status.REQUESTED)


class Refund(models.Model):
    """Money given back, or to be given back."""

    class Status(models.TextChoices):
        REQUESTED = "requested", _("on its way")
        DONE = "done", _("given back")
        FAILED = "failed", _("did not go through")

    class Reason(models.TextChoices):
        FAILED = "failed", _("The painting failed.")
        CANCELLED = "cancelled", _("It was cancelled before it was begun.")
        STOPPED = "stopped", _("It was stopped while it was painted: the rest of its price.")
        EARLY = "early", _("It was finished early: the rest of its price.")
        LOST = "lost", _("The finished picture was lost.")
        LATE = "late", _("The money came when the painting was not waiting for it any more.")
        STAFF = "staff", _("By our staff.")
        OUTSIDE = "outside", _("Made at Stripe.")

        @classmethod
        def automatic(cls) -> list["Refund.Reason"]:
            return [cls.FAILED, cls.CANCELLED, cls.STOPPED, cls.EARLY, cls.LOST, cls.LATE]

    key = models.CharField(max_length=24, unique=True, default=new_key, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    amount_minor = models.PositiveIntegerField(_("amount, minor units"))
    reason = models.CharField(_("reason"), max_length=10, choices=Reason.choices)
    note = models.CharField(_("note"), max_length=300, blank=True)  # of staff; the customer reads it
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.REQUESTED)
    stripe_id = models.CharField(max_length=120, unique=True, null=True, blank=True, editable=False)
    error = models.TextField(_("trouble"), blank=True)
    look_at = models.DateTimeField(default=timezone.now, editable=False)  # when it is sent, or asked after, again
    created_at = models.DateTimeField(_("asked for"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    told_at = models.DateTimeField(null=True, editable=False)  # when its owner was told by mail

    objects = RefundQuerySet.as_manager()

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status__in=["requested", "done", "failed"]), name="billing_refund_status_known"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="billing_refund_of_something"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["look_at"], condition=Q(status="requested"), name="billing_refund_unsent"),
            models.Index(fields=["id"], condition=Q(told_at=None), name="billing_refund_untold"),
            models.Index(fields=["created_at"], name="billing_refund_asked"),
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.key}"
