"""THE DESK: whether sales pay for the free pictures: the reckoning of the staff's page of money. Pure.

All sums are in minor units of one currency. What a fee takes is an estimate, and so is the price of a device's hour.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Final

SECONDS_PER_HOUR: Final = 3600


@dataclass(frozen=True)
class Rates:
    """What selling and painting cost."""

    hour_minor: int  # of a device
    fee_percent: float  # of a payment, whatever goes back of it
    fee_fixed_minor: int  # of each payment


@dataclass(frozen=True)
class Count:
    """What was sold and painted: of a tier, of a day, or of both. Counts add up."""

    done: int = 0  # pictures
    device_s: float = 0.0  # of those that failed or were cancelled, too
    payments: int = 0
    taken_minor: int = 0
    back_minor: int = 0  # given back, or on its way back
    disputed_minor: int = 0  # taken back by banks

    def __add__(self, other: "Count") -> "Count":
        return Count(**{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(Count)})

    @property
    def net_minor(self) -> int:
        return self.taken_minor - self.back_minor - self.disputed_minor

    def fee_minor(self, rates: Rates) -> float:
        return self.taken_minor * rates.fee_percent / 100 + self.payments * rates.fee_fixed_minor

    def cost_minor(self, rates: Rates) -> float:
        return self.device_s / SECONDS_PER_HOUR * rates.hour_minor

    def left_minor(self, rates: Rates) -> float:
        """After the fee and the painting; below nought where it cost more than it brought."""
        return self.net_minor - self.fee_minor(rates) - self.cost_minor(rates)

    def picture_minor(self, rates: Rates) -> float | None:
        """What one picture cost to paint; None: none was finished."""
        return self.cost_minor(rates) / self.done if self.done else None


def total(counts: Iterable[Count]) -> Count:
    return sum(counts, Count())


@dataclass(frozen=True)
class Balance:
    """The free beside the sold."""

    free: Count
    sold: Count
    rates: Rates

    @property
    def minor(self) -> float:
        return self.free.left_minor(self.rates) + self.sold.left_minor(self.rates)

    @property
    def share(self) -> float | None:
        """Of all finished pictures, those that were sold; None: nothing was finished."""
        pictures = self.free.done + self.sold.done
        return self.sold.done / pictures if pictures else None

    @property
    def sale_minor(self) -> float | None:
        """What one sold picture leaves."""
        return self.sold.left_minor(self.rates) / self.sold.done if self.sold.done else None

    @property
    def break_even(self) -> float | None:
        """The share at which nothing is lost; see `break_even`. None: not known, because one kind is missing."""
        free = self.free.picture_minor(self.rates)
        return None if free is None or self.sale_minor is None else break_even(free, self.sale_minor)


def break_even(free_minor: float, sale_minor: float) -> float:
    """The share of pictures that must be sold so that sales pay for the others.

    With a share s sold, s · sale = (1 - s) · free, and so s = free / (free + sale). Above 1: no share is enough, for a
    sale leaves nothing.
    """
    if free_minor <= 0:
        return 0.0
    return free_minor / (free_minor + sale_minor) if sale_minor > 0 else float("inf")
