"""A real Celery worker on the real broker and Postgres: what its pool, its prefetching and a ping are worth.

Its kiln is a stand-in that needs no PyTorch: it claims, beats, and puts its job back once it hears of the wish to stop.
"""

import os
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta

import psutil
import pytest
import redis
from django.conf import LazySettings, settings
from django.utils import timezone

from ostagram.celery import app
from stylize import jobs
from stylize.models import Job
from stylize.workers import Worker
from tests import elsewhere, make

WORKER = f"""
import os, sys, threading, time, types
from ostagram.celery import app
from worker import tasks
from stylize import jobs, workers

def paint_next(name, stopping):
    job = jobs.claim_next(name)
    workers.beat(name, state="painting")
    os.write(1, b"{elsewhere.SAID}\\n")
    while not stopping():
        workers.beat(name, state="painting")
        time.sleep(0.05)
    jobs.put_back(job)

def start(*options):
    kiln, roster = types.ModuleType("worker.kiln"), types.ModuleType("worker.roster")
    kiln.paint_next, kiln.heat, kiln.Cold = paint_next, lambda: None, ImportError
    roster.enter = lambda name, stopping: None
    sys.modules |= {{"worker.kiln": kiln, "worker.roster": roster}}
    alone = ["--without-gossip", "--without-mingle", "-c", "1"]
    app.worker_main(["--quiet", "worker", "--loglevel=ERROR", *alone, *options])
"""
Status = Job.Status
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def queue() -> Iterator[str]:
    """Of this test alone, with five wake-up calls in it."""
    name = f"paint-{uuid.uuid4().hex}"
    for _call in range(5):
        app.send_task("worker.tasks.paint", queue=name)
    yield name
    with redis.Redis.from_url(settings.CELERY_BROKER_URL) as broker:
        broker.delete(name)


@pytest.fixture
def job() -> Job:
    return make.job(make.user("alice"))


def script(queue: str, *, pool: str = "prefork", before: str = "") -> str:
    return f'{WORKER}\n{before}\nstart("-P", "{pool}", "-Q", "{queue}", "-n", "{queue}@here")'


# Asked to stop --------------------------------------------------------------------------------------------------------


def test_a_worker_that_is_asked_to_stop_puts_its_job_back(queue: str, job: Job) -> None:
    with elsewhere.running(script(queue)) as main:
        main.send_signal(signal.SIGTERM)
        main.wait(10)
    job.refresh_from_db()
    assert (job.status, job.strikes) == (Status.QUEUED, 0)


def test_control_a_flag_that_the_pools_child_does_not_share_is_not_seen_there(queue: str, job: Job) -> None:
    """Then the worker is killed when the patience of whoever stops it is over, in the middle of the painting."""
    with elsewhere.running(script(queue, before="tasks._stopping = threading.Event()")) as main:
        main.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            main.wait(1)
    job.refresh_from_db()
    assert job.status == Status.RUNNING


def test_control_a_worker_that_is_killed_at_once_costs_its_job_a_strike(queue: str, job: Job) -> None:
    with elsewhere.running(script(queue)) as main:
        os.killpg(main.pid, signal.SIGKILL)
    Job.objects.update(heartbeat_at=timezone.now() - timedelta(seconds=settings.LEASE_S + 1))
    assert jobs.rescue() == [job]
    job.refresh_from_db()
    assert (job.status, job.strikes) == (Status.QUEUED, 1)


# Hoarding -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "left"),
    [("", 4), ("app.conf.update(worker_prefetch_multiplier=4, task_acks_late=False)", 0)],
    ids=["guarded", "control: Celery's own settings"],
)
def test_a_busy_worker_leaves_the_other_calls_to_idle_ones(queue: str, job: Job, before: str, left: int) -> None:
    with elsewhere.running(script(queue, before=before)), redis.Redis.from_url(settings.CELERY_BROKER_URL) as broker:
        time.sleep(0.5)  # for it to take what it will
        assert broker.llen(queue) == left


# A ping ---------------------------------------------------------------------------------------------------------------


def pinged(queue: str) -> bool:
    return bool(app.control.ping(destination=[f"{queue}@here"], timeout=1))


def test_control_a_worker_whose_child_is_frozen_answers_a_ping(queue: str, job: Job, settings: LazySettings) -> None:
    with elsewhere.running(script(queue)) as main:
        assert Worker.objects.at_work().exists()
        for child in psutil.Process(main.pid).children():
            child.suspend()
        settings.LEASE_S = 0.5
        time.sleep(0.6)
        assert pinged(queue)
        assert not Worker.objects.at_work().exists()


def test_control_a_worker_that_paints_in_its_own_process_answers_none(queue: str, job: Job) -> None:
    with elsewhere.running(script(queue, pool="solo")):
        assert not pinged(queue)
        assert Worker.objects.at_work().exists()
