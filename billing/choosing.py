"""THE DESK: the page where somebody chooses how a picture becomes a canvas, and orders it."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from billing import canvas_forms, canvas_scene, canvas_showing, canvases, orders
from billing.canvas_forms import CanvasForm
from billing.models import CanvasOrder
from people import guests
from stylize import forms, tiers
from stylize.models import Job


@never_cache  # a form brought back by the back button would name the order before it
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest, key: str) -> HttpResponse:
    """The choices as the address has them, shown; or ordered, and then its own page."""
    picture = picture_of(request, key)
    if request.method != "POST":
        return page(request, CanvasForm(request.GET.dict(), picture))
    earlier = _sent_before(request)
    if earlier:
        return redirect("billing:canvas", earlier.key)
    form = CanvasForm(request.POST.dict(), picture)
    if not form.is_valid() or form.is_moved:
        return page(request, form, status=400)
    try:
        owner = guests.owner_or_new_guest(request)
        order = orders.place(owner, picture, form.wish, form.cleaned_data["form_token"])
    except (orders.NotForSale, guests.TooManyGuests) as refusal:
        return page(request, form, trouble=str(refusal), status=400)
    return redirect("billing:canvas", order.key)


def page(request: HttpRequest, form: CanvasForm, *, trouble: str = "", status: int = 200) -> HttpResponse:
    """The form with all that it means."""
    return render(request, "billing/canvas_choose.html", _context(request, form) | {"trouble": trouble}, status=status)


def picture_of(request: HttpRequest, key: str) -> Job:
    """One that whoever asks may order as a canvas; 404 otherwise."""
    allowed = orders.may_be_ordered_by(guests.owner(request)).select_related("photo", "owner")
    return get_object_or_404(allowed, key=key)


def _context(request: HttpRequest, form: CanvasForm) -> dict[str, Any]:
    wish, picture, owner = form.wish, form.picture, guests.owner(request)
    proof = Job.objects.owned_by(owner).filter(tier=tiers.PRINT_PROOF.name, goes_on_from=picture)
    return {
        "form": form, "job": picture, "is_own": picture.owner == owner, "wish": wish,
        "title": wish.canvas.title(portrait=wish.portrait), "scene": canvas_scene.Scene(wish),
        "offers": canvas_showing.offers(wish, picture), "sharp": canvas_showing.sharpness(wish, picture),
        "price": canvas_showing.price(wish.canvas), "painted": canvas_scene.painted(wish),
        "was_moved": form.is_moved and request.method == "POST", "settings": canvas_forms.written(wish, picture),
        "proof": proof.order_by("-id").first(), "depth_mm": canvases.DEPTH_MM, "form_token": forms.new_token(),
    }  # fmt: skip


def _sent_before(request: HttpRequest) -> CanvasOrder | None:
    """The order that this very form has made already. The first click of a newcomer may have made a guest whose cookie
    never arrived; the form's token is proof enough.
    """
    try:
        token = UUID(request.POST.get("form_token", ""))
    except ValueError:
        return None
    earlier = CanvasOrder.objects.select_related("owner").filter(form_token=token).first()
    return earlier if earlier and earlier.owner and guests.act_as(request, earlier.owner) else None
