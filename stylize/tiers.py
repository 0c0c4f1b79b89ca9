"""THE BENCH: what is sold, as a frozen table. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stylize import uploads


@dataclass(frozen=True)
class Currency:
    """How prices are made in it; all amounts in minor units."""

    step_minor: int  # prices are whole numbers of these
    least_charge_minor: int  # what Stripe refuses to charge less than; docs.stripe.com/currencies, Minimum


CURRENCIES: Final = {"RUB": Currency(100, 5000), "EUR": Currency(10, 50), "USD": Currency(10, 50)}
"""What a site can sell in; a tier has a price in each, and nothing is ever converted.

Stripe names no minimum for roubles, but asks for the worth of 0.50 USD: the cheapest price of 2016 is about that.
"""


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
    prices: Mapping[str, tuple[int, int]]  # by currency, minor units: of the least and of the most iterations

    @property
    def is_paid(self) -> bool:
        return any(most for _least, most in self.prices.values())

    @property
    def example(self) -> str:
        """The file below static/ that shows what this tier gives; `python -m benchmarks.examples` paints it."""
        return f"examples/tier-{self.name}.webp"

    def price_minor(self, iterations: int, currency: str) -> int:
        """Linear from the least to the most iterations, rounded up to a whole step of the currency."""
        if iterations not in self.iterations:
            raise TierError(f"The tier {self.name} does not sell {iterations} iterations.")
        return self.worth_minor(iterations, currency)

    def worth_minor(self, iterations: int, currency: str) -> int:
        """What any number of iterations is worth: its price where it is sold, in proportion where it is not.

        Fewer than are sold cost their share of the least price, rounded down.
        """
        (least, most), step = self.prices[currency], CURRENCIES[currency].step_minor
        first, last = self.iterations[0], self.iterations[-1]
        if iterations < first:
            return least * iterations // first // step * step
        extra = (most - least) * (min(iterations, last) - first)
        return least + _divide_up(extra, max(last - first, 1) * step) * step


def _divide_up(amount: int, by: int) -> int:
    return -(-amount // by)


GRATIS: Final = dict.fromkeys(CURRENCIES, (0, 0))
FREE: Final = Tier("free", _("Free"), _("A first look at a pair of pictures."), 600, range(1, 2), 1, GRATIS)
PREMIUM: Final = Tier(
    "premium", _("Premium"), _("The style worked in to the end."), 700, range(600, 601), 600,
    {"RUB": (5000, 5000), "EUR": (90, 90), "USD": (100, 100)},
)  # fmt: skip
HD: Final = Tier(
    "hd", _("HD"), _("Twice as fine, for large screens. You say how long."), 1200, range(100, 1001, 50), 300,
    {"RUB": (5000, 25000), "EUR": (90, 450), "USD": (100, 500)},
)  # fmt: skip
TIERS: Final = {tier.name: tier for tier in (FREE, PREMIUM, HD)}
PROOF: Final = Tier("proof", _("Nine proofs"), "", 256, range(10, 11), 10, GRATIS)
"""Not on offer: a step before an order. Its side and iterations are those of one of the nine."""
PROOF_SIDE: Final = 3  # so many paintings across and down


PRINT: Final = Tier("print", _("Canvas print"), "", 20_000, range(1, 1001), 50, GRATIS)
"""Not on offer: a finished picture painted on at the size of a canvas. What is paid for is the order of the canvas."""
PRINT_PROOF: Final = Tier("print_proof", _("Canvas proof"), "", 20_000, range(1, 1001), 50, GRATIS)
"""Not on offer: the middle of such a print, to look at before an order."""
EVERY: Final = TIERS | {tier.name: tier for tier in (PROOF, PRINT, PRINT_PROOF)}


def named(name: str) -> Tier:
    try:
        return EVERY[name]
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
