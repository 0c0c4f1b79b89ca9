"""Whether sales pay for the free pictures: the reckoning, as tables."""

import math

import pytest

from billing.takings import Balance, Count, Rates, break_even, total

RATES = Rates(hour_minor=36000, fee_percent=3.0, fee_fixed_minor=100)  # a second costs 10


@pytest.mark.parametrize(
    ("free", "sale", "share"),
    [
        (0, 1000, 0.0),  # free pictures that cost nothing need no sales
        (100, 100, 0.5),  # one sale for each free picture
        (100, 900, 0.1),
        (100, 9900, 0.01),
        (100, 0, math.inf),  # a sale that leaves nothing
        (100, -50, math.inf),
        (0, -50, 0.0),
    ],
)
def test_the_share_that_must_be_sold(free: float, sale: float, share: float) -> None:
    assert break_even(free, sale) == pytest.approx(share)


@pytest.mark.parametrize(("free", "sale"), [(100, 900), (7, 3), (250, 11000)])
def test_at_that_share_nothing_is_lost_and_nothing_won(free: float, sale: float) -> None:
    share = break_even(free, sale)
    assert share * sale == pytest.approx((1 - share) * free)


@pytest.mark.parametrize(
    ("count", "fee", "cost", "left"),
    [
        (Count(), 0, 0, 0),
        (Count(done=1, device_s=60), 0, 600, -600),
        (Count(payments=1, taken_minor=10000), 400, 0, 9600),
        (Count(done=1, device_s=60, payments=1, taken_minor=10000), 400, 600, 9000),
        (Count(payments=1, taken_minor=10000, back_minor=10000), 400, 0, -400),  # the fee stays with Stripe
        (Count(payments=2, taken_minor=20000, disputed_minor=10000), 800, 0, 9200),
        (Count(payments=1, taken_minor=10000, back_minor=2500, device_s=30), 400, 300, 6800),
    ],
)
def test_what_is_left(count: Count, fee: float, cost: float, left: float) -> None:
    told = (count.fee_minor(RATES), count.cost_minor(RATES), count.left_minor(RATES))
    assert told == pytest.approx((fee, cost, left))


def test_counts_add_up() -> None:
    assert total([Count(1, 2.0, 3, 4, 5, 6), Count(10, 20.0, 30, 40, 50, 60)]) == Count(11, 22.0, 33, 44, 55, 66)
    assert total([]) == Count()


FREE = Count(done=90, device_s=900)  # 100 each
SOLD = Count(done=10, device_s=600, payments=10, taken_minor=100_000)  # 600 each, and a fee of 400


@pytest.mark.parametrize(
    ("free", "sold", "sale", "least", "share", "balance"),
    [
        (FREE, SOLD, 9000, 100 / 9100, 0.1, 81_000),
        (FREE, Count(), None, None, 0.0, -9000),
        (Count(), SOLD, 9000, None, 1.0, 90_000),
        (Count(), Count(), None, None, None, 0),
        (FREE, Count(done=1, device_s=600, payments=1, taken_minor=5000), -1250, math.inf, 1 / 91, -10_250),
        (Count(done=0, device_s=900), SOLD, 9000, None, 1.0, 81_000),  # all of them failed: nothing to divide by
    ],
)
def test_the_free_beside_the_sold(
    free: Count, sold: Count, sale: float | None, least: float | None, share: float | None, balance: float
) -> None:
    told = Balance(free, sold, RATES)
    assert (told.sale_minor, told.break_even, told.share) == pytest.approx((sale, least, share))
    assert told.minor == pytest.approx(balance)
