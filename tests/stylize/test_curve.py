"""The plot of the loss: its line, its scale, and the same in words."""

import pytest

from stylize import curve


def dots(losses: list[float], fraction: float = 1.0) -> list[tuple[float, float]]:
    drawn = curve.plot(losses, fraction)
    assert drawn
    return [(float(x), float(y)) for x, y in (point.split(",") for point in drawn.points.split())]


def test_an_even_fall_of_the_logarithm_is_a_straight_line() -> None:
    middle = ((curve.LEFT + curve.RIGHT) / 2, (curve.TOP + curve.BOTTOM) / 2)
    assert dots([100.0, 10.0, 1.0]) == [(curve.LEFT, curve.TOP), middle, (curve.RIGHT, curve.BOTTOM)]


def test_the_line_is_as_long_as_the_work_that_is_done() -> None:
    assert dots([2.0, 1.0], 0.5)[-1][0] == (curve.LEFT + curve.RIGHT) / 2
    assert curve.LEFT < dots([2.0, 1.0], 0.0)[-1][0] < curve.LEFT + 10


@pytest.mark.parametrize("losses", [[], [5.0], [float("nan"), 5.0]])
def test_less_than_two_losses_are_no_plot(losses: list[float]) -> None:
    assert curve.plot(losses, 0.5) is None
    assert curve.facts(losses, 0.5) is None


def test_a_loss_that_stands_still_or_reaches_nought_is_a_line_all_the_same() -> None:
    assert {y for _x, y in dots([2.0, 2.0])} == {curve.TOP}
    assert dots([1.0, 0.0])[-1][1] == curve.BOTTOM


@pytest.mark.parametrize(
    ("losses", "labels"),
    [
        ([3000.0, 2.0], ["0.1", "1", "10", "100"]),
        ([3e8, 2e8, 2e7], ["10", "20", "50", "100"]),
        ([0.034, 0.0195], ["100", "60", "70", "80", "90"]),
        ([1.23, 1.215], ["100", "99"]),
        ([2.0, 9.0], ["100", "200"]),
    ],
)
def test_the_scale_names_round_percentages_of_the_first_loss(losses: list[float], labels: list[str]) -> None:
    drawn = curve.plot(losses, 1.0)
    assert drawn
    named = {tick.label.removesuffix("\u00a0%") for tick in drawn.ticks}
    assert named <= set(labels) and 2 <= len(named) <= curve.MOST_TICKS
    assert all(curve.TOP <= tick.y <= curve.BOTTOM for tick in drawn.ticks)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.5, "0.500"), (12.345, "12.3"), (1234.6, "1,230"), (999999.0, "1,000,000"),
        (4.2e7, "4.2 × 10⁷"), (2e-5, "2.0 × 10⁻⁵"),
    ],
)  # fmt: skip
def test_a_number_has_three_figures(value: float, words: str) -> None:
    assert curve.number(value) == words


def test_who_does_not_see_the_plot_reads_where_it_began_and_stands() -> None:
    drawn = curve.plot([8.0, 4.0, 2.0], 0.3)
    assert drawn
    assert [loss for _when, loss in drawn.rows] == ["8.00", "4.00", "2.00"]
    assert drawn.latest == "25\u00a0%"
