"""THE DESK: the proof of a canvas: its middle, ten by ten centimetres, painted as it will be printed; for free."""

from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from billing import canvas_forms, canvas_showing, canvases, choosing, orders
from billing.canvas_forms import CanvasForm
from billing.canvases import CANVASES, Crop, Wish, Wrap
from people import guests
from stylize import dispatch, forms, housekeeping, jobs, pictures, prints, progress, tiers, watching
from stylize.models import Job

SIDE_MM: Final = 100
TROUBLES: Final[dict[type[Exception], int]] = {
    jobs.LineTooLong: 503, jobs.TooManyJobs: 429, guests.TooManyGuests: 429, jobs.Conflict: 409, prints.Misfit: 400,
}  # fmt: skip


@require_POST
def order(request: HttpRequest, key: str) -> HttpResponse:
    """Have the middle painted with these choices."""
    picture = choosing.picture_of(request, key)
    form = CanvasForm(request.POST.dict(), picture)
    if not form.is_valid():
        return choosing.page(request, form, status=400)
    earlier = jobs.made_by_form(request.POST.get("form_token", ""))
    if earlier and guests.act_as(request, earlier.owner):
        return redirect(_address(earlier, form.wish, picture))
    try:
        proof = _submit(request, picture, form.wish, form.cleaned_data["form_token"])
    except tuple(TROUBLES) as trouble:
        words = str(trouble) if isinstance(trouble, jobs.TooManyJobs | guests.TooManyGuests) else _changed()
        status = next(status for kind, status in TROUBLES.items() if isinstance(trouble, kind))
        return choosing.page(request, form, trouble=words, status=status)
    dispatch.wake()
    return redirect(_address(proof, form.wish, picture))


@never_cache
@require_safe
def proof(request: HttpRequest, key: str) -> HttpResponse:
    """While it is painted, and then at its true size."""
    found = _own_proof(request, key)
    return render(request, "billing/canvas_proof.html", watching.page(found) | _context(request, found))


@require_POST
def cancel(request: HttpRequest, key: str) -> HttpResponse:
    found = _own_proof(request, key)
    if jobs.cancel(found, seen=progress.iteration(key)):
        progress.forget(key)
        messages.success(request, _("Cancelled."))
    else:
        messages.info(request, _("It was finished already."))
    return redirect(f"{reverse('billing:proof', args=[key])}?{request.GET.urlencode()}")


@require_safe
def file(request: HttpRequest, key: str) -> HttpResponseBase:
    """The painted middle with every pixel, for its owner."""
    found = _own_proof(request, key)
    if found.status != Job.Status.DONE:
        raise Http404
    return pictures.serve(found.result, pictures.MASTER, public=False)


def wish_of(found: Job, asked: dict[str, str]) -> Wish | None:
    """What it is the proof of; None: canvases are printed in another way since. The colour of edges stands in no proof,
    it comes from the address.
    """
    plan, flat = found.plan, Wrap.COLOUR if asked.get("wrap") == Wrap.COLOUR else Wrap.MIRROR
    colour = asked.get("colour", "")
    dials = {dial.name: found.controls.get(dial.name, dial.default) for dial in canvas_forms.DIALS}
    for size, portrait, wrap in _kinds(flat):
        whole = canvases.painted_px(CANVASES[size], portrait=portrait, wrap=wrap, dpi=settings.PRINT_DPI)
        if whole == plan.whole:
            sound = colour if canvases.COLOUR.fullmatch(colour) else canvases.WHITE
            return Wish(size, portrait, Crop(*plan.crop), wrap, sound, dials)
    return None


def _kinds(flat: str) -> list[tuple[str, bool, str]]:
    return [(size, upright, wrap) for wrap in (flat, Wrap.PICTURE) for size in CANVASES for upright in (False, True)]


def _submit(request: HttpRequest, picture: Job, wish: Wish, token: UUID | None) -> Job:
    whole = canvases.painted_px(wish.canvas, portrait=wish.portrait, wrap=wish.wrap, dpi=settings.PRINT_DPI)
    side, crop = canvases.px(SIDE_MM, settings.PRINT_DPI), wish.crop
    return jobs.submit_print_proof(
        guests.owner_or_new_guest(request), picture, whole=whole, size=(side, side),
        crop=(crop.x, crop.y, crop.width, crop.height), controls=wish.controls, form_token=token,
    )  # fmt: skip


def _changed() -> str:
    return _("Something of yours changed while this was being sent. Please send it again.")


def _address(found: Job, wish: Wish, picture: Job) -> str:
    return f"{reverse('billing:proof', args=[found.key])}?{urlencode(canvas_forms.fields(wish, picture))}"


def _own_proof(request: HttpRequest, key: str) -> Job:
    own = Job.objects.owned_by(guests.owner(request)).filter(tier=tiers.PRINT_PROOF.name)
    return get_object_or_404(own.select_related("owner"), key=key)


def _context(request: HttpRequest, found: Job) -> dict[str, Any]:
    orderable = orders.may_be_ordered_by(found.owner).select_related("photo", "owner")
    picture = orderable.filter(pk=found.goes_on_from_id).first() if found.goes_on_from_id else None
    wish = wish_of(found, request.GET.dict()) if picture else None
    if picture is None or wish is None:
        return {"form_token": forms.new_token(), "until": _until(found)}
    chosen = canvas_forms.fields(wish, picture)
    kept = [(name, value) for name, value in chosen.items() if name not in {dial.name for dial in canvas_forms.DIALS}]
    return {
        "picture": picture, "wish": wish, "form": CanvasForm(chosen, picture), "wrap_title": Wrap(wish.wrap).label,
        "chosen": chosen.items(), "kept": kept,
        "query": urlencode(chosen), "title": wish.canvas.title(portrait=wish.portrait), "until": _until(found),
        "price": canvas_showing.price(wish.canvas), "sharp": canvas_showing.sharpness(wish, picture),
        "settings": canvas_forms.written(wish, picture), "form_token": forms.new_token(),
    }  # fmt: skip


def _until(found: Job) -> Any:
    return found.finished_at + housekeeping.PROOFS_LIVE if found.finished_at else None
