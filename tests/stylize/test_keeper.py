"""How many pictures are in memory at once, whoever sends them; and that their rows are written together."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from PIL import Image

from people.models import User
from stylize import intake, jobs
from stylize.intake import DECODERS
from stylize.keeper import Keeper
from stylize.models import Mask, Style, Upload
from tests import make

SENT = 8


class Crowd:
    """Counts the pictures between the beginning of reading and the end of writing."""

    def __init__(self) -> None:
        self.here = self.most = 0
        self._lock, self._is_long = threading.Lock(), threading.Event()

    def read(self, _file: object, size: int) -> Image.Image:
        with self._lock:
            self.here += 1
            self.most = max(self.most, self.here)
        return make.picture()

    def store(self, _owner: User, _picture: Image.Image) -> Any:
        self._is_long.wait(0.1)
        with self._lock:
            self.here -= 1


def keep_all(crowd: Crowd) -> None:
    def keep(_number: int) -> None:
        Keeper(User(), User)._kept(make.file(), crowd.read, crowd.store)

    with ThreadPoolExecutor(SENT) as pool:
        list(pool.map(keep, range(SENT)))


def test_no_more_pictures_are_in_memory_than_decoders() -> None:
    crowd = Crowd()
    keep_all(crowd)
    assert crowd.most == DECODERS and crowd.here == 0


def test_control_without_a_limit_all_of_them_would_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "decoders", threading.BoundedSemaphore(SENT))
    crowd = Crowd()
    keep_all(crowd)
    assert crowd.most > DECODERS


# Its rows -------------------------------------------------------------------------------------------------------------


def files_on_disk(settings: LazySettings) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


@pytest.mark.django_db
def test_all_rows_of_a_form_are_written_at_once_and_a_style_finds_its_image() -> None:
    owner = make.user("alice")
    keeper = Keeper(owner, lambda: owner)
    photo, style = keeper.keep(make.file()), keeper.keep_style(make.file("style.jpg"))
    assert not Upload.objects.exists()
    keeper.write_down()
    assert (Upload.objects.get(pk=photo.pk), Style.objects.get()) == (photo, style)
    assert Style.objects.get().image == style.image != photo
    keeper.write_down()
    assert Upload.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_whoever_has_gone_meanwhile_leaves_neither_rows_nor_files(settings: LazySettings) -> None:
    """A guest who signs in in another window while this form is read."""
    guest = make.guest()
    keeper = Keeper(guest, lambda: guest)
    keeper.keep(make.file())
    keeper.keep_style(make.file("style.jpg"))
    keeper.keep_mask(make.file("mask.png", make.half(), "PNG"))
    assert files_on_disk(settings)
    User.objects.get(pk=guest.pk).delete()
    with pytest.raises(jobs.Conflict):
        keeper.write_down()
    assert not files_on_disk(settings)
    assert not Upload.objects.exists() and not Style.objects.exists() and not Mask.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_form_of_whoever_has_gone_comes_back_without_what_was_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    client.post("/paint/", make.form(style_image=None))  # makes the guest
    store = intake.store

    def store_and_leave(owner: User, picture: Image.Image) -> Upload:
        kept = store(owner, picture)
        User.objects.filter(is_guest=True).delete()
        return kept

    monkeypatch.setattr(intake, "store", store_and_leave)
    answer = client.post("/paint/", make.form())
    assert answer.status_code == 409
    assert not any(answer.context["form"].choices_kept[name] for name in ("photo_kept", "style_key"))
