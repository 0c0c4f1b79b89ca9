"""THE BENCH: the line before the kiln: rank and caps. Pure; the bound on waiting is proved in docs/queue.md.

A job's rank is fixed when it is queued and the lowest rank is painted first: self-clocked start-time fair queueing
(Golestani 1994; Goyal, Vin, Cheng 1997). Nothing ages and nothing is recomputed.
"""

from dataclasses import dataclass
from typing import Final

from stylize import tiers

SWEEP_ITERATIONS: Final = 9
"""What the sweep with its preparations costs, in iterations at full size (`make bench ARGS="sweep limit"`)."""
PROOF_EXTRA: Final = 1.3  # times: how much longer a pixel of a proof takes than one of a painting, measured

GUEST_FREE_CAP: Final = 1  # waiting or running at once
FREE_CAP: Final = 3
PAID_CAP: Final = 10
PROOF_CAP: Final = 1  # sheets of nine; one is enough to choose from


def cost(iterations: int, width: int, height: int) -> float:
    """The work of a job in megapixel-iterations."""
    return (iterations + SWEEP_ITERATIONS) * width * height / 1e6


def cost_in(tier: tiers.Tier, iterations: int, width: int, height: int) -> float:
    """The same of what a tier makes; small paintings take longer by the pixel."""
    return cost(iterations, width, height) * (PROOF_EXTRA if tier is tiers.PROOF else 1.0)


def share(done: int, ordered: int) -> float:
    """Of a job's cost, what was spent when it ended after `done` of its iterations."""
    return (done + SWEEP_ITERATIONS) / (ordered + SWEEP_ITERATIONS)


@dataclass(frozen=True)
class Weights:
    """What an owner's jobs of each kind get of the kiln, beside another owner's. A sample ranks behind visitors."""

    paid: float = 4.0
    free: float = 1.0
    sample: float = 0.0001  # a free job costs about as much as a sample

    def of(self, *, paid: bool, sample: bool) -> float:
        if sample:
            return self.sample
        return self.paid if paid else self.free


def rank(now: float, owners_last: float, cost: float, weight: float) -> float:
    """Where a job joins the line: `now` is the rank being painted, `owners_last` the owner's newest rank."""
    return max(now, owners_last) + cost / weight


def cap(*, paid: bool, guest: bool) -> int:
    """How many jobs of this kind one owner may have unfinished."""
    if paid:
        return PAID_CAP
    return GUEST_FREE_CAP if guest else FREE_CAP
