"""THE BENCH: the tiers as a visitor is offered them: price and expected wait of every number of iterations."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.text import capfirst

from people.models import User
from stylize import line, queue, tiers, wording
from stylize.forecast import Line

USUAL_PHOTO = (4000, 3000)  # px; what an offer is reckoned for before the photo is known
LAST = math.inf  # whoever joins now comes after all of the same rank


@dataclass(frozen=True)
class Step:
    """One number of iterations, with all that the page says about it: the browser reckons nothing."""

    iterations: int
    price: str
    ahead: int  # jobs
    ready_s: float | None  # until the picture is ready, or None while nothing has been measured yet
    back_at: datetime | None = None  # for a free one, while the line is longer than is promised

    @property
    def wait(self) -> str:
        return wording.about(self.ready_s)

    @property
    def total(self) -> str:
        """Price and wait in one line, for the place beside the button."""
        price = capfirst(self.price)
        return price if self.ready_s is None else f"{price} · {self.wait}"


@dataclass(frozen=True)
class Offer:
    tier: tiers.Tier
    steps: Sequence[Step]
    chosen: Step  # what is asked for, or the nearest that is sold

    @property
    def least(self) -> Step:
        return self.steps[0]

    @property
    def most(self) -> Step:
        return self.steps[-1]


def all_tiers(owner: User | None, *, asked: object = None, last: float | None = None) -> list[Offer]:
    """`asked` are the iterations in the form, whatever they are; `last` the owner's last rank, where it is known."""
    now, last = line.shared(), line.last_rank(owner) if last is None else last
    return [_offer(tier, now, last, asked=asked) for tier in tiers.TIERS.values()]


def of(
    owner: User | None, tier: tiers.Tier, iterations: int, *,
    photo_size: tuple[int, int] = USUAL_PHOTO, last: float | None = None,
) -> Step:  # fmt: skip
    """Price and wait of one order. Raises tiers.TierError."""
    last = line.last_rank(owner) if last is None else last
    return _step(tier, iterations, line.shared(), last, photo_size=photo_size)


@dataclass(frozen=True)
class Closed:
    """Free pictures are not taken: the line is longer than is promised."""

    until: datetime

    @property
    def retry_after_s(self) -> int:
        return max(1, math.ceil((self.until - timezone.now()).total_seconds()))

    @property
    def wait(self) -> str:
        return wording.about(self.retry_after_s)


def closed(all_offers: Sequence[Offer], *, refused_until: datetime | None = None) -> Closed | None:
    """None: free pictures are taken. `refused_until` is what one was told that has just been refused."""
    until = refused_until or next((offer.least.back_at for offer in all_offers if offer.least.back_at), None)
    return Closed(until) if until else None


def _offer(tier: tiers.Tier, now: Line, owners_last: float, *, asked: object) -> Offer:
    steps = [_step(tier, iterations, now, owners_last) for iterations in tier.iterations]
    return Offer(tier, steps, _nearest(steps, asked, tier.usual))


def _step(
    tier: tiers.Tier, iterations: int, now: Line, owners_last: float, *, photo_size: tuple[int, int] = USUAL_PHOTO
) -> Step:
    price, cost = _price(tier, iterations), queue.cost_in(tier, iterations, *tiers.painted_size(tier, *photo_size))
    rank = queue.rank(now.now, owners_last, cost, line.weight(paid=tier.is_paid))
    turn = now.turn(rank, LAST, cost)
    return Step(
        iterations, price, now.jobs_before(rank, LAST), turn.ready_s if turn else None,
        back_at=None if tier.is_paid else line.free_again_at(turn),
    )  # fmt: skip


def _price(tier: tiers.Tier, iterations: int) -> str:
    return wording.price(tier.price_minor(iterations, settings.CURRENCY), settings.CURRENCY)


def _nearest(steps: Sequence[Step], asked: object, usual: int) -> Step:
    """As a slider would have it: the step that is closest, of two the larger one."""
    try:
        wanted = int(str(asked))
    except ValueError:
        wanted = usual
    return min(steps, key=lambda step: (abs(step.iterations - wanted), -step.iterations))
