"""THE DESK: one's own canvases, and the page of each: its story, paying it, cancelling it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from billing import canvas_showing, checkout, orders, payments
from billing.models import CanvasOrder
from people import guests
from stylize import addresses

PAGE = 20


@never_cache
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """One's own, newest first."""
    owner = guests.owner(request)
    own = CanvasOrder.objects.owned_by(owner).select_related("picture").order_by("-id")
    before = addresses.before(request)
    if before is not None:
        own = own.filter(pk__lt=before)
    page = list(own[: PAGE + 1])
    older = page[PAGE - 1].pk if len(page) > PAGE else None
    shown = [(one, canvas_showing.summary(one), canvas_showing.is_seen(one.picture, owner)) for one in page[:PAGE]]
    return render(request, "billing/canvases.html", {"shown": shown, "older": older, "is_first": before is None})


@never_cache
@require_safe
def order(request: HttpRequest, key: str) -> HttpResponse:
    """Its story so far, for its owner alone."""
    own = _own(request, key)
    assert own.owner
    context = {
        "order": own, "job": own.picture, "story": canvas_showing.story(own), "money": canvas_showing.money(own),
        "headline": canvas_showing.HEADLINES[own.status], "explained": canvas_showing.EXPLAINED[own.status],
        "progress": canvas_showing.progress(own), "scene": canvas_showing.scene(own, own.owner),
        "placed_days": orders.PLACED_LIVES.days, "settings": canvas_showing.settings_of(own),
    }  # fmt: skip
    return render(request, "billing/canvas.html", context)


@require_POST
def pay(request: HttpRequest, key: str) -> HttpResponse:
    """To the checkout, which asks for the address, too; whoever comes twice is sent to the same."""
    own = _own(request, key)
    return checkout.go(
        request, lambda site: payments.begin_for(own, return_to=site), page=reverse("billing:canvas", args=[key]),
        nothing=_("Nothing has to be paid for this canvas just now."),
    )  # fmt: skip


@require_POST
def cancel(request: HttpRequest, key: str) -> HttpResponse:
    own = _own(request, key)
    if orders.cancel(own, by=own.owner):
        messages.success(request, _("Cancelled."))
    else:
        messages.info(request, _("It cannot be cancelled any more."))
    return redirect("billing:canvas", key)


def _own(request: HttpRequest, key: str) -> CanvasOrder:
    return get_object_or_404(CanvasOrder.objects.owned_by(guests.owner(request)).with_story(), key=key)
