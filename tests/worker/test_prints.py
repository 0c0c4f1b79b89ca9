"""Prints in the kiln: what the engine is asked, what is delivered, and how a print steps aside for others."""

import time
from pathlib import Path

import pytest
from django.conf import LazySettings
from PIL import Image

from benchmarks.similarity import ssim
from feed.models import Post
from people.models import User
from stylize import clock, housekeeping, jobs, keepsakes, line, pictures, queue
from stylize.models import Frame, Job, Style
from stylize.samples import drawings, photos
from tests import make
from tests.worker.fake_engine import FakeEngine, FakeEnlarger
from worker import aside, engine, kiln

Status = Job.Status
ALL = (0.0, 0.0, 1.0, 1.0)
pytestmark = pytest.mark.django_db(transaction=True)  # the heart beats over a connection of its own


@pytest.fixture
def owner(monkeypatch: pytest.MonkeyPatch) -> User:
    monkeypatch.setattr(kiln.dispatch, "wake", lambda: None)
    return make.user("alice")


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeEnlarger:
    fake = FakeEnlarger()
    monkeypatch.setattr(kiln.engine, "enlarge", fake)
    monkeypatch.setattr(kiln.engine, "stylise", FakeEngine())
    return fake


@pytest.fixture
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slices, looks and waits so short that every second step can be the last of a run."""
    monkeypatch.setattr(queue, "SLICE_S", 0.0)
    monkeypatch.setattr(aside, "LOOK_EVERY_S", 0.0)
    monkeypatch.setattr(line, "WAITED_S", 0.0)


def paint() -> bool:
    return kiln.paint_next("test", lambda: False)


def fresh(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def files(settings: LazySettings, folder: str) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).glob(f"{folder}/**/*") if path.is_file()]


def opened(settings: LazySettings, job: Job) -> Image.Image:
    return Image.open(Path(settings.MEDIA_ROOT, fresh(job).result + ".png")).convert("RGB")


def test_a_print_is_painted_from_the_finished_picture_and_hangs_on_no_wall(
    owner: User, fake: FakeEnlarger, settings: LazySettings
) -> None:
    picture = make.done_job(owner)
    job = make.print_job(owner, picture)
    assert paint()
    asked, job = fake.calls[0], fresh(job)
    assert (asked["size"], asked["part"], asked["finished"].size) == ((240, 180), None, (120, 90))
    assert (asked["order"].iterations, asked["order"].seed) == (10, picture.seed)
    assert 0 < asked["order"].memory <= settings.PRINT_MEMORY_GB
    assert (job.status, job.width, job.height, job.visibility) == (Status.DONE, 240, 180, "private")
    assert job.result.startswith("prints/")
    assert opened(settings, job).size == (240, 180)
    assert len(files(settings, "prints")) == 2
    assert Post.objects.count() == 1, "the finished picture's own"
    assert not job.frames.exists()


def test_finished_picture_photo_and_mask_are_cut_alike(owner: User, fake: FakeEnlarger) -> None:
    picture = make.done_job(owner, protect=make.mask(owner))
    make.print_job(owner, picture, crop=(0.25, 0.0, 0.5, 1.0), size=(120, 180), controls={"strength": 2.0})
    paint()
    asked = fake.calls[0]
    assert [asked[name].size for name in ("finished", "content", "protect")] == [(60, 90), (60, 90), (32, 64)]
    assert asked["order"].strength == 2.0


def test_a_proof_is_the_middle_of_the_whole(owner: User, fake: FakeEnlarger, settings: LazySettings) -> None:
    picture = make.done_job(owner)
    job = jobs.submit_print_proof(owner, picture, whole=(1200, 900), size=(200, 160), crop=ALL, controls={})
    assert job.cost < make.print_job(owner, picture, size=(1200, 900)).cost / 2
    paint()
    assert (fake.calls[0]["size"], fake.calls[0]["part"]) == ((1200, 900), (500, 370, 700, 530))
    assert fresh(job).status == Status.DONE
    assert opened(settings, job).size == (200, 160)


def test_a_print_of_a_picture_whose_file_is_gone_fails_in_words(owner: User, fake: FakeEnlarger) -> None:
    picture = make.done_job(owner)
    job = make.print_job(owner, picture)
    pictures.delete_result(picture.result)
    paint()
    assert (fresh(job).status, fresh(job).failure) == (Status.FAILED, Job.Failure.NO_START)


def test_a_picture_that_is_deleted_leaves_its_print_what_it_needs(
    owner: User, fake: FakeEnlarger, settings: LazySettings
) -> None:
    picture = make.done_job(owner)
    job = make.print_job(owner, picture)
    housekeeping.delete_job(picture)
    assert Frame.objects.get(job=job).iteration == 0
    assert not keepsakes.is_there(picture.result)
    paint()
    assert fresh(job).status == Status.DONE
    assert not Frame.objects.exists()
    assert not files(settings, "frames")


def test_a_picture_deleted_after_its_print_keeps_nothing(owner: User, fake: FakeEnlarger) -> None:
    picture = make.done_job(owner)
    make.print_job(owner, picture)
    paint()
    housekeeping.delete_job(picture)
    assert not Frame.objects.exists()


def test_a_flat_print_is_painted_once(owner: User, fake: FakeEnlarger) -> None:
    def flat(step: int) -> None:
        raise engine.FlatResultError("flat")

    fake.before_step = flat
    job = make.print_job(owner)
    paint()
    assert (fresh(job).failure, len(fake.calls)) == (Job.Failure.FLAT, 1)


def test_a_cancelled_print_stops_and_leaves_no_files(owner: User, fake: FakeEnlarger, settings: LazySettings) -> None:
    settings.BEAT_S = 0.01
    job = make.print_job(owner)

    def cancel(step: int) -> None:
        jobs.cancel(job)
        time.sleep(0.1)

    fake.before_step = cancel
    paint()
    assert fresh(job).status == Status.CANCELLED
    assert not files(settings, "prints")


def test_a_print_that_is_put_back_goes_on(owner: User, fake: FakeEnlarger) -> None:
    job = make.print_job(owner)
    done: list[int] = []
    fake.before_step = done.append
    kiln.paint_next("test", lambda: len(done) == 4)
    job.refresh_from_db()
    assert (job.status, job.checkpoint_at, job.strikes, job.is_aside) == (Status.QUEUED, 4, 0, False)
    paint()
    assert fake.resumed == [0, 4]


def come_at(fake: FakeEnlarger, step: int, came: list[Job]) -> None:
    """Bob's free job joins the line while a print is painted."""

    def come(now: int) -> None:
        if now == step and not came:
            came.append(make.job(make.user("bob")))

    fake.before_step = come


def test_a_print_steps_aside_for_a_free_job_and_then_goes_on(owner: User, fake: FakeEnlarger, brisk: None) -> None:
    printed, came = make.print_job(owner), list[Job]()
    come_at(fake, 4, came)
    rank = printed.rank
    assert paint()
    printed, free = fresh(printed), fresh(came[0])
    assert (printed.status, printed.checkpoint_at, printed.strikes, printed.is_aside) == (Status.QUEUED, 4, 0, True)
    assert rank is not None and printed.rank == pytest.approx(rank + queue.cost_of_print((240, 180), 120) * 0.4)
    assert clock.now() == rank, "its new rank moves no clock while it waits"
    assert free.rank is not None and printed.rank and free.rank < printed.rank
    assert paint()
    assert (fresh(free).status, fresh(printed).status) == (Status.DONE, Status.QUEUED)
    assert paint()
    assert (fresh(printed).status, fresh(printed).is_aside, fake.resumed) == (Status.DONE, False, [0, 4])
    assert clock.now() == printed.rank, "now it has been claimed with it"


def test_control_without_stepping_aside_a_free_job_waits_for_the_whole_print(
    owner: User, fake: FakeEnlarger, brisk: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aside.Courtesy, "is_due", lambda self, step: False)
    printed, came = make.print_job(owner), list[Job]()
    come_at(fake, 4, came)
    paint()
    assert (fresh(printed).status, fresh(came[0]).status) == (Status.DONE, Status.QUEUED)


def test_for_prints_and_samples_alone_it_does_not_step_aside(owner: User, fake: FakeEnlarger, brisk: None) -> None:
    printed = make.print_job(owner)
    Job.objects.filter(pk=make.print_job(make.user("bob")).pk).update(rank=1e6)
    make.job(make.user("cis"), sample=True)
    paint()
    assert fresh(printed).status == Status.DONE


def test_it_gets_on_before_it_steps_aside(
    owner: User, fake: FakeEnlarger, brisk: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "SLICE_S", 60.0)
    printed, came = make.print_job(owner), list[Job]()
    come_at(fake, 4, came)
    paint()
    assert fresh(printed).status == Status.DONE


def test_prints_tell_no_speed(owner: User, fake: FakeEnlarger) -> None:
    make.print_job(owner)
    Job.objects.filter(tier="free").update(seconds=2.0, cost=1.0)
    paint()
    assert line.seconds_per_cost() == 2.0


def test_true_prints_look_like_the_picture_and_a_proof_like_the_print(owner: User, settings: LazySettings) -> None:
    """Real weights, at a size that is quick."""
    settings.ENGINE_DEVICE = "cpu"
    photo = make.upload(owner, photos.open_photo("coffee").resize((180, 120)))
    night = make.upload(owner, drawings.draw("windy-night").resize((240, 192)))
    job = make.job(owner, photo=photo, styles=((Style.objects.create(owner=owner, image=night), 1.0),))
    paint()
    whole, size = (360, 240), (112, 96)
    job = fresh(job)
    printed = make.print_job(owner, job, size=whole)
    proof = jobs.submit_print_proof(owner, job, whole=whole, size=size, crop=ALL, controls={})
    assert paint()
    assert paint()
    small, large, middle = (opened(settings, one) for one in (job, printed, proof))
    assert (large.size, middle.size) == (whole, size)
    assert ssim(large.resize(small.size, Image.Resampling.LANCZOS), small) > 0.6
    box = proof.plan.middle(size)
    proof_ssim = ssim(middle, large.crop(box))
    assert proof_ssim > 0.75
    assert proof_ssim > ssim(small.resize(whole, Image.Resampling.BICUBIC).crop(box), large.crop(box)) + 0.1
