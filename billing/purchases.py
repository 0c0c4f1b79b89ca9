"""THE DESK: what the checkout's page is told of a payment. Made of the row alone: the same key, the same words."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from billing import stripe_api
from billing.models import Payment
from people import languages
from stylize import tiers


def of(payment: Payment) -> stripe_api.Purchase:
    site = payment.return_to.rstrip("/")
    with languages.spoken(payment.language):
        name, description = _canvas(payment) if payment.is_for_canvas else _painting(payment)
    return stripe_api.Purchase(
        payment_key=payment.key, name=name, description=description, amount_minor=payment.amount_minor,
        currency=payment.currency, success_url=site + reverse("billing:back", args=[payment.key]),
        cancel_url=site + payment.page, expires_at=payment.expires_at, email=payment.email,
        locale=payment.language or "auto", ship_to=settings.SHIP_TO if payment.is_for_canvas else (),
    )  # fmt: skip


def _painting(payment: Payment) -> tuple[str, str]:
    title = tiers.named(payment.tier).title
    iterations = _("%(n)d iterations. Picture %(key)s.") % {"n": payment.iterations, "key": payment.job_key}
    return _("Ostagram: a painting, %(tier)s") % {"tier": title}, iterations


def _canvas(payment: Payment) -> tuple[str, str]:
    name = _("Ostagram: a canvas, %(size)s") % {"size": payment.canvas_title}
    return name, _("With delivery. Order %(key)s.") % {"key": payment.order_key}
