"""A painting process's clock and its log: a line of JSON for every frame. Loads no PyTorch."""

import argparse
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image


def arguments(purpose: str) -> argparse.ArgumentParser:
    """The options that both painters take."""
    parser = argparse.ArgumentParser(description=purpose)
    parser.add_argument("--began", type=float, required=True, help="time.monotonic() when this process was asked for")
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--photo", type=Path, required=True)
    parser.add_argument("--style", type=Path, required=True)
    parser.add_argument("--frames", type=Path, help="folder for the pictures (default: none are saved)")
    parser.add_argument("--device", default="cpu")
    return parser


class Stopwatch:
    """Seconds since the process was asked for, less those spent on saving frames and on the log."""

    def __init__(self, began: float, log: Path) -> None:
        self.began = began
        self._log = log.open("a", encoding="utf-8")

    def seconds(self) -> float:
        return time.monotonic() - self.began

    def restart(self) -> None:
        self.began = time.monotonic()

    @contextmanager
    def stopped(self) -> Iterator[float]:
        """Gives the time at which the clock was stopped."""
        since = time.monotonic()
        try:
            yield since - self.began
        finally:
            self.began += time.monotonic() - since

    def note(self, event: str, **facts: float | int | str | None) -> None:
        """A line of the log, with the time unless it is among the facts."""
        line = {"event": event, "seconds": self.seconds()} | facts
        self._log.write(json.dumps(line) + "\n")
        self._log.flush()


def save(picture: Image.Image, frames: Path, number: int) -> None:
    """Compressed little: the quickest that stays exact."""
    picture.save(frames / f"{number:05}.png", compress_level=1)
