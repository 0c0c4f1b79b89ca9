"""The framed photo is what is painted, and what of it is protected stays: a real engine, small."""

from pathlib import Path

import numpy
import pytest
from django.conf import LazySettings
from PIL import Image

from people.models import User
from stylize import pictures
from stylize.framing import Framing
from stylize.models import Job, Style
from stylize.samples import drawings, photos
from tests import make
from tests.worker.fake_engine import FakeEngine
from worker import kiln

pytestmark = pytest.mark.django_db(transaction=True)  # the heart beats over a connection of its own
FRAMED = Framing(1, (0.0, 0.25, 1.0, 0.5))


@pytest.fixture
def owner(monkeypatch: pytest.MonkeyPatch) -> User:
    monkeypatch.setattr(kiln.dispatch, "wake", lambda: None)
    return make.user("alice")


def values(image: Image.Image) -> numpy.ndarray:
    """(H, W, 3)"""
    return numpy.asarray(image.convert("RGB")).astype(float)


def test_the_engine_gets_the_framed_photo_and_the_mask(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeEngine()
    monkeypatch.setattr(kiln.engine, "stylise", fake)
    make.job(owner, photo=make.upload(owner, make.picture(200, 160)), framing=FRAMED, protect=make.mask(owner))
    kiln.paint_next("test", lambda: False)
    ((photo, mask),) = fake.pairs
    assert photo.size == (160, 100)
    assert mask and mask.size == (64, 64)


def test_without_a_mask_the_engine_gets_none(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeEngine()
    monkeypatch.setattr(kiln.engine, "stylise", fake)
    make.job(owner)
    kiln.paint_next("test", lambda: False)
    assert fake.pairs[0][1] is None


def test_what_is_protected_stays_the_framed_photo_and_all_else_is_painted(owner: User, settings: LazySettings) -> None:
    settings.ENGINE_DEVICE = "cpu"
    photo = make.upload(owner, photos.open_photo("coffee").resize((128, 96)))
    night = make.upload(owner, drawings.draw("windy-night").resize((128, 96)))
    styles = ((Style.objects.create(owner=owner, image=night), 1.0),)
    job = make.job(owner, photo=photo, styles=styles, framing=FRAMED, protect=make.mask(owner))
    assert kiln.paint_next("test", lambda: False)
    job.refresh_from_db()
    assert (job.status, job.width, job.height) == (Job.Status.DONE, 96, 64)
    painted = values(Image.open(Path(settings.MEDIA_ROOT, job.result + ".png")))
    framed = values(pictures.open_upload(photo).rotate(-90, expand=True).crop((0, 32, 96, 96)))
    assert painted.shape == framed.shape
    change = abs(painted - framed)
    assert change[:, :46].max() <= 2
    assert change[:, 50:].mean() > 15
