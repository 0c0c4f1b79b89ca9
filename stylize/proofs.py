"""THE BENCH: nine small paintings before an order: strength across, brush size down, what was chosen among them.

A proof is a job of its own tier in the same line. It is private whatever its order will be; `wanted_…` keep that.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID, uuid5

from stylize import controls, jobs, mix, offers, tiers, wording
from stylize.models import Job

STRIDE: Final = 2  # stops of a dial between two neighbours: enough to be seen in a small painting


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
    usual = {dial.name: chosen.get(dial.name, dial.default) for dial in (controls.STRENGTH, controls.BRUSH_SIZE)}
    pairs = [(brush, strength) for brush in _around(controls.BRUSH_SIZE, usual["brush_size"])
             for strength in _around(controls.STRENGTH, usual["strength"])]  # fmt: skip
    return [_proof(number, chosen, usual, strength, brush) for number, (brush, strength) in enumerate(pairs)]


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


def _proof(number: int, chosen: Mapping[str, Any], usual: Mapping[str, Any], strength: float, brush: float) -> Proof:
    pair = {"strength": strength, "brush_size": brush}
    return Proof(number, strength, brush, controls.differing({**chosen, **pair}), pair == usual)


def _around(dial: controls.Dial, chosen: float) -> tuple[float, float, float]:
    """Three values of a dial, from less to more, `chosen` among them: in the middle unless it is at an end."""
    stops = sorted({*dial.stops, chosen})
    at, last = stops.index(chosen), len(stops) - 1
    low, high = max(0, at - STRIDE), min(last, at + STRIDE)
    if at == 0:
        low, at, high = at, STRIDE, 2 * STRIDE
    elif at == last:
        low, at, high = at - 2 * STRIDE, at - STRIDE, at
    return stops[low], stops[at], stops[high]
