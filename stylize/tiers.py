"""THE BENCH: what is sold, as a frozen table. Pure."""

import math
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stylize import uploads

MINOR_PER_ROUBLE: Final = 100


class TierError(ValueError):
    """No such tier, or a number of iterations that the tier does not sell."""


@dataclass(frozen=True)
class Tier:
    name: str
    title: str | Promise
    purpose: str | Promise  # what it is good for, in a line
    max_side: int  # px, the cap on the long side
    iterations: range  # what may be chosen; one value where there is no choice
    usual: int  # iterations: where the slider begins, and what its example is painted with
    least_roubles: int
    most_roubles: int

    @property
    def is_paid(self) -> bool:
        return self.most_roubles > 0

    @property
    def example(self) -> str:
        """The file below static/ that shows what this tier gives; `python -m benchmarks.examples` paints it."""
        return f"examples/tier-{self.name}.webp"

    def price_minor(self, iterations: int) -> int:
        """Kopecks: linear from the least to the most iterations, rounded up to a whole rouble."""
        if iterations not in self.iterations:
            raise TierError(f"The tier {self.name} does not sell {iterations} iterations.")
        first, last = self.iterations[0], self.iterations[-1]
        extra = (self.most_roubles - self.least_roubles) * (iterations - first)
        return (self.least_roubles + _divide_up(extra, max(last - first, 1))) * MINOR_PER_ROUBLE


def _divide_up(amount: int, by: int) -> int:
    return -(-amount // by)


FREE: Final = Tier("free", _("Free"), _("A first look at a pair of pictures."), 600, range(1, 2), 1, 0, 0)
PREMIUM: Final = Tier("premium", _("Premium"), _("The style worked in to the end."), 700, range(600, 601), 600, 50, 50)
HD: Final = Tier(
    "hd", _("HD"), _("Twice as fine, for large screens. You say how long."), 1200, range(100, 1001, 50), 300, 50, 250
)
TIERS: Final = {tier.name: tier for tier in (FREE, PREMIUM, HD)}
PROOF: Final = Tier("proof", _("Nine proofs"), "", 256, range(10, 11), 10, 0, 0)
"""Not on offer: a step before an order. Its side and iterations are those of one of the nine."""
PROOF_SIDE: Final = 3  # so many paintings across and down


def named(name: str) -> Tier:
    try:
        return (TIERS | {PROOF.name: PROOF})[name]
    except KeyError:
        raise TierError(f"There is no tier named {name!r}.") from None


def painted_size(tier: Tier, width: int, height: int) -> tuple[int, int]:
    """The size in px of what is painted of such a photo; of a proof that is the whole sheet, without gaps."""
    if tier is not PROOF:
        return fitted(width, height, tier.max_side)
    least = math.ceil(uploads.MIN_SIDE * max(width, height) / min(width, height))  # a long photo must stay high enough
    across, down = fitted(width, height, max(tier.max_side, least))
    return PROOF_SIDE * across, PROOF_SIDE * down


def fitted(width: int, height: int, max_side: int) -> tuple[int, int]:
    """The size in px of a painting of a photo of this size; a cap never enlarges a smaller photo."""
    scale = min(1.0, max_side / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))
