"""THE DESK: what the house does for canvases every few seconds, from the render to what is left over.

A round of its own beside that of the money, and one at a time in all: a large file, or a printer that hangs, holds up
no refund.
"""

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from django.db.models import Q
from django.utils import timezone

from billing import canvas_notices, finishing, orders, workshop
from billing.models import CanvasOrder
from stylize import jobs, prints
from stylize.models import Job, JobQuerySet
from stylize.storage import StorageError

log = logging.getLogger(__name__)
Status = CanvasOrder.Status

LOCK: Final = 0x7112  # of Postgres' advisory locks, the round's own
AT_ONCE: Final = 50
FILES_AT_ONCE: Final = 2  # a print file takes some seconds
THINK_AGAIN: Final = timedelta(hours=1)  # in which a canvas that an outside printer would begin can be cancelled
ASK_AGAIN: Final = timedelta(minutes=10)
MASTERS_LIVE: Final = timedelta(days=90)  # after delivery: for a second one, where the first was damaged


def go_round() -> dict[str, int]:
    """Everything that is due, by its name."""
    return {
        "expired": orders.expire(), "renders begun": begin_renders(), "renders looked at": look_at_renders(),
        "files made": make_masters(), "taken up": take_up(), "placed": place_all(), "asked after": ask_all(),
        "withdrawn": withdraw_all(), "cleared": clear(), "mailed": canvas_notices.send_due(),
        "forgotten": orders.forget_addresses(),
    }  # fmt: skip


# From the render to the file ------------------------------------------------------------------------------------------


def begin_renders() -> int:
    without = CanvasOrder.objects.filter(status__in=orders.NEEDS_MASTER, master="", render=None)
    return sum(_begin(order) for order in without.order_by("moved_at")[:AT_ONCE])


def look_at_renders() -> int:
    """What became of those that will bring no picture; how many. One that was lost in the storage is painted again."""
    over = Q(render__status__in=[Job.Status.FAILED, Job.Status.CANCELLED])
    without = CanvasOrder.objects.filter(over, status__in=orders.NEEDS_MASTER, master="").select_related("render")
    return sum(_give_up(order) for order in without.order_by("id")[:AT_ONCE])


def make_masters() -> int:
    """Make and check the print files of renders that are done; how many are ready."""
    painted = CanvasOrder.objects.filter(status__in=orders.NEEDS_MASTER, master="", render__status=Job.Status.DONE)
    return sum(_make(order) for order in painted.select_related("render", "picture").order_by("id")[:FILES_AT_ONCE])


def _begin(order: CanvasOrder) -> bool:
    try:
        return orders.begin_render(order)
    except jobs.Conflict:
        return False  # the next round looks again
    except prints.Misfit as error:
        orders.tell(order, f"It cannot be painted: {error}")
        return orders.fail(order)


def _give_up(order: CanvasOrder) -> bool:
    assert order.render
    if order.render.failure == Job.Failure.GONE:
        return orders.drop_render(order, order.render)
    orders.tell(order, f"Render {order.render.key}: {order.render.failure or order.render.status}")
    return orders.fail(order)


def _make(order: CanvasOrder) -> bool:
    assert order.render
    try:
        name, complaints = finishing.make(order)
    except FileNotFoundError:
        return orders.drop_render(order, order.render)
    except StorageError as error:
        log.warning("canvas %s: its print file has to wait: %s", order.key, error)
        return False
    if complaints:
        orders.tell(order, "; ".join(complaints))
        orders.fail(order)
        return False
    if orders.rendered(order, name):
        return True
    finishing.delete(name)  # it was cancelled meanwhile
    return False


# The printer ----------------------------------------------------------------------------------------------------------


def take_up() -> int:
    """An outside printer begins by itself, once there was time to think again; how many."""
    if not workshop.printer().is_outside:
        return 0
    ready = CanvasOrder.objects.filter(status=Status.READY, moved_at__lt=timezone.now() - THINK_AGAIN).exclude(
        master=""
    )
    return sum(orders.produce(order) for order in ready)


def place_all() -> int:
    """Hand over what is to be made; how many were taken."""
    return sum(_place(order) for order in _due(Q(status=Status.PRODUCTION, carrier_ref="")))


def ask_all() -> int:
    """Ask after what an outside printer makes; how many have moved on."""
    if not workshop.printer().is_outside:
        return 0
    with_it = Q(status__in=[Status.PRODUCTION, Status.SHIPPED]) & ~Q(carrier_ref="")
    return sum(_ask(order) for order in _due(with_it))


def withdraw_all() -> int:
    """Stop the printer where a canvas has failed after all; how many."""
    return sum(_withdraw(order) for order in _due(Q(status=Status.FAILED)))


def _due(which: Q) -> Iterator[CanvasOrder]:
    """Those whose turn it is; the next turn is set before anybody is asked."""
    now = timezone.now()
    for order in CanvasOrder.objects.filter(which, look_at__lte=now).order_by("look_at")[:AT_ONCE]:
        taken = CanvasOrder.objects.filter(pk=order.pk, look_at=order.look_at)
        if taken.update(look_at=now + ASK_AGAIN) == 1:
            order.look_at = now + ASK_AGAIN
            yield order


def _place(order: CanvasOrder) -> bool:
    try:
        ref = workshop.printer().place(order)
    except workshop.Away as trouble:
        log.warning("canvas %s: the printer is away, it is tried again: %s", order.key, trouble)
        return False
    except workshop.Refused as refusal:
        orders.tell(order, f"Printer: {refusal}")
        orders.fail(order)
        return False
    return orders.placed_with_printer(order, ref)


def _ask(order: CanvasOrder) -> bool:
    try:
        news = workshop.printer().status(order.carrier_ref)
    except (workshop.Away, workshop.Refused) as trouble:
        log.warning("canvas %s: the printer does not tell of it: %s", order.key, trouble)
        return False
    return _followed(order, news)


def _followed(order: CanvasOrder, news: workshop.News) -> bool:
    """Bring our own story to what the printer says; whether it has moved."""
    if news.stage == workshop.Stage.FAILED:
        orders.tell(order, f"Printer: {news.note}")
        return orders.fail(order)
    moved = False
    if news.stage in (workshop.Stage.SHIPPED, workshop.Stage.DELIVERED):
        moved = orders.ship(order, tracking=news.tracking, tracking_url=news.tracking_url)
    if news.stage == workshop.Stage.DELIVERED:
        moved = orders.deliver(order) or moved
    return moved


def _withdraw(order: CanvasOrder) -> bool:
    if order.carrier_ref:
        try:
            stopped = workshop.printer().cancel(order.carrier_ref)
        except workshop.Away:
            return False
        if not stopped:
            orders.tell(order, "The printer could not stop it any more.")
    return orders.look_no_more(order)


# What is left over ----------------------------------------------------------------------------------------------------


def clear() -> int:
    """Stop renders and remove print files that nobody needs any more; how many. Ended renders expire by themselves."""
    stopped = sum(jobs.cancel(render) for render in orders.unneeded_renders())
    return stopped + sum(_delete_master(order) for order in _old())


def needed_renders(renders: JobQuerySet) -> JobQuerySet:
    """For the house that lets ended ones expire: those whose canvas may still need them."""
    return renders.filter(print_orders__status__in=orders.NEEDS_MASTER)


def _old() -> list[CanvasOrder]:
    served = Q(moved_at__lt=timezone.now() - MASTERS_LIVE) | Q(owner=None)  # whoever has left needs no second one
    old = CanvasOrder.objects.ended().filter(served).exclude(master="")
    return list(old[:AT_ONCE])


def _delete_master(order: CanvasOrder) -> bool:
    """The row first: what is left without one, the sweep finds."""
    name = order.master
    lost = orders.lose_master(order)
    if lost:
        finishing.delete(name)
    return lost


def lost_master(pk: int, name: str) -> bool:
    """For the sweep: a print file that is not there is made anew, as long as somebody waits for it."""
    order = CanvasOrder.objects.filter(pk=pk, master=name).first()
    return order is not None and orders.lose_master(order)
