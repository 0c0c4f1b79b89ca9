"""What a run leaves for the next one: checkpoints, and the going on from them."""

import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import OperationalError
from django.utils import timezone
from PIL import Image

from people.models import User
from stylize import housekeeping, jobs, keepsakes, pictures, progress, queue, runs, sweep, watching
from stylize.models import Job
from tests import make
from tests.worker.fake_engine import FakeEngine
from worker import engine, kiln, saving, telling

Status = Job.Status
pytestmark = pytest.mark.django_db(transaction=True)


class Killed(BaseException):
    """In the place of kill -9: nothing of ours catches it."""


@pytest.fixture
def owner() -> User:
    return make.user("alice")


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kiln.dispatch, "wake", lambda: None)


@pytest.fixture(autouse=True)
def _at_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "EVERY_S", 0.0)
    monkeypatch.setattr(saving, "MOST_SHARE", 1e9)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    fake = FakeEngine()
    monkeypatch.setattr(kiln.engine, "stylise", fake)
    return fake


def long_job(owner: User) -> Job:
    job = make.job(owner, tier="hd", iterations=100)
    jobs.release(job)
    return job


def kill_at(step: int) -> Callable[[int], None]:
    def strike(now: int) -> None:
        if now == step:
            raise Killed

    return strike


def paint() -> None:
    kiln.paint_next("test", lambda: False)


def paint_until_killed(fake: FakeEngine, step: int) -> None:
    """A run that ends without a word, and is found by the rescue."""
    fake.before_step = kill_at(step)
    with pytest.raises(Killed):
        paint()
    fake.before_step = lambda step: None
    Job.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=1))
    jobs.rescue()


def checkpoint_files(settings: LazySettings) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).glob("checkpoints/**/*") if path.is_file()]


def test_a_killed_run_is_gone_on_with_and_is_no_strike(owner: User, fake: FakeEngine, settings: LazySettings) -> None:
    job = long_job(owner)
    paint_until_killed(fake, 40)
    job.refresh_from_db()
    assert (job.status, job.strikes, job.checkpoint_at, job.checkpoint_fence) == (Status.QUEUED, 0, 39, 1)
    assert job.checkpoint.endswith("-1")  # the fence of the claim that made it
    assert len(checkpoint_files(settings)) == 1  # each took the place of the one before
    paint()
    job.refresh_from_db()
    assert fake.resumed == [0, 39]
    assert (job.status, job.resumed_at, job.iterations_done) == (Status.DONE, [39], 100)
    assert not checkpoint_files(settings)
    assert job.checkpoint == ""


def test_without_a_checkpoint_it_begins_again_with_a_strike(
    owner: User, fake: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    monkeypatch.setattr(saving, "EVERY_S", 1e9)
    job = long_job(owner)
    paint_until_killed(fake, 40)
    job.refresh_from_db()
    assert (job.strikes, job.checkpoint_at) == (1, 0)
    paint()
    job.refresh_from_db()
    assert fake.resumed == [0, 0]
    assert (job.status, job.resumed_at) == (Status.DONE, [])


def test_three_runs_that_bring_it_no_further_fail_it(owner: User, fake: FakeEngine, settings: LazySettings) -> None:
    """The painting kills every worker at its 40th iteration: the first run got that far, three more get no further."""
    job = long_job(owner)
    for strikes, status in ((0, Status.QUEUED), (1, Status.QUEUED), (2, Status.QUEUED), (3, Status.FAILED)):
        paint_until_killed(fake, 40)
        job.refresh_from_db()
        assert (job.strikes, job.status) == (strikes, status)
    assert job.failure == Job.Failure.LOST
    assert checkpoint_files(settings)
    housekeeping.clear_ended()
    job.refresh_from_db()
    assert job.checkpoint == ""
    assert not checkpoint_files(settings)


def test_to_get_as_far_again_is_no_progress(owner: User, fake: FakeEngine, settings: LazySettings) -> None:
    """Its checkpoints are lost each time and it kills each worker: without this it would go round for ever."""
    job = long_job(owner)
    for strikes, status in ((0, Status.QUEUED), (1, Status.QUEUED), (2, Status.QUEUED), (3, Status.FAILED)):
        paint_until_killed(fake, 40)
        job.refresh_from_db()
        assert (job.strikes, job.status, job.checkpoint_at) == (strikes, status, 39)
        for path in checkpoint_files(settings):
            path.unlink()


def damage(path: Path) -> None:
    contents = bytearray(path.read_bytes())
    contents[-1] ^= 1
    path.write_bytes(contents)


@pytest.mark.parametrize(
    "harm", [damage, Path.unlink, lambda path: path.write_bytes(b"")], ids=["bit", "gone", "empty"]
)
def test_a_checkpoint_that_is_no_good_is_a_new_beginning_and_no_failure(
    owner: User, fake: FakeEngine, settings: LazySettings, harm: Callable[[Path], object]
) -> None:
    job = long_job(owner)
    paint_until_killed(fake, 40)
    (path,) = checkpoint_files(settings)
    harm(path)
    paint()
    job.refresh_from_db()
    assert fake.resumed == [0, 0]
    assert (job.status, job.strikes, job.resumed_at) == (Status.DONE, 0, [])
    assert not checkpoint_files(settings)


def test_a_checkpoint_that_the_engine_refuses_is_a_new_beginning(
    owner: User, fake: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = long_job(owner)
    paint_until_killed(fake, 40)

    def refuse(*given: object, resume: object, **others: object) -> object:
        if resume:
            raise engine.SettingsError("of another painting")
        return fake(*given, resume=None, **others)  # type: ignore[arg-type]

    monkeypatch.setattr(kiln.engine, "stylise", refuse)
    paint()
    job.refresh_from_db()
    assert (job.status, job.resumed_at, job.checkpoint) == (Status.DONE, [], "")


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "the control"])
def test_a_zombie_leaves_no_checkpoint(
    owner: User, settings: LazySettings, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """A worker that was thought dead saves its older painting over the newer one of another worker."""
    if not guarded:
        monkeypatch.setattr(runs, "_held", lambda job: Job.objects.filter(pk=job.pk))
    zombie = claimed(long_job(owner))
    jobs.put_back(zombie)
    living = claimed(zombie)
    runs.keep_checkpoint(living, 50, b"newer")
    if guarded:
        with pytest.raises(jobs.Lost):
            runs.keep_checkpoint(zombie, 20, b"older")
    else:
        runs.keep_checkpoint(zombie, 20, b"older")
    living.refresh_from_db()
    assert living.checkpoint_at == (50 if guarded else 20)
    assert keepsakes.read_checkpoint(living.checkpoint) == (b"newer" if guarded else b"older")
    assert len(checkpoint_files(settings)) == 1


def claimed(job: Job) -> Job:
    taken = jobs.claim_next("test")
    assert taken and taken.pk == job.pk
    return taken


def test_a_stopping_worker_saves_what_it_has(owner: User, fake: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "EVERY_S", 1e9)
    job = long_job(owner)
    steps: list[int] = []
    fake.before_step = steps.append
    kiln.paint_next("test", lambda: len(steps) > 30)
    job.refresh_from_db()
    assert (job.status, job.strikes, job.checkpoint_at) == (Status.QUEUED, 0, 31)
    paint()
    job.refresh_from_db()
    assert fake.resumed == [0, 31]
    assert (job.status, job.resumed_at) == (Status.DONE, [31])


@pytest.mark.parametrize("trouble", [pictures.StorageError("full"), OperationalError("away")])
def test_a_painting_can_do_without_its_checkpoints(
    owner: User, fake: FakeEngine, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    def fail(*_given: object) -> None:
        raise trouble

    monkeypatch.setattr(runs, "keep_checkpoint", fail)
    job = long_job(owner)
    paint()
    job.refresh_from_db()
    assert (job.status, job.strikes) == (Status.DONE, 0)


def test_checkpoints_take_their_share_of_the_time_and_no_more(
    owner: User, fake: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where saving is slow they come less often than every so many seconds."""
    monkeypatch.setattr(saving, "MOST_SHARE", 0.05)
    keep, saved = runs.keep_checkpoint, []

    def slow(job: Job, iteration: int, contents: bytes) -> None:
        time.sleep(0.02)
        keep(job, iteration, contents)
        saved.append(iteration)

    monkeypatch.setattr(runs, "keep_checkpoint", slow)
    fake.before_step = lambda step: time.sleep(0.01)
    long_job(owner)
    began = time.monotonic()
    paint()
    took = time.monotonic() - began
    assert 1 <= len(saved) <= 1 + took * 0.05 / 0.02


def test_time_and_curve_go_on_from_there(owner: User, fake: FakeEngine) -> None:
    before = make.in_status(owner, Status.DONE)
    Job.objects.filter(pk=before.pk).update(seconds=before.cost * 1000)  # so the speed is known: slow
    job = long_job(owner)
    paint_until_killed(fake, 81)
    job.refresh_from_db()
    waiting = watching.page(job)
    assert "goes on from iteration 80" in waiting["words"]["note"]
    assert job.cost_left == pytest.approx(0.2 * job.cost)
    told: list[progress.Snapshot] = []

    def hear(step: int) -> None:
        if step == 82:
            snapshot = progress.read(job.key)
            assert snapshot
            told.append(snapshot)

    fake.before_step = hear
    paint()
    assert told[0].resumed_at == 80
    assert told[0].losses == pytest.approx([1 / step for step in range(1, 82)])  # of both runs
    whole_s = job.cost * 1000
    assert told[0].remaining_s is not None
    assert told[0].remaining_s < 0.25 * whole_s


def test_the_speed_is_measured_over_all_runs(owner: User, fake: FakeEngine) -> None:
    job = long_job(owner)
    paint_until_killed(fake, 40)
    Job.objects.update(checkpoint_seconds=500.0)
    paint()
    job.refresh_from_db()
    assert job.seconds is not None
    assert 500 < job.seconds < 600


def test_an_early_end_costs_what_was_painted(owner: User) -> None:
    job = claimed(long_job(owner))
    ordered = job.cost
    jobs.finish(job, jobs.Result("results/x/x-1", 1.0, "test", 7, iterations=10))
    job.refresh_from_db()
    assert job.iterations_done == 10
    assert job.cost == pytest.approx(ordered * (10 + queue.SWEEP_ITERATIONS) / (100 + queue.SWEEP_ITERATIONS))


def test_a_checkpoint_without_a_row_is_swept(owner: User, settings: LazySettings) -> None:
    job = claimed(long_job(owner))
    runs.keep_checkpoint(job, 5, b"named")
    orphan = keepsakes.store_checkpoint(b"a worker died before the row", 1)
    then = (timezone.now() - timedelta(days=30)).timestamp()
    for path in checkpoint_files(settings):
        os.utime(path, (then, then))
    assert sweep.run()["checkpoints orphan"] == 1
    job.refresh_from_db()
    assert keepsakes.read_checkpoint(job.checkpoint) == b"named"
    with pytest.raises(keepsakes.Damaged):
        keepsakes.read_checkpoint(orphan)


@pytest.mark.parametrize("move", [jobs.cancel, housekeeping.delete_job], ids=["cancelled", "deleted"])
def test_what_is_taken_away_leaves_no_checkpoint(
    owner: User, fake: FakeEngine, settings: LazySettings, move: Callable[[Job], object]
) -> None:
    settings.BEAT_S = 0.02
    job = long_job(owner)

    def take_away(step: int) -> None:
        if step == 30:
            move(job)
        time.sleep(0.01 if step < 30 else 0.1)

    fake.before_step = take_away
    paint()
    assert not Job.objects.filter(status=Status.DONE).exists()
    assert not checkpoint_files(settings)
    assert not list(Path(settings.MEDIA_ROOT).glob("frames/**/*.png"))


def test_a_true_painting_goes_on_where_it_stopped_and_ends_when_it_is_enough(
    owner: User, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real engine, stopped within an iteration, gone on with, and taken as it is."""
    monkeypatch.setattr(telling, "TELL_EVERY_S", 0.0)
    monkeypatch.setattr(saving, "EVERY_S", 1.0)
    settings.ENGINE_DEVICE, settings.BEAT_S = "cpu", 0.02
    job = make.job(owner, photo=make.upload(owner, make.picture(72, 64)), tier="hd", iterations=1000)
    jobs.release(job)
    told: list[progress.Snapshot] = []
    monkeypatch.setattr(kiln.progress, "write", lambda key, snapshot, *others: told.append(snapshot))
    kiln.paint_next("test", lambda: bool(told) and told[-1].iteration >= 8)
    before = told[-1]
    job.refresh_from_db()
    assert (job.status, job.checkpoint_at) == (Status.QUEUED, before.iteration)

    told.clear()

    def tell(key: str, snapshot: progress.Snapshot, *others: bytes) -> None:
        told.append(snapshot)
        if snapshot.iteration == before.iteration + 8:
            runs.want_end(Job.objects.get())

    monkeypatch.setattr(kiln.progress, "write", tell)
    paint()
    job.refresh_from_db()
    assert (job.status, job.strikes, job.resumed_at) == (Status.DONE, 0, [before.iteration])
    assert job.iterations_done is not None
    assert before.iteration + 8 <= job.iterations_done < 900
    assert before.loss is not None and told[0].loss is not None and job.loss is not None
    assert told[0].iteration == before.iteration + 1
    assert told[0].loss <= before.loss * 1.005  # what is kept is rounded; engine/test_enlarge.py allows as much
    assert job.loss < told[0].loss
    assert told[0].fraction > before.fraction
    assert Image.open(Path(settings.MEDIA_ROOT, job.result + ".png")).size == (72, 64)
