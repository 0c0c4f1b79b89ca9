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
PRINT_PROOF_CAP: Final = 1
PRINT_LOOKS: Final = (20, 10)  # evaluations of a print at each smaller size and at its own, as the engine plans them
PRINT_EXTRA: Final = 3.0
"""Times: how much longer a pixel of a print takes than one of a painting (`make bench-print`), for a tile is looked at
twice and with its margins."""
PART_EXTRA: Final = 1.0
LOOK_EXTRA: Final = 0.6
"""Times: the same of a part, which is painted in one piece, and of the one look at the whole that a part needs at each
size (`make bench ARGS="proof"`)."""
SLICE_S: Final = 30.0  # that a print paints at least before it steps aside for others
PROOF_MARGIN: Final = 320  # px across and down that a print proof is painted with beyond its own


def cost(iterations: int, width: int, height: int) -> float:
    """The work of a job in megapixel-iterations."""
    return (iterations + SWEEP_ITERATIONS) * width * height / 1e6


def cost_in(tier: tiers.Tier, iterations: int, width: int, height: int) -> float:
    """The same of what a tier makes; small paintings take longer by the pixel."""
    return cost(iterations, width, height) * (PROOF_EXTRA if tier is tiers.PROOF else 1.0)


def print_sizes(width: int, height: int, finished: int) -> list[tuple[int, int, int]]:
    """Width, height and evaluations of each size of a print, smallest first, as the engine plans them
    (`schedule.print_levels`); `finished` are px, the long side of the picture that it is made of.
    """
    sizes, long = [(width, height)], max(width, height)
    while max(sizes[-1]) > 2 * finished:
        half = round(max(sizes[-1]) / 2)
        sizes.append((max(1, round(width * half / long)), max(1, round(height * half / long))))
    smaller, last = PRINT_LOOKS
    return [(*size, last if size == sizes[0] else smaller) for size in reversed(sizes)]


def print_looks(width: int, height: int, finished: int) -> int:
    """How many evaluations a print takes: its iterations."""
    return sum(looks for _width, _height, looks in print_sizes(width, height, finished))


def cost_of_print(
    whole: tuple[int, int], finished: int, *, part: tuple[int, int] | None = None, done: int = 0
) -> float:  # fmt: skip
    """The work of a print, or of a `part` of it, in px, whose first `done` evaluations are there already."""
    a_look, at_whole = PRINT_EXTRA, 0.0  # by the px of a size
    if part:
        grown = min(whole[0], part[0] + PROOF_MARGIN) * min(whole[1], part[1] + PROOF_MARGIN)
        a_look, at_whole = PART_EXTRA * grown / (whole[0] * whole[1]), LOOK_EXTRA
    work = 0.0
    for width, height, looks in print_sizes(*whole, finished):
        if looks > done:
            work += ((looks - done) * a_look + at_whole) * width * height
        done = max(0, done - looks)
    return work / 1e6


def share(done: int, ordered: int) -> float:
    """Of a job's cost, what was spent when it ended after `done` of its iterations."""
    return (done + SWEEP_ITERATIONS) / (ordered + SWEEP_ITERATIONS)


@dataclass(frozen=True)
class Weights:
    """What an owner's jobs of each kind get of the kiln, beside another owner's. A sample ranks behind visitors."""

    paid: float = 4.0
    free: float = 1.0
    sample: float = 0.0001  # a free job costs about as much as a sample
    canvas: float = 1.0  # a print that has been paid for

    def of(self, *, paid: bool, sample: bool, canvas: bool = False) -> float:
        if sample or canvas:
            return self.sample if sample else self.canvas
        return self.paid if paid else self.free


def rank(now: float, owners_last: float, cost: float, weight: float) -> float:
    """Where a job joins the line: `now` is the rank being painted, `owners_last` the owner's newest rank."""
    return max(now, owners_last) + cost / weight


def cap(*, paid: bool, guest: bool) -> int:
    """How many jobs of this kind one owner may have unfinished."""
    if paid:
        return PAID_CAP
    return GUEST_FREE_CAP if guest else FREE_CAP
