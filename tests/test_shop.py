"""The simulated line: it is the real one, its free jobs keep the bound, and without the rank they do not."""

import random
import statistics

import pytest
from django.conf import settings

from benchmarks import queue as bench
from benchmarks.shop import FAIR, FIFO, STRICT, WEIGHTS, Maker, Shop, Task
from stylize import jobs, pace
from stylize.models import Job
from tests import make

SMALL = bench.Scene("200 paid and 60 free an hour, 2 unequal workers, load 1.1", 200, 60, 1.1, (2, 1), hours=1.5)


def test_at_200_paid_jobs_an_hour_every_free_job_begins_within_the_bound() -> None:
    waits, late, _still = bench.free_waits(bench.played(SMALL))
    assert len(waits) > 50
    assert late == 0


PRINTS = bench.Scene("60 paid, 200 free, 4 print masters an hour, load 1.1", 60, 200, 1.1, hours=2, prints=4)


def test_beside_print_masters_every_free_job_begins_within_the_bound_and_prints_get_on() -> None:
    shop = bench.played(PRINTS)
    waits, late, _still = bench.free_waits(shop)
    assert len(waits) > 50
    assert late == 0
    assert any(task.canvas for task in shop.done)


def test_control_if_prints_did_not_step_aside_free_jobs_would_wait_beyond_it() -> None:
    _waits, late, _still = bench.free_waits(bench.played(PRINTS, aside=False))
    assert late > 0


def test_control_with_strict_priority_free_jobs_starve() -> None:
    waits, late, still = bench.free_waits(bench.played(SMALL, order=STRICT))
    assert late > len(waits) / 2
    assert still > len(waits) / 2


@pytest.mark.parametrize("scene", [SMALL, bench.Scene("quiet", 30, 100, 0.7, (4, 4, 2, 1), hours=2)], ids=str)
def test_what_is_told_is_within_a_quarter_of_what_happens(scene: bench.Scene) -> None:
    found = bench.errors(bench.played(scene), True, False)
    assert len(found) > 100
    assert statistics.median(found) < bench.PROMISE


def test_one_users_fifty_jobs_delay_anothers_first_by_at_most_one_and_first_come_by_many() -> None:
    assert bench.fifty(FAIR) <= 1
    assert bench.fifty(FIFO) > 40


def test_the_allowance_for_later_arrivals_makes_the_times_of_paid_jobs_truer() -> None:
    scene = bench.Scene("free jobs pass paid ones", 20, 600, 0.9, hours=4)
    told, plain = (bench.errors(bench.played(scene, allowance=way), True) for way in (True, False))
    assert statistics.median(told) < statistics.median(plain)


def test_the_shop_weighs_as_the_house_does() -> None:
    assert WEIGHTS == settings.LINE_WEIGHTS


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_the_shop_paints_in_the_order_of_the_real_line(seed: int) -> None:
    """The same owners submit and the same kiln claims, in memory and in Postgres."""
    chance = random.Random(seed)
    owners = {name: make.user(name) for name in ("ann", "ben", "cis")}
    photos = [make.picture(64 * size, 64) for size in (1, 2, 4)]
    shop, real, told = Shop([Maker(pace.Speed(1.0, 1.0))], caps=False, promise_s=1e9), [], []
    came: dict[int, Task] = {}
    for _step in range(60):
        if chance.random() < 0.6:
            name, paid = chance.choice(sorted(owners)), chance.random() < 0.4
            order = {"tier": "hd", "iterations": 100} if paid else {}
            job = make.job(owners[name], photo=make.upload(owners[name], chance.choice(photos)), **order)
            if paid:
                jobs.release(job)
                job.refresh_from_db()
            came[job.pk] = Task(job.pk, 0.0, name, job.cost, paid=paid)
            shop.submit(came[job.pk])
            assert came[job.pk].rank == pytest.approx(job.rank)
        else:
            claimed = jobs.claim_next("test")
            real.append(claimed.pk if claimed else None)
            taken = shop.claim(shop.makers[0], chance) if shop.waiting else None
            told.append(taken.pk if taken else None)
            shop.makers[0].task = None
    assert len([pk for pk in real if pk]) > 10
    assert told == real
    assert Job.objects.filter(fence__gt=0).count() == len([pk for pk in real if pk])
