"""A process' row in the workers' book: it beats while idle, with its job while painting, and not when it hangs."""

import time
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import connection
from django.utils import timezone

from people.models import User
from stylize import jobs, workers
from stylize.workers import Worker
from tests import make
from tests.worker.fake_engine import FakeEngine
from worker import kiln, roster

State = Worker.State
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> roster.Place:
    """This process, entered without the thread that beats while it is idle."""
    here = roster.Place("host:1", lambda: False)
    monkeypatch.setattr(here, "_thread", type("NoThread", (), {"start": lambda self: None})())
    monkeypatch.setattr(roster, "_here", here)
    here.open()
    return here


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    fake = FakeEngine()
    monkeypatch.setattr(kiln.engine, "stylise", fake)
    monkeypatch.setattr(kiln.dispatch, "wake", lambda: True)
    return fake


def row() -> Worker:
    return Worker.objects.get(name="host:1")


def test_a_worker_is_starting_until_its_network_is_loaded(place: roster.Place) -> None:
    assert row().state == State.STARTING
    workers.beat("host:0", device="cpu", fixed_s=1.0, seconds_per_cost=2.0)
    roster.ready("cpu", "7.0")
    assert (row().state, row().device, row().engine_version) == (State.IDLE, "cpu", "7.0")
    assert row().seconds_per_cost == 2.0, "the process before it was as fast"


def test_a_painting_is_seen_and_its_speed_is_kept(place: roster.Place, fake: FakeEngine) -> None:
    roster.ready("cpu", "7.0")
    states = []

    def look(step: int) -> None:
        states.append(row().state)
        time.sleep(0.2)  # or what comes around the painting would count

    fake.before_step = look
    job = make.job(make.user("alice"))
    assert kiln.paint_next("host:1", lambda: False) is True
    job.refresh_from_db()
    assert states == [State.PAINTING]
    assert (row().state, job.status) == (State.IDLE, job.Status.DONE)
    speed = row().speed
    assert speed and speed.seconds(job.cost) == pytest.approx(job.seconds, rel=0.5)


def test_a_run_that_was_taken_up_again_tells_nothing_about_the_speed(place: roster.Place, fake: FakeEngine) -> None:
    roster.ready("cpu", "7.0")
    job = make.running_job(make.user("alice"))
    jobs.put_back(job)
    assert kiln.paint_next("host:1", lambda: False) is True
    assert row().speed is None


def test_a_worker_that_stops_says_so(place: roster.Place, monkeypatch: pytest.MonkeyPatch) -> None:
    roster.ready("cpu", "7.0")
    monkeypatch.setattr(place, "_stopping", lambda: True)
    place.say()
    assert row().state == State.STOPPING
    assert not Worker.objects.at_work().exists()


def test_beats_are_some_seconds_apart(place: roster.Place, settings: LazySettings) -> None:
    old = timezone.now() - timedelta(minutes=1)
    Worker.objects.update(heartbeat_at=old)
    roster.beat()
    assert row().heartbeat_at == old, "it has spoken just now"
    settings.WORKER_BEAT_S = 0
    roster.beat()
    assert row().is_alive


def test_a_database_that_is_away_stops_no_painting(place: roster.Place) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        ((own,),) = cursor.fetchall()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [own])
    other.close()
    place.say()  # breaks, and opens a new connection at the next word
    place.say(device="cpu")
    assert row().device == "cpu"


def test_an_idle_worker_beats_by_itself_and_leaves_it_to_the_heart_while_it_paints(
    place: roster.Place, settings: LazySettings
) -> None:
    settings.WORKER_BEAT_S = 0
    old = timezone.now() - timedelta(minutes=1)
    Worker.objects.update(heartbeat_at=old)
    place._state = State.PAINTING
    place._beat_if_idle()
    assert row().heartbeat_at == old, "a painting that hangs must be seen"
    place._state = State.IDLE
    place._beat_if_idle()
    assert row().is_alive


def test_without_a_row_the_kiln_paints_as_well(fake: FakeEngine, alice: User) -> None:
    assert roster._here is None
    make.job(alice)
    assert kiln.paint_next("host:1", lambda: False) is True
    assert not Worker.objects.exists()
