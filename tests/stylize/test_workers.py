"""The workers' book: who is there, who has gone, and how fast they are."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from people.models import User
from stylize import line, pace, tasks, workers
from stylize.workers import Worker
from tests import make

State = Worker.State
pytestmark = pytest.mark.django_db


def names(found: workers.WorkerQuerySet) -> set[str]:
    return {worker.name for worker in found}


def heard(name: str, seconds_ago: float, **fields: object) -> Worker:
    workers.beat(name, **fields)
    Worker.objects.filter(name=name).update(heartbeat_at=timezone.now() - timedelta(seconds=seconds_ago))
    return Worker.objects.get(name=name)


def test_a_beat_opens_a_row_and_the_next_one_changes_it() -> None:
    workers.beat("host:1", state=State.STARTING)
    workers.beat("host:1", state=State.IDLE, device="cpu")
    workers.beat("host:1")
    (worker,) = Worker.objects.all()
    assert (worker.state, worker.device, worker.host, worker.is_alive) == (State.IDLE, "cpu", "host", True)
    assert worker.speed is None


def test_the_silent_are_gone_and_the_stopped_have_left() -> None:
    heard("host:1", 0, state=State.IDLE)
    heard("host:2", 0, state=State.STOPPING)
    silent = heard("host:3", settings.LEASE_S + 1, state=State.PAINTING)
    heard("host:4", settings.LEASE_S + 1, state=State.STOPPING)
    assert not silent.is_alive
    assert names(Worker.objects.alive()) == {"host:1", "host:2"}
    assert names(Worker.objects.at_work()) == {"host:1"}
    assert names(Worker.objects.gone()) == {"host:3"}
    assert names(Worker.objects.lately()) == {"host:1", "host:2", "host:3", "host:4"}


def test_the_hourly_sweep_strikes_out_who_was_silent_for_a_day() -> None:
    heard("host:1", 25 * 3600)
    heard("host:2", 23 * 3600)
    tasks.expire()
    assert names(Worker.objects.all()) == {"host:2"}


def test_a_new_process_begins_with_the_speed_of_the_last_one_on_its_device() -> None:
    heard("host:1", 60, device="cuda:0 A", fixed_s=1.0, seconds_per_cost=0.1)
    heard("host:2", 30, device="cuda:0 A", fixed_s=2.0, seconds_per_cost=0.2)
    heard("host:3", 10, device="cpu", fixed_s=3.0, seconds_per_cost=3.0)
    heard("other:4", 10, device="cuda:0 A", fixed_s=4.0, seconds_per_cost=4.0)
    assert workers.speed_before("host:9", "cuda:0 A") == pace.Speed(2.0, 0.2)
    assert workers.speed_before("host:9", "cuda:1 A") is None


def test_what_a_worker_paints_is_the_running_job_with_its_name(alice: User) -> None:
    job = make.running_job(alice)
    make.job(alice)
    assert line.painted_now() == {"test": job}
