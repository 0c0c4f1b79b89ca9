"""THE DESK: what stands in the workshop: how much, since when, and what is late."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Final

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from billing.canvas_models import CanvasOrderQuerySet
from billing.models import CanvasOrder
from billing.workshop_forms import SearchForm
from stylize import plots, wording

Status = CanvasOrder.Status

OPEN: Final = (Status.READY, Status.PRODUCTION, Status.SHIPPED, Status.RENDERING)
"""What is under way, in the order in which hands are needed."""
LATE: Final = {
    Status.RENDERING: timedelta(days=2), Status.READY: timedelta(days=3), Status.PRODUCTION: timedelta(days=7),
    Status.SHIPPED: timedelta(days=21),
}  # fmt: skip
"""How long a canvas may stay in a state before somebody should look."""
MONTH: Final = timedelta(days=30)
SECTION: Final = 20  # canvases of a state on the first page; all of them on a page of their own
PAGE: Final = 50


@dataclass(frozen=True)
class Row:
    """A canvas as the staff see it."""

    order: CanvasOrder
    now: datetime

    @property
    def who(self) -> str:
        owner = self.order.owner
        return self.order.ship_name or self.order.email or (str(owner) if owner else "")

    @property
    def price(self) -> str:
        return wording.money(self.order.amount_minor, self.order.currency)

    @property
    def is_late(self) -> bool:
        may_take = LATE.get(Status(self.order.status))
        return may_take is not None and self.order.moved_at < self.now - may_take


@dataclass(frozen=True)
class Section:
    """The canvases of one state, the oldest order first."""

    status: str
    title: str
    count: int
    rows: list[Row]

    @property
    def has_more(self) -> bool:
        return self.count > len(self.rows)


@dataclass(frozen=True)
class Page:
    """One page of what was looked for."""

    rows: list[Row]
    next: int | None  # the place at which the next page begins


def late() -> Q:
    now = timezone.now()
    return reduce(or_, (Q(status=status, moved_at__lt=now - time) for status, time in LATE.items()))


def counts() -> tuple[dict[str, int], int]:
    """How many are in each state, where any are; and how many are late."""
    by_status = CanvasOrder.objects.order_by().values_list("status")
    rows = list(by_status.annotate(orders=Count("id"), late_ones=Count("id", filter=late())))
    return {status: number for status, number, _late_ones in rows}, sum(late_ones for *_rest, late_ones in rows)


def glance() -> list[tuple[str, str, str]]:
    """What is to be counted, how many, and what to look for to see them."""
    counted, late_ones = counts()
    lately = CanvasOrder.objects.filter(status=Status.DELIVERED, moved_at__gte=timezone.now() - MONTH).count()
    states = [(capfirst(status.label), counted.get(status, 0), str(status)) for status in (*OPEN, Status.PLACED)]
    every = [
        (_("Late"), late_ones, SearchForm.LATE),
        *states,
        (_("Delivered in 30 days"), lately, str(Status.DELIVERED)),
    ]
    return [(str(name), plots.count(value), state) for name, value, state in every]


def sections() -> list[Section]:
    """All that is under way."""
    counted, _late_ones = counts()
    return [
        Section(
            str(status), capfirst(str(status.label)), counted[status], rows(_in_state(status).order_by("id")[:SECTION])
        )
        for status in OPEN
        if counted.get(status)
    ]


def found(form: SearchForm, place: int | None) -> Page:
    """What was looked for: the oldest first in states that wait for hands, elsewhere the newest."""
    given = form.cleaned_data if form.is_valid() else {}
    state = given.get("state", "")
    orders = _in_state(state)
    if given.get("q"):
        orders = orders.known_as(given["q"])
    waits = state == SearchForm.LATE or state in OPEN
    if place is not None:
        orders = orders.filter(pk__gt=place) if waits else orders.filter(pk__lt=place)
    page = rows(orders.order_by("id" if waits else "-id")[: PAGE + 1])
    return Page(page[:PAGE], page[PAGE - 1].order.pk if len(page) > PAGE else None)


def rows(orders: Iterable[CanvasOrder]) -> list[Row]:
    now = timezone.now()
    return [Row(order, now) for order in orders]


def _in_state(state: str) -> CanvasOrderQuerySet:
    """Nothing said is everything: whoever looks for a name looks everywhere."""
    every = CanvasOrder.objects.select_related("owner")
    if state == SearchForm.LATE:
        return every.filter(late())
    return every.filter(status=state) if state in Status.values else every
