"""How many pictures are in memory at once, whoever sends them."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from PIL import Image

from people.models import User
from stylize import intake
from stylize.intake import DECODERS
from stylize.keeper import Keeper
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
