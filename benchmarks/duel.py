"""One pair painted by both engines on one device, and every saved picture judged at most once."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from PIL import Image

from benchmarks import race
from benchmarks.judge import Judge, Verdict
from benchmarks.race import Frame, Run

OURS: Final = '{"iterations": 10000, "max_side": 10000, "smoothness": 0, "precision": "%s"}'
"""The peer's objective has no total variation. Our runs are stopped by time or by frame."""


@dataclass
class Duel:
    """`folder` takes the pictures."""

    photo: Path
    style: Path
    folder: Path
    device: str
    precision: str = "auto"
    _seen: dict[Path, Verdict] = field(default_factory=dict)

    def peer(self, steps: int, name: str, *more: object) -> Run:
        options = ("--device", self.device, "--steps", steps, *more)
        return race.run("benchmarks.run_peer", self.photo, self.style, *options, frames=self.folder / name)

    def ours(self, name: str, *more: object) -> Run:
        options = ("--device", self.device, "--settings", OURS % self.precision, *more)
        return race.run("benchmarks.run_ours", self.photo, self.style, *options, frames=self.folder / name)

    def verdict(self, path: Path) -> Verdict:
        """Of a picture in a file, by the peer's objective."""
        if path not in self._seen:
            self._seen[path] = self._judge(Image.open(path))
        return self._seen[path]

    @cached_property
    def _judge(self) -> Judge:
        return Judge(Image.open(self.photo), Image.open(self.style), device=self.device)

    def first_under(self, ours: Run, loss: float) -> Frame | None:
        """Our first frame whose saved picture has at most that loss. Those are not looked at which even the engine
        itself, in its own precision and before rounding, finds 15 % worse.
        """
        likely = (frame for frame in ours.frames if frame.loss <= 1.15 * loss)
        return next((frame for frame in likely if self.verdict(frame.path).loss <= loss), None)

    def disagreement(self, peer: Run) -> float:
        """How far the judge is from what the peer itself says of two pictures: its start and its last saved one."""
        said = (self.photo, peer.loss("ready")), (peer.frames[-1].path, peer.loss("saved"))
        return max(abs(self.verdict(path).loss / loss - 1) for path, loss in said)
