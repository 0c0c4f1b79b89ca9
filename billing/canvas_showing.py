"""THE DESK: what a page tells of a canvas: the sizes with price and sharpness, its story, its money."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.conf import settings
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from billing import canvas_forms, canvases, telling
from billing.canvas_scene import Scene
from billing.canvases import Canvas, Sharpness, Wish
from billing.models import CanvasOrder
from people.models import User
from stylize import watching, wording
from stylize.models import Job

Status = CanvasOrder.Status

STEPS: Final[dict[str, str | Promise]] = {
    Status.PLACED: _("Ordered"),
    Status.RENDERING: _("Paid, and in line to be painted at print size"),
    Status.READY: _("Painted at print size, and checked"),
    Status.PRODUCTION: _("Being printed and stretched"),
    Status.SHIPPED: _("Sent"),
    Status.DELIVERED: _("Delivered"),
    Status.CANCELLED: _("Cancelled"),
    Status.FAILED: _("Could not be made"),
}
PATH: Final = (Status.PLACED, Status.RENDERING, Status.READY, Status.PRODUCTION, Status.SHIPPED, Status.DELIVERED)
HEADLINES: Final[dict[str, str | Promise]] = {
    Status.PLACED: _("Your canvas waits for payment"),
    Status.RENDERING: _("Your canvas is being painted"),
    Status.READY: _("Your canvas is painted"),
    Status.PRODUCTION: _("Your canvas is being made"),
    Status.SHIPPED: _("Your canvas is on its way"),
    Status.DELIVERED: _("Your canvas has arrived"),
    Status.CANCELLED: _("Your canvas is cancelled"),
    Status.FAILED: _("Your canvas could not be made"),
}
EXPLAINED: Final[dict[str, str | Promise]] = {
    Status.PLACED: _("It is written down as you see it. As soon as it is paid, your picture is painted at print size."),
    Status.RENDERING: _(
        "The picture is painted once more, as large as your canvas. That takes a while, and lets smaller pictures go "
        "first; you need not stay. A mail tells you when it is done."
    ),
    Status.READY: _("The print file has stood every check. Next it is printed and stretched."),
    Status.PRODUCTION: _("It is printed, dried and stretched. From here on it cannot be cancelled any more."),
    Status.SHIPPED: _("It has left the workshop."),
    Status.DELIVERED: _("We hope that it looks well on your wall. Is anything wrong with it? Write to us."),
    Status.CANCELLED: _("It is not made."),
    Status.FAILED: _("We are sorry: something went wrong on our side, and this canvas will not be made."),
}


@dataclass(frozen=True)
class Offer:
    """One size, with all that the page says about it."""

    canvas: Canvas
    title: str
    price: str
    sharpness: Sharpness
    is_chosen: bool


@dataclass(frozen=True)
class Step:
    """One line of a canvas' story; without a time it has still to come."""

    label: str
    at: datetime | None
    note: str = ""
    is_last: bool = False


def price(canvas: Canvas) -> str:
    return wording.money(canvas.prices[settings.CURRENCY], settings.CURRENCY)


def offers(wish: Wish, picture: Job) -> list[Offer]:
    """Every size, as sharp as it would be with this crop."""
    return [_offer(canvas, wish, picture) for canvas in canvases.CANVASES.values()]


def sharpness(wish: Wish, picture: Job) -> Sharpness:
    return canvases.sharpness(canvas_forms.photo_size(picture), wish)


def story(order: CanvasOrder) -> list[Step]:
    """What happened, and what has still to come; `order` has come `with_story()`."""
    events = [event for event in order.events.all() if event.is_public]
    told = [Step(str(STEPS[one.status]) if one.is_move else "", one.at, one.note) for one in events]
    if told:
        told[-1] = replace(told[-1], is_last=True)
    left = PATH[PATH.index(Status(order.status)) + 1 :] if order.status in PATH else ()
    return told + [Step(str(STEPS[status]), None) for status in left]


def money(order: CanvasOrder) -> telling.Money:
    """`order` has come `with_story()`."""
    payments = sorted((one for one in order.payments.all() if one.is_live == settings.STRIPE_LIVE), key=lambda p: p.pk)
    return telling.Money(
        price=wording.money(order.amount_minor, order.currency), paid=telling.of_canvas(order),
        last=payments[-1] if payments else None, ending=None, is_lost=False,
    )  # fmt: skip


def progress(order: CanvasOrder) -> str:
    """How far its painting is; nothing where that is not known."""
    render = order.render
    if order.status != Status.RENDERING or render is None or not render.is_unfinished:
        return ""
    return str(watching.page(render)["words"]["detail"])


@dataclass(frozen=True)
class Summary:
    """A canvas in a list."""

    price: str
    state: str


def summary(order: CanvasOrder) -> Summary:
    return Summary(wording.money(order.amount_minor, order.currency), capfirst(order.get_status_display()))


def settings_of(order: CanvasOrder) -> list[tuple[str, str]]:
    """Strength and brush size, where they are other than as it was painted."""
    kept = order.controls
    return [(str(dial.title), wording.number(kept[dial.name])) for dial in canvas_forms.DIALS if dial.name in kept]


def scene(order: CanvasOrder, viewer: User | None) -> Scene | None:
    """As it was ordered; None where its picture is deleted, or was hidden from who looks."""
    return Scene(order.wish) if is_seen(order.picture, viewer) else None


def is_seen(picture: Job | None, viewer: User | None) -> bool:
    if picture is None or picture.status != Job.Status.DONE:
        return False
    is_own = viewer is not None and picture.owner_id == viewer.pk
    return is_own or picture.visibility != Job.Visibility.PRIVATE


def _offer(canvas: Canvas, wish: Wish, picture: Job) -> Offer:
    of_size = replace(wish, size=canvas.name)
    crop = canvases.fitted(wish.crop, canvas_forms.picture_size(picture), of_size)
    sharp = sharpness(replace(of_size, crop=crop), picture)
    title = canvas.title(portrait=wish.portrait)
    return Offer(canvas, title, price(canvas), sharp, canvas.name == wish.size)
