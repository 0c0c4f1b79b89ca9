import pytest

from stylize import tiers


@pytest.mark.parametrize(
    ("name", "max_side", "iterations", "roubles"),
    [
        ("free", 600, 1, 0),
        ("premium", 700, 600, 50),
        ("hd", 1200, 100, 50),
        ("hd", 1200, 150, 62),  # 50 + 200 · 50/900 = 61.1…
        ("hd", 1200, 550, 150),
        ("hd", 1200, 950, 239),  # 238.8…
        ("hd", 1200, 1000, 250),
    ],
)
def test_prices_are_the_table(name: str, max_side: int, iterations: int, roubles: int) -> None:
    tier = tiers.named(name)
    assert tier.max_side == max_side
    assert tier.price_minor(iterations, "RUB") == roubles * 100


def test_every_step_of_hd_is_a_whole_rouble_and_never_cheaper_than_the_step_before() -> None:
    prices = [tiers.HD.price_minor(iterations, "RUB") for iterations in tiers.HD.iterations]
    assert len(prices) == 19
    assert prices == sorted(prices)
    assert all(price % 100 == 0 for price in prices)


@pytest.mark.parametrize(
    ("name", "iterations"),
    [("free", 2), ("free", 0), ("premium", 599), ("hd", 99), ("hd", 125), ("hd", 1050), ("hd", -100)],
)
def test_what_is_not_in_the_table_is_not_sold(name: str, iterations: int) -> None:
    with pytest.raises(tiers.TierError, match="does not sell"):
        tiers.named(name).price_minor(iterations, "RUB")


def test_an_unknown_tier_is_an_error() -> None:
    with pytest.raises(tiers.TierError, match="no tier"):
        tiers.named("gold")


@pytest.mark.parametrize(
    ("size", "max_side", "fitted"),
    [
        ((1024, 768), 600, (600, 450)),
        ((768, 1024), 600, (450, 600)),
        ((400, 300), 600, (400, 300)),  # a cap never enlarges
        ((600, 600), 600, (600, 600)),
        ((1000, 333), 600, (600, 200)),
    ],
)
def test_fitting_keeps_the_shape_and_never_enlarges(
    size: tuple[int, int], max_side: int, fitted: tuple[int, int]
) -> None:
    assert tiers.fitted(*size, max_side) == fitted
