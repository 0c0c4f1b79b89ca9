import pytest

from stylize import queue


def test_a_rank_grows_from_the_line_or_from_the_owners_last_job_whichever_is_later() -> None:
    assert queue.rank(now=10, owners_last=3, cost=4, weight=2) == 12
    assert queue.rank(now=10, owners_last=30, cost=4, weight=2) == 32


def test_a_paid_job_passes_a_free_one_of_the_same_cost() -> None:
    free = queue.rank(0, 0, 10, queue.weight(paid=False, sample=False))
    paid = queue.rank(0, 0, 10, queue.weight(paid=True, sample=False))
    assert paid < free


def test_a_sample_ranks_behind_a_whole_day_of_visitors() -> None:
    """1000 free jobs, submitted one after another by one person, still go before the first sample."""
    cost = queue.cost(1, 600, 450)
    sample = queue.rank(0, 0, cost, queue.weight(paid=False, sample=True))
    last = 0.0
    for _job in range(1000):
        last = queue.rank(0, last, cost, queue.weight(paid=False, sample=False))
    assert last < sample


def test_fifty_jobs_of_one_owner_delay_anothers_first_by_at_most_one() -> None:
    weight = queue.weight(paid=False, sample=False)
    fifty, last = [], 0.0
    for _job in range(50):
        last = queue.rank(0, last, 2, weight)
        fifty.append(last)
    other = queue.rank(0, 0, 2, weight)
    assert sum(rank < other for rank in fifty) <= 1


def test_cost_counts_the_sweep_and_the_pixels() -> None:
    assert queue.cost(1, 1000, 500) == pytest.approx((1 + queue.SWEEP_ITERATIONS) / 2)


@pytest.mark.parametrize(
    ("paid", "guest", "cap"), [(False, True, 1), (False, False, 3), (True, True, 10), (True, False, 10)]
)
def test_caps(paid: bool, guest: bool, cap: int) -> None:
    assert queue.cap(paid=paid, guest=guest) == cap


def test_the_wait_is_the_cost_ahead_at_the_measured_speed_shared_by_the_kilns() -> None:
    assert queue.wait_s(queue.Ahead(jobs=3, cost=30.0, kilns=2), seconds_per_cost=2.0) == 30.0
    assert queue.ready_s(queue.Ahead(3, 30.0, 2), cost=5.0, seconds_per_cost=2.0) == 40.0


def test_without_a_measurement_no_time_is_promised() -> None:
    assert queue.wait_s(queue.Ahead(jobs=3, cost=30.0), None) is None
    assert queue.wait_s(queue.Ahead(jobs=0, cost=0.0), None) == 0.0
    assert queue.ready_s(queue.Ahead(jobs=0, cost=0.0), 5.0, None) is None


def test_a_speed_is_found_in_what_jobs_took() -> None:
    true = queue.Speed(1.5, 0.7)
    found = queue.fitted([(cost, true.seconds(cost)) for cost in (2, 2, 30, 300, 2)])
    assert found and (found.fixed_s, found.per_cost) == pytest.approx((1.5, 0.7))


def test_jobs_all_alike_tell_how_much_faster_a_worker_is_than_usual() -> None:
    found = queue.fitted([(2, 8.0)] * 3, usual=queue.Speed(2.0, 1.0))
    assert found and (found.fixed_s, found.per_cost) == pytest.approx((4.0, 2.0))
    alone = queue.fitted([(2, 8.0)] * 3)
    assert alone and alone.seconds(2) == pytest.approx(8.0)


def test_neither_part_of_a_speed_is_negative() -> None:
    for measured in ([(1, 1.0), (10, 30.0)], [(1, 10.0), (10, 5.0)]):
        found = queue.fitted(measured)
        assert found and found.fixed_s >= 0 and found.per_cost > 0


def test_newer_jobs_count_for_more() -> None:
    found = queue.fitted([(2, 2.0)] * 10 + [(2, 4.0)] * 10)
    assert found and 3.4 < found.seconds(2) < 4


def test_before_the_first_job_the_usual_speed_holds() -> None:
    assert queue.fitted([]) is None
    assert queue.fitted([], queue.Speed(1, 2)) == queue.Speed(1, 2)
    assert queue.fitted([(0, 1.0)]) is None
