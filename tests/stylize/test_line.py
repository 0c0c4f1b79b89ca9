"""The line as Postgres and the workers' book tell it, and its clock."""

import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from people.models import User
from stylize import clock, forecast, housekeeping, jobs, line, pace, progress
from stylize.models import Job
from stylize.workers import Worker
from tests import make

Status = Job.Status
SPEED = pace.Speed(0.0, 2.0)


def cast(count: int) -> list[User]:
    return [make.user(f"person{number}") for number in range(count)]


def test_the_place_counts_who_is_before_in_line_and_at_the_kilns(alice: User, bob: User) -> None:
    first, second = make.job(alice), make.job(bob)
    assert (line.place_of(first), line.place_of(second)) == (0, 1)
    jobs.claim_next("test")
    cache.delete(line.SHARED)
    assert line.place_of(second) == 1


def test_a_turn_is_told_by_the_living_workers_and_what_they_still_paint(alice: User, bob: User) -> None:
    make.worker("host:1", seconds_per_cost=1000.0)
    running, waiting = make.running_job(alice), make.job(bob)
    Job.objects.filter(pk=running.pk).update(worker="host:1", started_at=timezone.now() - timedelta(seconds=10))
    cache.delete(line.SHARED)
    turn = line.turn_of(waiting)
    assert turn and turn.start_s == pytest.approx(1000 * running.cost - 10, abs=1)
    make.worker("host:2")  # an idle one
    cache.delete(line.SHARED)
    turn = line.turn_of(waiting)
    assert turn and turn.start_s == 0


def test_a_painting_that_is_half_done_is_half_a_wait(alice: User) -> None:
    make.worker("host:1")
    job = make.running_job(alice)
    Job.objects.filter(pk=job.pk).update(worker="host:1", started_at=timezone.now() - timedelta(seconds=30))
    progress.write(job.key, progress.Snapshot(status="running", fraction=0.5, phase="paint"))
    (kiln,) = line.read().kilns
    assert kiln.free_in_s == pytest.approx(30, abs=1)


def test_a_worker_that_stops_or_is_silent_is_no_kiln(alice: User) -> None:
    make.worker("host:1")
    make.worker("host:2", state=Worker.State.STOPPING)
    make.worker("host:3")
    old = timezone.now() - timedelta(seconds=settings.LEASE_S + 1)
    Worker.objects.filter(name="host:3").update(heartbeat_at=old)
    assert [kiln.speed for kiln in line.read().kilns] == [SPEED]


def test_while_the_only_worker_is_started_anew_a_time_is_told_and_when_it_stays_away_none(alice: User) -> None:
    make.worker("host:1")
    Worker.objects.update(heartbeat_at=timezone.now() - timedelta(seconds=settings.LEASE_S + 1))
    assert [kiln.free_in_s for kiln in line.read().kilns] == [line.BACK_S]
    Worker.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=3))
    assert line.read().kilns == ()


def test_a_worker_without_a_measurement_is_taken_to_be_as_fast_as_the_latest_jobs_were(alice: User) -> None:
    job = make.done_job(alice)
    make.worker(seconds_per_cost=None, fixed_s=None)
    (kiln,) = line.read().kilns
    assert kiln.speed.seconds(job.cost) == pytest.approx(2.0)


def test_a_job_whose_worker_died_stands_before_all_others(alice: User, bob: User) -> None:
    make.worker("host:1")
    lost, waiting = make.running_job(alice), make.job(bob)
    Job.objects.filter(pk=lost.pk).update(heartbeat_at=timezone.now() - timedelta(seconds=settings.LEASE_S + 1))
    turn = line.turn_of(waiting)
    assert turn and turn.jobs == 1
    assert turn.start_s == pytest.approx(SPEED.seconds(lost.cost))


def test_all_who_ask_within_some_seconds_cost_one_look(
    alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make.worker()
    job = make.job(alice)
    first = line.turn_of(job)
    with django_assert_num_queries(0):
        again = line.turn_of(job)
    assert first == again


def test_while_one_looks_anew_the_others_take_what_is_there(
    alice: User, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    line.shared()
    soon = time.time() + settings.LINE_LIVES_S + 1
    monkeypatch.setattr(time, "time", lambda: soon)
    cache.add(line.LOOKING, 1, timeout=60)
    with django_assert_num_queries(0):
        line.shared()
    cache.delete(line.LOOKING)
    with CaptureQueriesContext(connection) as look:
        line.shared()
    assert len(look) > 0


def test_a_long_line_comes_in_few_stretches_of_the_right_sums(alice: User) -> None:
    template = make.job(alice)
    Job.objects.bulk_create(
        Job(owner=alice, photo=template.photo, tier="free", iterations=1, width=1, height=1, seed=1, amount_minor=0,
            currency="RUB", status=Status.QUEUED, cost=2.0, rank=float(number))
        for number in range(5000)
    )  # fmt: skip
    stretches = line.read().stretches
    assert sum(stretch.jobs for stretch in stretches) == 5001
    assert sum(stretch.cost for stretch in stretches) == pytest.approx(10_000 + template.cost)
    assert len(stretches) < line.HEAD + 100
    assert max(stretch.jobs for stretch in stretches[: line.HEAD]) == 1
    middle = Job.objects.in_line()[3000]
    cache.delete(line.SHARED)
    assert line.place_of(middle) == pytest.approx(3000, rel=0.03)


def test_what_came_lately_is_told_by_kinds_and_samples_are_not_expected_again(alice: User, bob: User) -> None:
    for _job in range(3):
        make.job(bob)
    make.job(alice, sample=True)
    make.job(alice, tier="hd", iterations=1000)  # unpaid: it has not joined the line
    (arrival,) = line.read().arrivals
    cost = Job.objects.owned_by(bob)[0].cost
    assert arrival.cost == pytest.approx(cost, rel=0.05)
    assert arrival.per_s == 3 / settings.ARRIVALS_S


# The clock -----------------------------------------------------------------------------------------------------------


def now() -> float:
    return clock.now()


@pytest.mark.parametrize("how", ["one's own hand", "the database's own", "with its owner"])
def test_the_clock_does_not_go_back_when_its_job_is_deleted(alice: User, how: str) -> None:
    job = make.job(alice)
    claimed = jobs.claim_next("test")
    assert claimed and now() == job.rank
    if how == "one's own hand":
        housekeeping.delete_job(claimed)
    elif how == "the database's own":
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM stylize_jobstyle; DELETE FROM stylize_job")
    else:
        Job.objects.filter(owner=alice).delete()
    assert now() == job.rank


def test_a_job_that_was_never_claimed_leaves_the_clock_alone(alice: User) -> None:
    housekeeping.delete_job(make.job(alice))
    assert now() == 0


def _others_turn_comes(greedy: User, other: User) -> bool:
    """`greedy` deletes each picture as soon as it is painted, and orders the next; is the other ever painted?"""
    make.job(other, photo=make.upload(other, make.picture(240, 180)))  # as large as four of theirs
    for _round in range(6):
        make.job(greedy)
        claimed = jobs.claim_next("test")
        assert claimed
        if claimed.owner_id == greedy.pk:
            housekeeping.delete_job(claimed)
        else:
            jobs.finish(claimed, jobs.Result(f"results/x/{claimed.pk}", 1.0, "test", 7))
    return not Job.objects.in_line().owned_by(other).exists()


def test_who_deletes_what_was_painted_does_not_pass_those_who_wait(alice: User, bob: User) -> None:
    assert _others_turn_comes(greedy=alice, other=bob)


def test_control_with_a_clock_that_falls_others_wait_for_ever(alice: User, bob: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE stylize_job DISABLE TRIGGER stylize_keep_clock")
        try:
            assert not _others_turn_comes(greedy=alice, other=bob)
        finally:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE stylize_job ENABLE TRIGGER stylize_keep_clock")


def test_an_unclaimed_job_that_is_cancelled_gives_its_rank_back(alice: User) -> None:
    first = make.job(alice)
    jobs.cancel(first)
    assert make.job(alice).rank == first.rank


def test_a_job_that_comes_back_keeps_its_rank_and_moves_no_clock(alice: User, bob: User) -> None:
    job = make.job(alice)
    claimed = jobs.claim_next("test")
    assert claimed
    jobs.put_back(claimed)
    assert now() == job.rank
    assert make.job(bob).rank == pytest.approx((job.rank or 0) + job.cost)
    again = jobs.claim_next("test")
    assert again and again.pk == job.pk
    jobs.fail(again, Job.Failure.ERROR)
    assert now() == job.rank


def test_the_forecast_is_of_the_claims_own_order(alice: User) -> None:
    """The line in memory and the line in Postgres agree, job by job."""
    for number, owner in enumerate(cast(5)):
        for _job in range(number + 1):
            make.job(owner, tier="free" if number % 2 else "hd", iterations=1 if number % 2 else 100)
    for unpaid in Job.objects.filter(status=Status.UNPAID):
        jobs.release(unpaid)
    foretold = [stretch.pk for stretch in line.read().stretches]
    claimed = [job.pk for job in iter(lambda: jobs.claim_next("test"), None)]
    assert foretold == claimed
    assert isinstance(line.read(), forecast.Line)


def test_who_joins_is_seen_at_once_and_nobody_looks_anew(
    alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    line.shared()
    for _job in range(3):
        job = make.job(alice)
        with django_assert_num_queries(0):
            stretches = line.shared().stretches
        assert [stretch.pk for stretch in stretches] == [stretch.pk for stretch in line.read().stretches]
        assert stretches[-1].pk == job.pk


def test_a_look_lives_no_longer_because_somebody_joins(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    began = time.time()
    line.shared()
    monkeypatch.setattr(time, "time", lambda: began + 1.5)
    make.job(alice)
    monkeypatch.setattr(time, "time", lambda: began + settings.LINE_LIVES_S + 0.5)
    with CaptureQueriesContext(connection) as look:
        line.shared()
    assert len(look) > 0
