"""THE DESK: payments, refunds and canvases for looking only; what can be done with them is on the staff's own pages."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from billing.models import CanvasOrder, Payment, Refund
from stylize import wording


class ForLooking(ModelAdmin):
    """The ledger is written by what happens, never by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _link(payment: Payment) -> str:
    return format_html('<a href="{}">{}</a>', reverse("billing:staff_payment", args=[payment.key]), payment.key)


@admin.register(Payment)
class PaymentAdmin(ForLooking):
    list_display = ("key", "email", "tier", "price", "status", "created_at", "paid_at", "page")
    list_filter = ("status", "tier", "is_live")
    search_fields = ("=key", "=job_key", "=session_id", "=intent_id", "=email")
    search_help_text = _("The whole of a key, of an id of Stripe's or of an address.")
    ordering = ("-id",)
    show_full_result_count = False
    readonly_fields = ("page",)

    @admin.display(description=_("amount"))
    def price(self, payment: Payment) -> str:
        return wording.money(payment.amount_minor, payment.currency)

    @admin.display(description=_("staff's page"))
    def page(self, payment: Payment) -> str:
        return _link(payment)


@admin.register(Refund)
class RefundAdmin(ForLooking):
    list_display = ("key", "page", "sum", "reason", "status", "created_at", "ended_at")
    list_filter = ("status", "reason")
    search_fields = ("=key", "=stripe_id", "=payment__key")
    list_select_related = ("payment",)
    ordering = ("-id",)
    show_full_result_count = False
    readonly_fields = ("page",)

    @admin.display(description=_("amount"))
    def sum(self, refund: Refund) -> str:
        return wording.money(refund.amount_minor, refund.payment.currency)

    @admin.display(description=_("payment"))
    def page(self, refund: Refund) -> str:
        return _link(refund.payment)


@admin.register(CanvasOrder)
class CanvasOrderAdmin(ForLooking):
    list_display = ("key", "size", "ship_name", "cost", "status", "created_at", "page")
    list_filter = ("status", "size")
    search_fields = ("=key", "=picture_key", "=email", "=tracking")
    search_help_text = _("The whole of a key, of an address or of a tracking number.")
    ordering = ("-id",)
    show_full_result_count = False
    readonly_fields = ("page",)

    @admin.display(description=_("price"))
    def cost(self, order: CanvasOrder) -> str:
        return wording.money(order.amount_minor, order.currency)

    @admin.display(description=_("staff's page"))
    def page(self, order: CanvasOrder) -> str:
        return format_html('<a href="{}">{}</a>', reverse("billing:staff_canvas", args=[order.key]), order.key)
