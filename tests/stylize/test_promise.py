"""The expected time: an earlier end is told at once, a later one only with its reason."""

import itertools
import random

import pytest

from stylize import promise
from stylize.promise import Promise, renewed

NOW = 1000.0


def test_the_first_estimate_is_told_as_it_is() -> None:
    assert renewed(None, Promise(NOW + 60, ahead=2), NOW) == Promise(NOW + 60, ahead=2)


def test_sooner_is_told_at_once() -> None:
    assert renewed(Promise(NOW + 60), Promise(NOW + 20), NOW).remaining_s(NOW) == 20


@pytest.mark.parametrize("late_s", [0.5, promise.SLIP_S])
def test_a_little_later_is_not_told(late_s: float) -> None:
    told = renewed(Promise(NOW + 20), Promise(NOW + 20 + late_s), NOW)
    assert (told.remaining_s(NOW), told.reason) == (20, "")


@pytest.mark.parametrize(
    ("estimate", "reason"),
    [
        (Promise(NOW + 300, ahead=3), promise.OVERTAKEN),
        (Promise(NOW + 300, ahead=1), promise.SLOWER),
        (Promise(NOW + 300, ahead=3, interruptions=1), promise.INTERRUPTED),
    ],
)
def test_much_later_is_told_with_its_reason(estimate: Promise, reason: str) -> None:
    told = renewed(Promise(NOW + 100, ahead=1), estimate, NOW)
    assert (told.ready_at, told.reason) == (NOW + 300, reason)


def test_a_reason_stays_long_enough_to_be_read_and_then_goes() -> None:
    late = renewed(Promise(NOW + 60), Promise(NOW + 300), NOW)
    soon = renewed(late, Promise(NOW + 290), NOW + 5)
    assert soon.reason == promise.SLOWER
    assert renewed(soon, Promise(NOW + 280), NOW + 5 + promise.REASON_LIVES_S).reason == ""


def test_the_time_that_is_shown_never_grows_without_a_reason() -> None:
    """Whatever the estimates do."""
    chance = random.Random(4)
    for _run in range(200):
        told = None
        shown = []
        for second in range(60):
            told = renewed(told, Promise(NOW + second + chance.uniform(0, 120), chance.randrange(3)), NOW + second)
            shown.append((told.remaining_s(NOW + second), told.reason))
        for (before, _), (after, reason) in itertools.pairwise(shown):
            assert after <= before or reason


def test_at_first_the_usual_speed_counts_and_then_this_paintings_own() -> None:
    def left(fraction: float) -> float | None:
        return promise.tempered(passed_s=10, fraction=fraction, expected_s=100)

    assert left(0.0) == 100
    assert left(0.25) == 30  # 10 s for a quarter
    assert 30 < (left(0.05) or 0) < 190
    assert promise.tempered(passed_s=0, fraction=0, expected_s=None) is None
    assert promise.tempered(passed_s=10, fraction=0.1, expected_s=None) == pytest.approx(90)
