"""THE DESK: the staff's pages of canvases: the production list, one canvas' affair, its print file and its slip."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from billing import finishing, orders, printfile, production, telling
from billing.models import CanvasOrder
from billing.staff import Row as PaymentRow
from billing.workshop_forms import EndForm, NoteForm, SearchForm, ShipForm
from people.models import User
from stylize import addresses, pictures, recipe, wording
from stylize.staff import for_staff

VIEW, CHANGE = "billing.view_canvasorder", "billing.change_canvasorder"
PREVIEW, STAMP = 1200, 600  # px of the long side: on the page, on the slip


@never_cache
@for_staff(VIEW)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    form, place = SearchForm(request.GET), addresses.before(request)
    is_search = form.is_valid() and any(form.cleaned_data.values())
    chosen = request.GET.copy()
    chosen.pop("before", None)
    context = {
        "form": form, "glance": production.glance(), "chosen": chosen.urlencode(), "is_first": place is None,
        "sections": [] if is_search else production.sections(),
        "page": production.found(form, place) if is_search else None,
    }  # fmt: skip
    return render(request, "billing/staff_canvases.html", context)


@never_cache
@for_staff(VIEW)
@require_safe
def order(request: HttpRequest, key: str) -> HttpResponse:
    return _page(request, _order(key))


@for_staff(VIEW)
@require_safe
def file(request: HttpRequest, key: str) -> HttpResponseBase:
    """The print file itself."""
    found = _order(key)
    if not found.master:
        raise Http404
    name = f"ostagram-{found.key}-{found.size}-{found.dpi}dpi{finishing.FILE.suffix}"
    return pictures.serve(found.master, finishing.FILE, public=False, download_as=name)


@never_cache
@for_staff(VIEW)
@require_safe
def picture(request: HttpRequest, key: str) -> HttpResponse:
    """What will be printed, small."""
    shown = printfile.small(_order(key), PREVIEW)
    if shown is None:
        raise Http404
    return HttpResponse(printfile.as_jpeg(shown), content_type="image/jpeg", headers={"Cache-Control": "no-store"})


@never_cache
@for_staff(VIEW)
@require_safe
def slip(request: HttpRequest, key: str) -> HttpResponse:
    from billing import slip as slips  # its library is large, and only this page needs it

    found = _order(key)
    if not found.ship_name and not found.ship_lines:
        raise Http404
    made = slips.pdf(found, printfile.small(found, STAMP))
    name = f'inline; filename="ostagram-{found.key}.pdf"'
    return HttpResponse(made, content_type="application/pdf", headers={"Content-Disposition": name})


# What can be done -----------------------------------------------------------------------------------------------------


@for_staff(CHANGE)
@require_POST
def produce(request: HttpRequest, key: str) -> HttpResponse:
    return _told(request, key, orders.produce(_order(key), by=_me(request)), _("It is being made now."))


@for_staff(CHANGE)
@require_POST
def ship(request: HttpRequest, key: str) -> HttpResponse:
    """On its way; or, where it is already, with another number."""
    found, form = _order(key), ShipForm(request.POST)
    if not form.is_valid():
        return _page(request, found, ship=form)
    given, by = form.cleaned_data, _me(request)
    if "was" in request.POST:
        done = orders.retrack(found, addresses.sent(request, "was"), by=by, **given)
        return _told(request, key, done, _("The customer's page shows it now."))
    return _told(request, key, orders.ship(found, by=by, **given), _("It is on its way."))


@for_staff(CHANGE)
@require_POST
def deliver(request: HttpRequest, key: str) -> HttpResponse:
    return _told(request, key, orders.deliver(_order(key), by=_me(request)), _("It has arrived."))


@for_staff(CHANGE)
@require_POST
def end(request: HttpRequest, key: str) -> HttpResponse:
    """Cancel what is not made yet, give up what is; either way the money goes back by itself."""
    found, form = _order(key), EndForm(request.POST)
    if not form.is_valid():
        return _page(request, found, end=form)
    stop = orders.cancel if request.POST.get("how") == "cancel" else orders.fail
    return _told(request, key, stop(found, by=_me(request), note=form.cleaned_data["note"]), _("It has ended."))


@for_staff(CHANGE)
@require_POST
def repaint(request: HttpRequest, key: str) -> HttpResponse:
    """The render that the page showed; no other that has come since."""
    found = _order(key)
    done = orders.repaint(found, addresses.sent(request, "render"), by=_me(request))
    if done and found.master:
        finishing.delete(found.master)
    return _told(request, key, done, _("It is painted again; the new file is ready when this page says so."))


@for_staff(CHANGE)
@require_POST
def note(request: HttpRequest, key: str) -> HttpResponse:
    found, form = _order(key), NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, found, note=form)
    given = form.cleaned_data
    orders.tell(found, given["note"], by=_me(request), is_public=given["is_public"])
    return _told(request, key, True, _("It is written down."))


# Within ---------------------------------------------------------------------------------------------------------------


def _order(key: str) -> CanvasOrder:
    every = CanvasOrder.objects.with_story().prefetch_related("events__by", "payments__owner")
    return get_object_or_404(every, key=key)


def _me(request: HttpRequest) -> User:
    assert request.user.is_authenticated
    return request.user


def _told(request: HttpRequest, key: str, done: bool, words: str) -> HttpResponse:
    if done:
        messages.success(request, words)
    else:
        messages.info(request, _("Nothing was changed: somebody was faster, or it is not as far as that."))
    return redirect("billing:staff_canvas", key)


def _page(request: HttpRequest, found: CanvasOrder, **given: forms.Form) -> HttpResponse:
    """With what can be done next, and what was written wrong."""
    context: dict[str, Any] = {
        "order": found, "row": production.rows([found])[0], "events": found.events.all(),
        "payments": [(telling.told(payment), PaymentRow(payment)) for payment in found.payments.all()],
        "facts": printfile.facts(found), "changed": recipe.dials(found.controls), "crop": _crop(found),
        "may_change": request.user.has_perm(CHANGE), "can": _possible(found),
        "ship": ShipForm(initial={"tracking": found.tracking, "tracking_url": found.tracking_url}),
        "end": EndForm(), "note": NoteForm(),
    }  # fmt: skip
    return render(request, "billing/staff_canvas.html", context | given)


def _crop(found: CanvasOrder) -> str:
    """In percent, from the left and from above."""
    left, top, width, height = (
        wording.number(round(100 * part, 1))
        for part in (found.crop_x, found.crop_y, found.crop_width, found.crop_height)
    )
    return f"{width} × {height} %, {left} / {top} %"


def _possible(found: CanvasOrder) -> dict[str, bool]:
    """As the table of moves says."""
    able = {str(to): found.status in sources for to, sources in orders.MOVES.items()}
    has_file = bool(found.master)
    return able | {
        "production": able["production"] and has_file,
        "repaint": found.status in orders.NEEDS_MASTER and found.render is not None,
        "failed": able["failed"] and not able["cancelled"],
    }
