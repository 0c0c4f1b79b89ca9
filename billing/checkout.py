"""THE DESK: the way to Stripe's page, the same for pictures and canvases; whatever stops it is said in words."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from billing import payments, stripe_api
from billing.models import Payment


def go(request: HttpRequest, begin: Callable[[str], Payment], *, nothing: str, page: str) -> HttpResponse:
    """To where what `begin` opened is paid, given the site to return to; else back to the page, which shows why."""
    try:
        payment = begin(request.build_absolute_uri("/"))
    except payments.NothingToPay:
        messages.info(request, nothing)
    except stripe_api.Away:
        messages.error(request, _("The payment service does not answer. Nothing was charged; try again in a minute."))
    except (stripe_api.Refused, payments.Mismatch):
        messages.error(request, _("The payment could not be opened. Nothing was charged; please try again."))
    else:
        return redirect(payment.session_url)
    return redirect(page)
