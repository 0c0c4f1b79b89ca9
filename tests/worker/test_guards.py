"""What guards a job, and its control: the same fault with the guard off does the harm."""

import threading
import time
from contextlib import suppress
from importlib import metadata
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import InterfaceError, OperationalError, connection

from feed.models import Post
from ostagram import programs
from ostagram.celery import app
from people.models import User
from stylize import jobs
from stylize.models import Job
from tests import make
from tests.worker.fake_engine import FakeEngine
from worker import kiln, tasks

Status = Job.Status
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def owner() -> User:
    return make.user("alice")


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    fake = FakeEngine()
    monkeypatch.setattr(kiln.engine, "stylise", fake)
    monkeypatch.setattr(kiln.dispatch, "wake", lambda: None)
    monkeypatch.setattr(kiln.time, "sleep", lambda seconds: None)
    return fake


# A message that comes twice -------------------------------------------------------------------------------------------


def test_a_second_delivery_while_the_first_is_painted_finds_nothing_to_claim(owner: User, fake: FakeEngine) -> None:
    """What a broker does whose visibility timeout is shorter than the job."""
    job = make.job(owner)

    def deliver_again(_step: int) -> None:
        again = threading.Thread(target=_paint_elsewhere)
        again.start()
        again.join()

    fake.before_step = deliver_again
    tasks.paint()
    job.refresh_from_db()
    assert (job.status, job.fence, len(fake.calls)) == (Status.DONE, 1, 1)


def test_control_a_claim_that_takes_running_jobs_too_paints_it_twice(
    owner: User, fake: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "CLAIM", jobs.CLAIM.replace("status = 'queued'", "status IN ('queued', 'running')"))
    make.job(owner)

    def deliver_again(_step: int) -> None:
        if len(fake.calls) == 1:
            again = threading.Thread(target=_paint_elsewhere)
            again.start()
            again.join()

    fake.before_step = deliver_again
    tasks.paint()
    assert len(fake.calls) == 2


def _paint_elsewhere() -> None:
    try:
        tasks.paint()
    finally:
        connection.close()


# A zombie -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
def test_a_zombie_delivers_over_anothers_claim_only_without_the_fence(
    owner: User, fake: FakeEngine, settings: LazySettings, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    settings.BEAT_S = 60  # it learns of nothing before it delivers
    move = jobs._move

    def move_anything(pk: int, to: str, *, fence: int | None = None, **given: Any) -> bool:
        return move(pk, to, **given)

    job = make.job(owner)

    def lose_the_job(_step: int) -> None:
        jobs.strike(Job.objects.get(pk=job.pk), Job.Failure.LOST)
        assert jobs.claim_next("another worker")
        if not guarded:
            monkeypatch.setattr(jobs, "_move", move_anything)

    fake.before_step = lose_the_job
    kiln.paint_next("test", lambda: False)
    job.refresh_from_db()
    assert job.status == (Status.RUNNING if guarded else Status.DONE)
    assert Post.objects.exists() is not guarded


# Postgres restarts ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("tries", "ended"), [(kiln.DELIVERY_TRIES, True), (1, False)], ids=["guarded", "control"])
def test_without_patience_a_finished_painting_is_lost_with_the_connection(
    owner: User, fake: FakeEngine, monkeypatch: pytest.MonkeyPatch, tries: int, ended: bool
) -> None:
    monkeypatch.setattr(kiln, "DELIVERY_TRIES", tries)
    publish = kiln.posts.publish
    cut: list[bool] = []

    def cut_once(job: Job) -> Post:
        if not cut:
            cut.append(True)
            with connection.cursor() as cursor, pytest.raises(OperationalError):
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
            raise OperationalError("the connection is gone")
        return publish(job)

    monkeypatch.setattr(kiln.posts, "publish", cut_once)
    job = make.job(owner)
    kiln.paint_next("test", lambda: False)
    job.refresh_from_db()
    assert (job.status == Status.DONE) is ended


@pytest.mark.parametrize("checked", [True, False], ids=["guarded", "control"])
def test_the_first_request_after_a_restart_is_answered_because_connections_are_looked_at(
    monkeypatch: pytest.MonkeyPatch, checked: bool
) -> None:
    assert connection.settings_dict["CONN_HEALTH_CHECKS"]
    connection.ensure_connection()
    with connection.cursor() as cursor, pytest.raises(OperationalError):
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    connection.errors_occurred = False  # it was cut while it lay idle
    monkeypatch.setattr(connection, "health_check_enabled", checked)
    monkeypatch.setattr(connection, "health_check_done", False)
    try:
        connection.close_if_health_check_failed()
        if checked:
            assert _one() == 1
        else:
            with pytest.raises((OperationalError, InterfaceError)):
                _one()
    finally:
        connection.close()


def _one() -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone()[0]


# The heart's last fence -----------------------------------------------------------------------------------------------


def test_control_a_heart_that_beats_whatever_the_engine_does_keeps_a_hanging_job_for_ever(
    owner: User, fake: FakeEngine, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its guard: tests/worker/test_kiln.py, the heart beats only while the engine lives."""
    settings.BEAT_S, settings.ENGINE_SILENCE_S, settings.LEASE_S = 0.05, 3600, 0.5
    make.job(owner)
    rescued: list[Job] = []

    def hang(_step: int) -> None:
        begun = time.monotonic()
        while time.monotonic() - begun < 1.5:
            threading.Event().wait(0.1)
            rescued.extend(jobs.rescue())

    fake.before_step = hang
    kiln.paint_next("test", lambda: False)
    assert not rescued


# A poisoned device ----------------------------------------------------------------------------------------------------


class Exited(BaseException):
    """In the place of the end of the process."""


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
def test_a_process_that_goes_on_with_a_poisoned_device_fails_the_whole_line(
    owner: User, fake: FakeEngine, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """After a device-side assert every call fails, until a new process begins."""
    poisoned: list[bool] = []

    def paint(_step: int) -> None:
        if poisoned or len(fake.calls) == 1:
            poisoned.append(True)
            raise RuntimeError("CUDA error: device-side assert triggered")

    def exit_and_begin_anew(_status: int) -> None:
        poisoned.clear()
        raise Exited

    fake.before_step = paint
    monkeypatch.setattr(kiln.os, "_exit", exit_and_begin_anew)
    if not guarded:
        monkeypatch.setattr(kiln.engine, "is_device_lost", lambda error: False)
    for _job in range(3):
        make.job(owner)
    while Job.objects.in_line().exists():
        with suppress(Exited):
            kiln.paint_next("test", lambda: False)
    ends = {(job.status, job.strikes > 0) for job in Job.objects.all()}
    assert ends == ({(Status.DONE, True), (Status.DONE, False)} if guarded else {(Status.FAILED, True)})


# The pool -------------------------------------------------------------------------------------------------------------


def test_a_worker_takes_one_message_at_a_time_and_answers_for_it_late() -> None:
    """One that hoards leaves the others idle; measured with `python -m benchmarks.web workers`."""
    assert (app.conf.worker_prefetch_multiplier, app.conf.task_acks_late) == (1, True)
    paint = next(program for program in programs.workers() if program.name == "paint").argv
    assert [paint[paint.index(option) + 1] for option in ("-P", "-c")] == ["prefork", "1"]


def test_the_broker_never_brings_a_message_back_while_its_job_is_painted() -> None:
    options = app.conf.broker_transport_options
    assert options["visibility_timeout"] >= 24 * 3600
    assert (options["unacked_restore_interval"], options["unacked_restore_throttle"]) == (1, 1)
    assert not app.conf.task_reject_on_worker_lost


@pytest.mark.parametrize(("package", "least"), [("celery", (5, 7)), ("kombu", (5, 7)), ("billiard", (4, 3, 2))])
def test_celery_and_its_pool_are_new_enough_to_stop_without_dropping_a_task(
    package: str, least: tuple[int, ...]
) -> None:
    numbers = metadata.version(package).split(".")
    assert tuple(int(number) for number in numbers[:3] if number.isdigit()) >= least
