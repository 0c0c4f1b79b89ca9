"""THE DESK: to the checkout and back; one's own payments and their receipts."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from billing import checkout, payments, stripe_api, telling
from billing.models import Payment
from people import guests
from stylize import addresses, progress
from stylize.models import Job

PAGE = 20


@require_POST
def pay(request: HttpRequest, key: str) -> HttpResponse:
    """To Stripe's page for one's own unpaid job; whoever comes twice is sent to the same."""
    job = get_object_or_404(Job.objects.owned_by(guests.owner(request)), key=key)
    return checkout.go(
        request, lambda site: payments.begin(job, return_to=site), page=reverse("stylize:job", args=[key]),
        nothing=_("Nothing has to be paid for this picture just now."),
    )  # fmt: skip


@never_cache
@require_safe
def back(request: HttpRequest, key: str) -> HttpResponse:
    """Where Stripe sends whoever has paid. The address proves nothing: Stripe is asked."""
    payment = get_object_or_404(Payment.objects.of_this_mode(), key=key)
    try:
        payment = payments.fulfil(payment)
    except (stripe_api.Away, stripe_api.Refused, payments.Mismatch):
        messages.info(request, _("Your payment is being checked. This page shows it as soon as it is known."))
    if payment.job_key:
        progress.forget(payment.job_key)  # watchers were told that it waits for payment
    owner = guests.owner(request)
    if owner is None or payment.owner != owner:
        return render(request, "billing/elsewhere.html", {"payment": payment})
    return redirect(payment.page if payment.job or payment.order else "billing:mine")


@never_cache
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    own = Payment.objects.owned_by(guests.owner(request)).of_this_mode().worth_telling().with_refunds().order_by("-id")
    before = addresses.before(request)
    if before is not None:
        own = own.filter(pk__lt=before)
    page = list(own[: PAGE + 1])
    older = page[PAGE - 1].pk if len(page) > PAGE else None
    told = [telling.told(payment) for payment in page[:PAGE]]
    return render(request, "billing/mine.html", {"told": told, "older": older, "is_first": before is None})


@never_cache
@require_safe
def receipt(request: HttpRequest, key: str) -> HttpResponse:
    """What was paid for what, to whom, and what has gone back; for whoever paid, to be printed."""
    own = Payment.objects.owned_by(guests.owner(request)).of_this_mode().captured().with_refunds()
    payment = get_object_or_404(own, key=key)
    facts = {"told": telling.told(payment), "operator": settings.OPERATOR_NAME, "contact": settings.CONTACT_EMAIL}
    return render(request, "billing/receipt.html", facts)
