import pytest

from stylize import queue

WEIGHTS = queue.Weights()


def test_a_rank_grows_from_the_line_or_from_the_owners_last_job_whichever_is_later() -> None:
    assert queue.rank(now=10, owners_last=3, cost=4, weight=2) == 12
    assert queue.rank(now=10, owners_last=30, cost=4, weight=2) == 32


def test_a_paid_job_passes_a_free_one_of_the_same_cost() -> None:
    free = queue.rank(0, 0, 10, WEIGHTS.of(paid=False, sample=False))
    paid = queue.rank(0, 0, 10, WEIGHTS.of(paid=True, sample=False))
    assert paid < free


def test_a_sample_ranks_behind_a_whole_day_of_visitors() -> None:
    """1000 free jobs, submitted one after another by one person, still go before the first sample."""
    cost = queue.cost(1, 600, 450)
    sample = queue.rank(0, 0, cost, WEIGHTS.of(paid=False, sample=True))
    last = 0.0
    for _job in range(1000):
        last = queue.rank(0, last, cost, WEIGHTS.of(paid=False, sample=False))
    assert last < sample


def test_fifty_jobs_of_one_owner_delay_anothers_first_by_at_most_one() -> None:
    weight = WEIGHTS.of(paid=False, sample=False)
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
