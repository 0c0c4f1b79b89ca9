"""THE DESK: the life of a canvas. No other module writes its status; each move and its line in the story are one.

Nothing here calls Stripe, the printer or the storage. Rows are locked in this order: owner, picture, canvas, payment.
"""

import logging
from collections.abc import Collection
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from billing import canvases, stripe_api
from billing.models import CanvasEvent, CanvasOrder
from people import languages
from people.models import User
from stylize import dispatch, jobs
from stylize.models import Job, JobQuerySet

log = logging.getLogger(__name__)
Status = CanvasOrder.Status

PLACED_LIVES: Final = timedelta(days=7)
MOST_PLACED: Final = 20  # unpaid ones of one owner
MOVES: Final[dict[str, frozenset[str]]] = {  # to: from
    Status.RENDERING: frozenset({Status.PLACED}),
    Status.READY: frozenset({Status.RENDERING}),
    Status.PRODUCTION: frozenset({Status.READY}),
    Status.SHIPPED: frozenset({Status.PRODUCTION}),
    Status.DELIVERED: frozenset({Status.SHIPPED}),
    Status.CANCELLED: frozenset({Status.PLACED, Status.RENDERING, Status.READY}),
    Status.FAILED: frozenset({Status.RENDERING, Status.READY, Status.PRODUCTION, Status.SHIPPED}),
}
NEEDS_MASTER: Final = (Status.RENDERING, Status.READY, Status.PRODUCTION)
MAILED: Final = frozenset(MOVES) - {Status.RENDERING}  # that one's mail is the receipt


class NotForSale(Exception):
    """This picture is not to be printed for this person, or its wish cannot be fulfilled; `str()` tells people why."""


class NotRead(NotForSale):
    """The photo is too small, and it was not ticked that what is said about it has been read."""


# Verbs of the web -----------------------------------------------------------------------------------------------------


def may_be_ordered_by(user: User | None) -> JobQuerySet:
    """Finished pictures of one's own, and public ones whose owner allows it."""
    allowed = Q(visibility=Job.Visibility.PUBLIC, allow_prints=True)
    own = Q(owner=user) if user else Q(pk=None)
    return Job.objects.paintings().filter(allowed | own, status=Job.Status.DONE)


def place(owner: User, picture: Job, wish: canvases.Wish, form_token: UUID | None = None) -> CanvasOrder:
    """Write the order down, at today's price; the same form sent again gives the same order. Raises NotForSale."""
    try:
        with transaction.atomic():
            return _place(User.objects.select_for_update(no_key=True).get(pk=owner.pk), picture, wish, form_token)
    except canvases.WishError as error:
        raise NotForSale(str(error)) from error
    except (User.DoesNotExist, IntegrityError) as error:  # signed in, or deleted, just now
        raise NotForSale(_("Something else happened at the same moment. Please try again.")) from error


def cancel(order: CanvasOrder, *, by: User | None = None, note: str = "") -> bool:
    """Free of charge until it is made; what was paid goes back by itself. False: too late."""
    cancelled = _move(order, Status.CANCELLED, by=by, note=note, look_at=None)
    if cancelled:
        _stop_render(order)
    return cancelled


# Verbs of the money and of the house ----------------------------------------------------------------------------------


def paid(order: CanvasOrder, ship_to: stripe_api.Address | None, email: str) -> bool:
    """Begin it. False: it does not wait for money any more, or its picture is not to be had any more.

    The print render joins the line with the next round: that needs the owner's lock, which comes before this one.
    """
    if not may_be_ordered_by(order.owner).filter(canvases=order.pk).exists():
        return False
    if ship_to is None:
        log.error("canvas %s: paid without an address", order.key)
        ship_to = stripe_api.Address()
    return _move(
        order, Status.RENDERING, ship_name=ship_to.name, ship_phone=ship_to.phone, ship_to=ship_to.parts, email=email
    )


def begin_render(order: CanvasOrder) -> bool:
    """Let its print render join the line. False: there is one, or none can be made, and then it has failed."""
    with transaction.atomic():
        locked = _locked_without_render(order)
        if locked is None:
            return False
        if locked.owner and locked.picture:
            size = canvases.painted_px(locked.canvas, portrait=locked.portrait, wrap=locked.wrap, dpi=locked.dpi)
            crop = (locked.crop_x, locked.crop_y, locked.crop_width, locked.crop_height)
            render = jobs.submit_print(locked.owner, locked.picture, size=size, crop=crop, controls=locked.controls)
            CanvasOrder.objects.filter(pk=locked.pk).update(render=render)
            transaction.on_commit(dispatch.wake)
            log.info("canvas %s: its print render %s joins the line", locked.key, render.key)
            return True
    tell(order, "There is nothing any more that it could be painted from.")
    fail(order)
    return False


def drop_render(order: CanvasOrder, render: Job) -> bool:
    """The render was lost in the storage: another one is to be painted."""
    return CanvasOrder.objects.filter(pk=order.pk, render=render).update(render=None) == 1


def rendered(order: CanvasOrder, master: str) -> bool:
    """There is a print file that stands every check. False: it is not needed any more, there is one, or it is of a
    render that staff have dropped meanwhile.
    """
    with transaction.atomic():
        without = CanvasOrder.objects.filter(pk=order.pk, render=order.render_id, master="", status__in=NEEDS_MASTER)
        if without.update(master=master) != 1:
            return False
        _move(order, Status.READY)
    return True


def repaint(order: CanvasOrder, render_key: str, *, by: User) -> bool:
    """Staff do not like this render: another is painted, and its file made. False: it is another one already."""
    render = Job.objects.filter(key=render_key, print_orders=order.pk).first()
    with transaction.atomic():
        teller = _locked(by)
        disliked = CanvasOrder.objects.filter(pk=order.pk, render=render, status__in=NEEDS_MASTER)
        if render is None or disliked.update(render=None, master="") != 1:
            return False
        tell(order, f"It is to be painted again, instead of render {render.key}.", by=teller)
    jobs.cancel(render)
    return True


def lose_master(order: CanvasOrder) -> bool:
    """Its print file is not in the storage any more: the next round makes it anew."""
    return CanvasOrder.objects.filter(pk=order.pk, master=order.master).update(master="") == 1


def expire() -> int:
    """Cancel what nobody has paid for in time, and what has lost its picture before; how many."""
    limit = timezone.now() - PLACED_LIVES
    placed = CanvasOrder.objects.filter(Q(created_at__lt=limit) | Q(picture=None), status=Status.PLACED)
    return sum(cancel(order) for order in placed)


def forget_addresses() -> int:
    """Empty for whom they were, where that person has left, it has ended, and its mail is sent; how many."""
    known = ~Q(email="") | ~Q(ship_name="") | ~Q(ship_phone="") | ~Q(ship_to={})
    ended = CanvasOrder.objects.ended().filter(known, owner=None).exclude(events__told_at=None)
    return ended.update(email="", ship_name="", ship_phone="", ship_to={})


# Verbs of the workshop ------------------------------------------------------------------------------------------------


def produce(order: CanvasOrder, *, by: User | None = None) -> bool:
    """It is being made; from here on it cannot be cancelled. False: it is not ready, or its print file is missing."""
    return _move(order, Status.PRODUCTION, by=by, only=~Q(master=""), look_at=timezone.now())


def ship(order: CanvasOrder, *, by: User | None = None, tracking: str = "", tracking_url: str = "") -> bool:
    return _move(order, Status.SHIPPED, by=by, tracking=tracking, tracking_url=tracking_url)


def retrack(order: CanvasOrder, was: str, *, by: User, tracking: str, tracking_url: str) -> bool:
    """Another number than it `was`; no mail is sent. False: it is not on its way, or it was another one already."""
    sent = CanvasOrder.objects.filter(pk=order.pk, status=Status.SHIPPED, tracking=was)
    with transaction.atomic():
        teller = _locked(by)
        if sent.update(tracking=tracking, tracking_url=tracking_url) != 1:
            return False
        tell(order, f"Tracking: {was or '–'} → {tracking or '–'}", by=teller)
    return True


def deliver(order: CanvasOrder, *, by: User | None = None) -> bool:
    return _move(order, Status.DELIVERED, by=by, look_at=None)


def placed_with_printer(order: CanvasOrder, ref: str) -> bool:
    """The printer has taken it. Where it has failed meanwhile, the next round withdraws it."""
    return CanvasOrder.objects.filter(pk=order.pk).update(carrier_ref=ref, look_at=timezone.now()) == 1


def look_no_more(order: CanvasOrder) -> bool:
    """The printer need not be asked about it again."""
    return CanvasOrder.objects.filter(pk=order.pk, look_at=order.look_at).update(look_at=None) == 1


def fail(order: CanvasOrder, *, by: User | None = None, note: str = "") -> bool:
    """It cannot be made, or was lost on its way: all that was paid goes back by itself."""
    failed = _move(order, Status.FAILED, by=by, note=note, look_at=timezone.now())
    if failed:
        log.error("canvas %s: failed", order.key)
        _stop_render(order)
    return failed


def tell(order: CanvasOrder, words: str, *, by: User | None = None, is_public: bool = False) -> CanvasEvent:
    """A line of its story that moves nothing; for staff alone unless it is public."""
    order.refresh_from_db(fields=["status"])
    return CanvasEvent.objects.create(
        order=order, status=order.status, by=by, note=words[:500], is_move=False, is_public=is_public,
        told_at=timezone.now(),
    )  # fmt: skip


# Within ---------------------------------------------------------------------------------------------------------------


def _place(owner: User, picture: Job, wish: canvases.Wish, form_token: UUID | None) -> CanvasOrder:
    sent_before = CanvasOrder.objects.filter(form_token=form_token, owner=owner).first() if form_token else None
    if sent_before:
        return sent_before
    _check(owner, picture, wish)
    crop, now = wish.crop, timezone.now()
    order = CanvasOrder.objects.create(
        owner=owner, picture=picture, picture_key=picture.key, form_token=form_token, size=wish.size,
        portrait=wish.portrait, wrap=wish.wrap, wrap_colour=wish.colour, crop_x=crop.x, crop_y=crop.y,
        crop_width=crop.width, crop_height=crop.height, controls=wish.controls,
        amount_minor=wish.canvas.prices[settings.CURRENCY], currency=settings.CURRENCY, dpi=settings.PRINT_DPI,
        email=owner.email or "", language=languages.current(), created_at=now, moved_at=now,
    )  # fmt: skip
    CanvasEvent.objects.create(order=order, status=Status.PLACED, by=owner, at=now, told_at=now)
    log.info("canvas %s: ordered, %s of picture %s", order.key, order.size, picture.key)
    return order


def _check(owner: User, picture: Job, wish: canvases.Wish) -> None:
    if not may_be_ordered_by(owner).filter(pk=picture.pk).exists():
        raise NotForSale(_("This picture cannot be ordered as a canvas."))
    canvases.check(wish, (picture.width, picture.height))
    photo = picture.framing.size(picture.photo.width, picture.photo.height)
    if canvases.sharpness(photo, wish).is_too_small and not wish.has_read:
        raise NotRead(_("The photo is small for this canvas. Please read what that means, and tick that you have."))
    if CanvasOrder.objects.filter(owner=owner, status=Status.PLACED).count() >= MOST_PLACED:
        raise NotForSale(_("You have many canvases that are not paid yet. Pay or cancel one of them first."))


def _locked_without_render(order: CanvasOrder) -> CanvasOrder | None:
    """With its owner and its picture, so that nobody signs in and nothing is deleted meanwhile."""
    User.objects.select_for_update(of=("self",)).filter(canvases=order.pk).first()
    Job.objects.select_for_update(of=("self",)).filter(canvases=order.pk).first()
    needs_one = CanvasOrder.objects.select_related("owner", "picture").filter(
        pk=order.pk, render=None, master="", status__in=NEEDS_MASTER
    )
    return needs_one.select_for_update(of=("self",)).first()


def _locked(by: User) -> User | None:
    """Before the order, as everywhere: a guest may just be signing in."""
    return User.objects.select_for_update(no_key=True).filter(pk=by.pk).first()


def _stop_render(order: CanvasOrder) -> None:
    """Nobody needs it any more; where this process is killed before, the house does it."""
    for render in unneeded_renders().filter(print_orders=order.pk):
        jobs.cancel(render)


def unneeded_renders() -> "QuerySet[Job]":
    """Unfinished ones of canvases that have ended."""
    return Job.objects.unfinished().filter(print_orders__status__in=Status.ended())


def _move(
    order: CanvasOrder, to: str, *, by: User | None = None, note: str = "", only: Q | None = None,
    source: Collection[str] | None = None, **changes: Any,
) -> bool:  # fmt: skip
    """The one place where a status changes. False: somebody else was first, or it would go backwards."""
    allowed = MOVES[to] if source is None else MOVES[to] & set(source)
    now = timezone.now()
    with transaction.atomic():
        by = _locked(by) if by else None
        moving = CanvasOrder.objects.filter(only or Q(), pk=order.pk, status__in=allowed)
        if moving.update(status=to, moved_at=now, **changes) != 1:
            return False
        told_at = None if to in MAILED else now
        CanvasEvent.objects.create(order=order, status=to, by=by, at=now, note=note[:500], told_at=told_at)
    log.info("canvas %s: %s", order.key, to)
    order.refresh_from_db()
    return True
