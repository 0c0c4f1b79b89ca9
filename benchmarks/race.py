"""Painting processes beside each other: started, read, and set against each other by plain arithmetic."""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from benchmarks import machine


@dataclass(frozen=True)
class Frame:
    """A picture on the way. `loss` is what the painter itself thinks of it, `evaluations` what it cost at full size."""

    number: int
    iteration: int
    seconds: float
    evaluations: float
    loss: float
    path: Path


@dataclass(frozen=True)
class Run:
    """What a process told of itself. Times are seconds since it was asked for."""

    frames: list[Frame]
    events: dict[str, dict[str, float]]

    def seconds(self, event: str) -> float:
        return self.events[event]["seconds"]

    def loss(self, event: str) -> float:
        return self.events[event]["loss"]


def run(module: str, photo: Path, style: Path, *options: object, frames: Path | None = None) -> Run:
    """`benchmarks.run_ours` or `benchmarks.run_peer`, watched until it ends."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log")
        given: list[object] = ["--photo", photo, "--style", style, "--log", log, *options]
        if frames:
            frames.mkdir(parents=True, exist_ok=True)
            given += ["--frames", frames]
        began = time.monotonic()
        command = [sys.executable, "-m", module, "--began", repr(began), *map(str, given)]
        subprocess.run(command, cwd=machine.ROOT, check=True)  # noqa: S603
        return read(log.read_text(encoding="utf-8").splitlines(), frames or Path())


def read(lines: Sequence[str], folder: Path) -> Run:
    """The log of a process."""
    frames, events = [], {}
    for fact in map(json.loads, lines):
        if fact["event"] == "frame":
            path = folder / f"{fact['number']:05}.png"
            del fact["event"]
            frames.append(Frame(**fact, path=path))
        else:
            events[fact["event"]] = fact
    return Run(frames, events)


def at(frames: Sequence[Frame], seconds: float) -> Frame | None:
    """The newest frame at that time, if there was one."""
    past = [frame for frame in frames if frame.seconds <= seconds]
    return past[-1] if past else None


def steady(frames: Sequence[Frame]) -> float:
    """Seconds a step, without the first half, in which libraries warm up."""
    middle = frames[len(frames) // 2]
    return (frames[-1].seconds - middle.seconds) / (frames[-1].number - middle.number)


def capture(frames: Sequence[Frame], iteration: int) -> float:
    """Seconds that recording a graph took: what `iteration`, in which it happens, lasted beyond the later ones."""
    gaps = {after.iteration: after.seconds - before.seconds for before, after in pairwise(frames)}
    later = [gap for number, gap in gaps.items() if number > iteration]
    return max(0.0, gaps[iteration] - statistics.median(later)) if later and iteration in gaps else 0.0


def scaled(frames: Sequence[Frame], steps: int) -> float:
    """Seconds until `steps`, the steps not made taken to last as long as the later ones that were."""
    left = steps - frames[-1].number
    return frames[-1].seconds + (left * steady(frames) if left > 0 else 0.0)


def affordable(left_s: float, *, rounds: int, ours_s: float, ready_s: float, step_s: float, most: int) -> int:
    """Steps of the peer for which each of `rounds` further rounds has time, at most `most`; 0 when under 6."""
    if rounds == 0:
        return 0
    steps = int((left_s / rounds - ours_s - ready_s) / step_s)
    return min(steps, most) if steps >= min(6, most) else 0
