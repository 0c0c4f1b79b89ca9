"""How fast a worker is, from what its latest jobs took."""

import pytest

from stylize import pace


def test_a_speed_is_found_in_what_jobs_took() -> None:
    true = pace.Speed(1.5, 0.7)
    found = pace.fitted([(cost, true.seconds(cost)) for cost in (2, 2, 30, 300, 2)])
    assert found and (found.fixed_s, found.per_cost) == pytest.approx((1.5, 0.7))


def test_jobs_all_alike_tell_how_much_faster_a_worker_is_than_usual() -> None:
    found = pace.fitted([(2, 8.0)] * 3, usual=pace.Speed(2.0, 1.0))
    assert found and (found.fixed_s, found.per_cost) == pytest.approx((4.0, 2.0))
    alone = pace.fitted([(2, 8.0)] * 3)
    assert alone and alone.seconds(2) == pytest.approx(8.0)


def test_neither_part_of_a_speed_is_negative() -> None:
    for measured in ([(1, 1.0), (10, 30.0)], [(1, 10.0), (10, 5.0)]):
        found = pace.fitted(measured)
        assert found and found.fixed_s >= 0 and found.per_cost > 0


def test_newer_jobs_count_for_more() -> None:
    found = pace.fitted([(2, 2.0)] * 10 + [(2, 4.0)] * 3)
    assert found and 3 < found.seconds(2) < 4


def test_many_small_jobs_do_not_drive_out_what_large_ones_have_told() -> None:
    true = pace.Speed(3.0, 0.5)
    measured = [(cost, true.seconds(cost)) for cost in [300.0] * 3 + [2.0] * 500]
    assert len(pace.kept(measured)) == 3 + pace.OF_A_SIZE
    found = pace.fitted(pace.kept(measured))
    assert found and found.seconds(300) == pytest.approx(true.seconds(300))


def test_a_machine_that_has_become_slower_is_slower_for_every_size() -> None:
    found = pace.fitted([(300, 300.0)] * 3 + [(2, 4.0)] * 6)  # as much time again as before
    assert found and found.seconds(2) == pytest.approx(4.0, rel=0.1)


def test_before_the_first_job_the_usual_speed_holds() -> None:
    assert pace.fitted([]) is None
    assert pace.fitted([], pace.Speed(1, 2)) == pace.Speed(1, 2)
    assert pace.fitted([(0, 1.0)]) is None
