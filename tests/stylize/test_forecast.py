"""The line replayed: when a job's turn comes, with kilns of unequal speed, long lines and later arrivals."""

import heapq
import math
import random

import pytest

from stylize.forecast import Arrival, Kiln, Line, Stretch
from stylize.pace import Speed

ONE = (Kiln(Speed(1.0, 2.0)),)
TWO = (Kiln(Speed(0.0, 1.0), free_in_s=5.0), Kiln(Speed(0.0, 3.0)))


def single(*costs: float) -> tuple[Stretch, ...]:
    return tuple(Stretch(float(number), number, 1, cost) for number, cost in enumerate(costs, start=1))


def test_with_an_empty_line_the_turn_comes_when_a_kiln_is_free() -> None:
    turn = Line(kilns=ONE).turn(1.0, math.inf, 10.0)
    assert turn and (turn.jobs, turn.start_s, turn.ready_s) == (0, 0.0, 21.0)
    busy = Line(kilns=(Kiln(Speed(1.0, 2.0), free_in_s=7.0),), painting=1).turn(1.0, math.inf, 10.0)
    assert busy and (busy.jobs, busy.start_s, busy.ready_s) == (1, 7.0, 28.0)


def test_each_job_is_taken_by_the_first_kiln_that_is_free() -> None:
    line = Line(kilns=TWO, painting=1, stretches=single(2.0, 1.0))  # the slow one is done at 6, the fast one at 6
    turn = line.turn(9.0, math.inf, 1.0)
    assert turn and (turn.jobs, turn.start_s) == (3, 6.0)


def test_only_what_ranks_before_counts() -> None:
    line = Line(kilns=ONE, stretches=single(5.0, 5.0, 5.0))
    own = line.turn(2.0, 2, 5.0)
    assert own and (own.jobs, own.start_s) == (1, 11.0)
    same_rank_but_later = line.turn(2.0, math.inf, 5.0)
    assert same_rank_but_later and same_rank_but_later.jobs == 2


def test_without_a_kiln_nothing_is_foretold_but_the_place_is_known() -> None:
    line = Line(stretches=single(1.0, 1.0))
    assert line.turn(9.0, math.inf, 1.0) is None
    assert line.jobs_before(9.0, math.inf) == 2


def test_who_joins_stands_where_the_rank_says_and_splits_the_stretch_it_lands_in() -> None:
    line = Line(stretches=(Stretch(10.0, 10, 10, 20.0), Stretch(20.0, 20, 10, 40.0)))
    assert line.joined_by(30.0, 99, 3.0).stretches == (*line.stretches, Stretch(30.0, 99, 1, 3.0))
    within = line.joined_by(13.0, 99, 3.0)
    assert [stretch.jobs for stretch in within.stretches] == [10, 3, 1, 7]
    assert sum(stretch.cost for stretch in within.stretches) == 63.0
    assert within.jobs_before(13.0, 99) == line.jobs_before(13.0, 99) == 13
    assert within.jobs_before(20.0, 20) == line.jobs_before(20.0, 20) + 1
    assert Line().joined_by(1.0, 1, 2.0).stretches == (Stretch(1.0, 1, 1, 2.0),)


@pytest.mark.parametrize("kilns", [ONE, TWO, (*TWO, *ONE)])
def test_a_line_in_stretches_tells_nearly_what_the_same_line_job_by_job_does(kilns: tuple[Kiln, ...]) -> None:
    chance = random.Random(5)
    costs = [chance.choice([2.4, 2.4, 30.0, 224.0]) for _job in range(1000)]
    exact = Line(kilns=kilns, stretches=single(*costs))
    tens = [Stretch(n + 10.0, n + 10, 10, sum(costs[n : n + 10])) for n in range(0, 1000, 10)]
    rough = Line(kilns=kilns, stretches=tens)
    for place in (95.0, 507.0, 2000.0):
        one, other = exact.turn(place, math.inf, 2.4), rough.turn(place, math.inf, 2.4)
        assert one and other
        assert abs(other.start_s - one.start_s) < 0.05 * one.start_s
        assert abs(other.jobs - one.jobs) <= 1


def test_a_replay_is_what_happens_when_nobody_comes() -> None:
    """Against a plain event loop."""
    chance = random.Random(7)
    costs = [chance.uniform(1, 300) for _job in range(100)]
    kilns = tuple(Kiln(Speed(chance.uniform(0, 3), chance.uniform(0.1, 2)), chance.uniform(0, 60)) for _k in range(4))
    free = [(kiln.free_in_s, number) for number, kiln in enumerate(kilns)]
    heapq.heapify(free)
    for number, cost in enumerate(costs, start=1):
        at, kiln = heapq.heappop(free)
        turn = Line(kilns=kilns, stretches=single(*costs)).turn(float(number), number, cost)
        assert turn and turn.start_s == pytest.approx(at)
        heapq.heappush(free, (at + kilns[kiln].speed.seconds(cost), kiln))


def test_those_who_come_later_and_pass_make_the_wait_longer() -> None:
    kilns, stretches = (Kiln(Speed(0.0, 1.0)),), single(100.0)
    quiet = Line(kilns=kilns, stretches=stretches).turn(50.0, math.inf, 5.0)
    small = (Arrival(cost=2.0, step=2.0, per_s=0.25),)  # half of the kiln's time, of which 48 / 50 pass
    busy = Line(kilns=kilns, stretches=stretches, arrivals=small).turn(50.0, math.inf, 5.0)
    assert quiet and busy
    assert busy.start_s == pytest.approx(quiet.start_s / (1 - 0.5 * 0.96))
    behind = (Arrival(cost=200.0, step=200.0, per_s=0.25),)
    same = Line(kilns=kilns, stretches=stretches, arrivals=behind).turn(50.0, math.inf, 5.0)
    assert same and same.start_s == quiet.start_s


def test_a_forecast_stays_finite_when_more_comes_than_can_be_painted() -> None:
    flood = (Arrival(cost=2.0, step=2.0, per_s=100.0),)
    turn = Line(kilns=ONE, stretches=single(10.0), arrivals=flood).turn(50.0, math.inf, 1.0)
    assert turn and turn.start_s == pytest.approx(21.0 * 5)
