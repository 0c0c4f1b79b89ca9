"""Nine proofs in the kiln: what the engine is asked, what watchers see, and a true sheet by a real engine."""

import io
import itertools
import time
from pathlib import Path
from typing import Any

import numpy
import pytest
from django.conf import LazySettings
from django.core.cache import cache
from PIL import Image

from feed.models import Post
from people.models import User
from stylize import controls, jobs, pictures, progress, proofs, tiers
from stylize.models import Job, Style
from stylize.samples import drawings, photos
from tests import make
from tests.worker.fake_engine import FakeEngine
from worker import engine, kiln

pytestmark = pytest.mark.django_db(transaction=True)  # the heart beats over a connection of its own


@pytest.fixture
def owner(monkeypatch: pytest.MonkeyPatch) -> User:
    monkeypatch.setattr(kiln.dispatch, "wake", lambda: None)
    return make.user("alice")


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    fake = FakeEngine()
    monkeypatch.setattr(kiln.engine, "stylise", fake)
    return fake


def ask(owner: User, **fields: Any) -> Job:
    return jobs.submit(owner, proofs.before(make.order(owner, **fields)))


def paint() -> bool:
    return kiln.paint_next("test", lambda: False)


def files(settings: LazySettings) -> list[Path]:
    return list(Path(settings.MEDIA_ROOT).glob("proofs/**/*.*"))


def test_the_engine_is_asked_for_nine(owner: User, fake: FakeEngine, settings: LazySettings) -> None:
    photo = make.upload(owner, make.picture(800, 600))
    job = ask(owner, photo=photo, controls={"smoothness": 3.0}, protect=make.mask(owner))
    assert paint()
    asked = [(order.brush_size, order.strength) for order in fake.calls]
    assert asked == list(itertools.product((0.5, 1.0, 2.0), (0.01, 0.1, 1.0)))
    assert {(order.max_side, order.iterations, order.seed, order.smoothness) for order in fake.calls} == {
        (256, tiers.PROOF.usual, job.seed, 3.0)
    }
    assert all(mask is not None for _photo, mask in fake.pairs)
    job.refresh_from_db()
    assert (job.status, job.width, job.height, job.engine_version) == ("done", 768, 576, engine.ENGINE_VERSION)
    assert len(files(settings)) == 9 + len(pictures.AT_ONCE)
    assert not Post.objects.exists()


def test_the_watchers_see_the_sheet_fill(owner: User, fake: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    job = ask(owner, photo=make.upload(owner, make.picture(800, 600)))
    seen: list[tuple[int, float, str]] = []
    corners: list[tuple[int, int]] = []  # how much hangs at the first and the last place
    write = progress.write

    def watch(key: str, snapshot: progress.Snapshot, preview: bytes | None = None) -> None:
        write(key, snapshot, preview)
        if preview is None:
            return
        seen.append((snapshot.iteration, snapshot.fraction, snapshot.phase))
        sheet = Image.open(io.BytesIO(cache.get(f"progress:{key}:preview"))).convert("RGBA")
        assert sheet.size == (768, 576)
        corners.append((sheet.getpixel((10, 10))[3], sheet.getpixel((760, 570))[3]))  # type: ignore[index]

    monkeypatch.setattr(progress, "write", watch)
    paint()
    assert seen == [(done, done / 9, progress.PROOF) for done in range(1, 10)]
    assert corners == [(255, 0)] * 8 + [(255, 255)]
    assert progress.read(job.key) is None  # told by Postgres from here on


def test_a_flat_one_is_tried_with_another_seed(owner: User, fake: FakeEngine) -> None:
    def flat_once(step: int) -> None:
        if len(fake.calls) == 3:
            raise engine.FlatResultError("flat")

    fake.before_step = flat_once
    job = ask(owner)
    paint()
    assert [order.seed - job.seed for order in fake.calls] == [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    assert (fake.calls[3].strength, fake.calls[3].brush_size) == (fake.calls[2].strength, fake.calls[2].brush_size)
    job.refresh_from_db()
    assert job.status == Job.Status.DONE


def test_flat_twice_fails_in_words_and_leaves_no_files(owner: User, fake: FakeEngine, settings: LazySettings) -> None:
    def flat(step: int) -> None:
        raise engine.FlatResultError("flat")

    fake.before_step = flat
    job = ask(owner)
    paint()
    job.refresh_from_db()
    assert (job.status, job.failure) == (Job.Status.FAILED, Job.Failure.FLAT)
    assert not files(settings)


def test_cancelled_in_the_middle_it_leaves_no_files(owner: User, fake: FakeEngine, settings: LazySettings) -> None:
    settings.BEAT_S = 0.01
    job = ask(owner)

    def cancel_at_the_fourth(step: int) -> None:
        if len(fake.calls) == 4:
            jobs.cancel(job)
            fake.before_step = wait

    def wait(step: int) -> None:
        time.sleep(0.05)

    fake.before_step = cancel_at_the_fourth
    paint()
    job.refresh_from_db()
    assert job.status == Job.Status.CANCELLED
    assert len(fake.calls) < 9
    assert not files(settings)


def test_a_stopping_worker_puts_it_back(owner: User, fake: FakeEngine) -> None:
    job = ask(owner)
    kiln.paint_next("test", lambda: len(fake.calls) == 5)
    job.refresh_from_db()
    assert (job.status, job.strikes, len(fake.calls)) == (Job.Status.QUEUED, 0, 5)


def test_a_true_sheet_shows_most_style_at_the_right_and_ones_own_is_what_a_painting_would_be(
    owner: User, settings: LazySettings
) -> None:
    settings.ENGINE_DEVICE = "cpu"
    photo = make.upload(owner, photos.open_photo("coffee").resize((120, 80)))
    night = make.upload(owner, drawings.draw("windy-night").resize((120, 96)))
    styles = ((Style.objects.create(owner=owner, image=night), 1.0),)
    job = ask(owner, photo=photo, styles=styles)
    assert paint()
    job.refresh_from_db()
    nine = [_opened(settings, f"{job.result}{variant.suffix}") for variant in pictures.PROOFS]
    assert {image.shape for image in nine} == {(80, 120, 3)}
    given = numpy.asarray(pictures.open_upload(photo)).astype(float)
    change = numpy.array([abs(image - given).mean() for image in nine]).reshape(3, 3)
    assert (change[:, :2] < change[:, 2:]).all()  # least and less lie within the seed's whim of each other
    assert all(abs(one - other).mean() > 3 for one, other in itertools.combinations(nine, 2))
    sheet = _opened(settings, f"{job.result}{pictures.LARGE.suffix}")
    assert sheet.shape == (240, 360, 3)
    assert abs(sheet[80:160, 240:360] - nine[5]).mean() < 4  # both are lossy copies
    alone = engine.Settings(
        iterations=job.iterations, max_side=120, seed=job.seed, device="cpu", weights=settings.ENGINE_WEIGHTS
    )
    link = engine.Style(pictures.open_upload(night))
    *_steps, last = engine.stylise(pictures.open_upload(photo), [link], alone)
    copy = Image.open(io.BytesIO(pictures.encoded(last.picture(), pictures.PROOFS[5])))
    assert abs(numpy.asarray(copy).astype(float) - nine[5]).mean() < 1
    assert {**controls.DEFAULTS, **proofs.sheet(job.controls)[5].controls} == controls.DEFAULTS


def _opened(settings: LazySettings, name: str) -> numpy.ndarray:
    """(H, W, 3)"""
    return numpy.asarray(Image.open(Path(settings.MEDIA_ROOT, name)).convert("RGB")).astype(float)
