"""THE BENCH: nine small paintings before an order: strength across, brush size down, what was chosen among them.

A proof is a job of its own tier in the same line. It is private whatever its order will be; `wanted_…` keep that.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID, uuid5

from stylize import controls, jobs, mix, offers, tiers, wording
from stylize.models import Job

STRENGTHS: Final = (0.01, 0.1, 1.0, 10.0)
"""From 1 on the style is all there in a small painting: whoever has chosen so much is shown less of it, twice."""
APART: Final = 3.0  # times: strengths closer than that look alike
STRIDE: Final = 2  # stops of the brush between two neighbours


class Unsold(Exception):
    """What the proof was made for cannot be ordered as it was: a style was taken back, or the tier has changed."""


@dataclass(frozen=True)
class Proof:
    """One of nine; the numbers run row by row."""

    number: int
    strength: float
    brush_size: float
    controls: dict[str, Any]  # a whole recipe's
    is_chosen: bool  # what the form had said

    @property
    def strength_written(self) -> str:
        return wording.number(self.strength)

    @property
    def brush_written(self) -> str:
        return wording.number(self.brush_size)


def sheet(chosen: Mapping[str, Any]) -> list[Proof]:
    """The nine for what a form has chosen."""
    own = {dial.name: chosen.get(dial.name, dial.default) for dial in (controls.STRENGTH, controls.BRUSH_SIZE)}
    pairs = itertools.product(_brushes(own["brush_size"]), _strengths(own["strength"]))
    return [_proof(number, chosen, own, strength, brush) for number, (brush, strength) in enumerate(pairs)]


def before(order: jobs.Order) -> jobs.Order:
    """The order of the proofs that come before `order`."""
    wanted = {
        "wanted_tier": order.tier, "wanted_iterations": order.iterations, "wanted_visibility": order.visibility,
    }  # fmt: skip
    return replace(
        order, tier=tiers.PROOF.name, iterations=tiers.PROOF.usual, visibility=Job.Visibility.PRIVATE, wanted=wanted
    )


def after(job: Job, number: int, *, page: UUID) -> jobs.Order:
    """The order that one of the nine becomes; the same one chosen twice on one page is one order. Raises Unsold."""
    assert job.wanted_iterations
    return jobs.Order(
        photo=job.photo, styles=_styles(job), tier=job.wanted_tier, iterations=job.wanted_iterations,
        visibility=job.wanted_visibility, show_photo=job.show_photo, controls=sheet(job.controls)[number].controls,
        form_token=uuid5(page, f"{job.key} {number}"), framing=job.framing, protect=job.protect,
    )  # fmt: skip


def offer(job: Job) -> offers.Step:
    """What the order costs and how long it takes, whichever is chosen. Raises Unsold."""
    _styles(job)
    assert job.wanted_iterations
    try:
        tier = tiers.named(job.wanted_tier)
        size = job.framing.size(job.photo.width, job.photo.height)
        return offers.of(job.owner, tier, job.wanted_iterations, photo_size=size)
    except tiers.TierError as error:
        raise Unsold from error


def _styles(job: Job) -> tuple[mix.Weighted, ...]:
    """All of them, as long as the owner may paint with them."""
    links = list(job.style_links.all())
    if len(mix.of(job, job.owner)) < len(links):
        raise Unsold
    return tuple((link.style, link.weight) for link in links)


def _proof(number: int, chosen: Mapping[str, Any], own: Mapping[str, Any], strength: float, brush: float) -> Proof:
    pair = {"strength": strength, "brush_size": brush}
    return Proof(number, strength, brush, controls.differing({**chosen, **pair}), pair == own)


def _strengths(own: float) -> list[float]:
    """Three, from less to more, one's own among them."""
    less, more = _less(own), _more(own)
    if own >= 1 or not more:
        return [_less(less[0])[0], less[0], own]
    return [less[0], own, more[0]] if less else [own, more[0], _more(more[0])[0]]


def _less(strength: float) -> list[float]:
    """What is clearly less, the nearest first."""
    return [one for one in reversed(STRENGTHS) if one * APART <= strength]


def _more(strength: float) -> list[float]:
    return [one for one in STRENGTHS if one >= strength * APART]


def _brushes(own: float) -> list[float]:
    """Three, from finer to broader, one's own among them: in the middle unless it is at an end."""
    stops = sorted({*controls.BRUSH_SIZE.stops, own})
    at, last = stops.index(own), len(stops) - 1
    if at == 0:
        return stops[: 2 * STRIDE + 1 : STRIDE]
    if at == last:
        return stops[last - 2 * STRIDE :: STRIDE]
    return [stops[max(0, at - STRIDE)], own, stops[min(last, at + STRIDE)]]
