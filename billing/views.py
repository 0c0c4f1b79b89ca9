"""THE DESK: to the checkout and back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from billing import payments, stripe_api
from billing.models import Payment
from people import guests
from stylize.models import Job


@require_POST
def pay(request: HttpRequest, key: str) -> HttpResponse:
    """To Stripe's page for one's own unpaid job; whoever comes twice is sent to the same."""
    job = get_object_or_404(Job.objects.owned_by(guests.owner(request)), key=key)
    try:
        payment = payments.begin(job, return_to=request.build_absolute_uri("/"))
    except payments.NothingToPay:
        messages.info(request, _("Nothing has to be paid for this picture just now."))
    except stripe_api.Away:
        messages.error(request, _("The payment service does not answer. Nothing was charged; try again in a minute."))
    except (stripe_api.Refused, payments.Mismatch):
        messages.error(request, _("The payment could not be opened. Nothing was charged; please try again."))
    else:
        return redirect(payment.session_url)
    return redirect("stylize:job", key)


@never_cache
@require_safe
def back(request: HttpRequest, key: str) -> HttpResponse:
    """Where Stripe sends whoever has paid. The address proves nothing: Stripe is asked."""
    payment = get_object_or_404(Payment, key=key)
    try:
        payment = payments.fulfil(payment)
    except (stripe_api.Away, stripe_api.Refused, payments.Mismatch):
        messages.info(request, _("Your payment is being checked. This page shows it as soon as it is known."))
    if payment.job is None or payment.owner != guests.owner(request):
        return render(request, "billing/elsewhere.html", {"payment": payment})
    return redirect("stylize:job", payment.job_key)
