"""Wake-up calls over a real broker."""

import socket
import threading
import time
import uuid
from collections.abc import Iterator

import pytest
import redis
from celery import Celery
from django.conf import LazySettings
from django.test import Client

from people.models import User
from stylize import dispatch, jobs, tasks
from stylize.models import Job
from tests import make


@pytest.fixture
def broker(settings: LazySettings) -> Iterator[redis.Redis]:
    client = redis.Redis.from_url(settings.CELERY_BROKER_URL)
    yield client
    client.close()


@pytest.fixture(autouse=True)
def own_queue(monkeypatch: pytest.MonkeyPatch, broker: redis.Redis) -> Iterator[str]:
    """Tests that run beside each other share the broker, not the queue."""
    name = f"paint-{uuid.uuid4().hex}"
    monkeypatch.setattr(dispatch, "QUEUE", name)
    yield name
    broker.delete(name)


def waiting(broker: redis.Redis) -> int:
    return int(broker.llen(dispatch.QUEUE))


def test_a_wake_up_call_carries_no_id(broker: redis.Redis) -> None:
    assert dispatch.wake()
    (message,) = broker.lrange(dispatch.QUEUE, 0, -1)
    assert b'"task": "worker.tasks.paint"' in message
    assert b'"argsrepr": "()"' in message


def test_the_rescue_rings_once_for_each_job_in_line_and_not_again(broker: redis.Redis, alice: User) -> None:
    for _job in range(3):
        make.job(alice)
    assert dispatch.top_up() == 3
    assert dispatch.top_up() == 0
    assert waiting(broker) == 3


def test_no_jobs_no_calls(db: None, broker: redis.Redis) -> None:
    assert dispatch.top_up() == 0
    assert waiting(broker) == 0


def test_calls_are_bounded_however_long_the_line(
    monkeypatch: pytest.MonkeyPatch, broker: redis.Redis, alice: User
) -> None:
    monkeypatch.setattr(dispatch, "MOST_CALLS", 2)
    for _job in range(4):
        make.job(alice)
    dispatch.top_up()
    assert waiting(broker) == 2


def test_a_broker_that_was_wiped_is_filled_again(broker: redis.Redis, alice: User) -> None:
    make.job(alice)
    dispatch.wake()
    for key in broker.keys(f"*{dispatch.QUEUE}*"):  # what FLUSHALL does to this queue
        broker.delete(key)
    assert waiting(broker) == 0
    tasks.rescue()
    assert waiting(broker) == 1


def test_control_without_the_rescues_ringing_a_wiped_broker_wakes_nobody(
    monkeypatch: pytest.MonkeyPatch, broker: redis.Redis, alice: User
) -> None:
    monkeypatch.setattr(dispatch, "top_up", lambda: 0)
    make.job(alice)
    dispatch.wake()
    broker.delete(dispatch.QUEUE)
    tasks.rescue()
    assert waiting(broker) == 0
    assert Job.objects.in_line().exists()


def test_a_broker_that_is_away_is_no_error(monkeypatch: pytest.MonkeyPatch, alice: User) -> None:
    nowhere = Celery("nowhere", broker="redis://127.0.0.1:1/0", set_as_current=False)
    monkeypatch.setattr(dispatch, "current_app", nowhere)
    job = make.job(alice)
    assert dispatch.wake() is False
    assert dispatch.top_up() == 0
    tasks.rescue()
    assert Job.objects.get().status == Job.Status.QUEUED
    assert jobs.claim_next("test") == job


def test_control_where_sending_may_fail_the_visitor_is_told_of_a_fault_and_orders_twice(
    monkeypatch: pytest.MonkeyPatch, as_alice: Client
) -> None:
    """Its guard: tests/stylize/test_submit.py, a broker that is away costs no job."""
    nowhere = Celery("nowhere", broker="redis://127.0.0.1:1/0", set_as_current=False)
    monkeypatch.setattr(dispatch, "current_app", nowhere)
    monkeypatch.setattr(dispatch, "BROKER_TROUBLE", ())
    as_alice.raise_request_exception = False
    assert as_alice.post("/paint/", make.form()).status_code == 500
    as_alice.post("/paint/", make.form())  # filled in anew
    assert Job.objects.in_line().count() == 2


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """It accepts connections and never answers, like a process that was stopped."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.fixture
def frozen(silent: socket.socket, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Celery:
    app = Celery("frozen", broker=f"redis://127.0.0.1:{silent.getsockname()[1]}/0", set_as_current=False)
    app.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    monkeypatch.setattr(dispatch, "current_app", app)
    return app


def test_a_frozen_broker_delays_a_visitor_by_seconds_only(frozen: Celery, settings: LazySettings) -> None:
    began = time.monotonic()
    assert dispatch.wake() is False
    assert time.monotonic() - began < 2 * settings.BROKER_TIMEOUT_S


def test_control_without_timeouts_a_frozen_broker_holds_a_visitor_for_ever(
    frozen: Celery, silent: socket.socket, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    frozen.conf.broker_transport_options = {}
    monkeypatch.setattr(dispatch, "_knock", lambda: None)
    visitor = threading.Thread(target=dispatch.wake, daemon=True)
    visitor.start()
    visitor.join(1.5 * settings.BROKER_TIMEOUT_S)
    assert visitor.is_alive()
    silent.close()
    visitor.join()
