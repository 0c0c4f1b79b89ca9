"""THE KILN: what a painting keeps on its way: checkpoints for the next run, frames for its owner."""

import io
import logging
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Protocol, Self

import torch
from django.db import InterfaceError, OperationalError, connection

from stylize import frames, keepsakes, pictures, runs
from stylize.models import Job
from worker import engine

log = logging.getLogger(__name__)

EVERY_S: Final = 10.0
MOST_SHARE: Final = 0.05  # of the time of a run, for checkpoints
TROUBLE: Final = (pictures.StorageError, OperationalError, InterfaceError)  # the painting can do without


@dataclass(frozen=True)
class Kept:
    """A checkpoint: the engine's own, and what is told about the painting so far."""

    engine: dict[str, Any]
    iteration: int
    fraction: float  # of the whole work
    seed: int
    losses: list[float]


class Told(Protocol):
    """Who knows the losses so far."""

    def losses(self) -> list[float]: ...


def newest(job: Job) -> Kept | None:
    """The checkpoint of an earlier run. None: there is none, or none that could be gone on from."""
    if not job.checkpoint:
        return None
    try:
        file = io.BytesIO(keepsakes.read_checkpoint(job.checkpoint))
        found = torch.load(file, map_location="cpu", weights_only=True)
        iteration = int(found["engine"]["iteration"])
        return Kept(found["engine"], iteration, float(found["fraction"]), int(found["seed"]), list(found["losses"]))
    except Exception as error:  # whatever is wrong with it, to begin again is right
        log.warning("job %s: begins again, its checkpoint cannot be used: %r", job.key, error)
        return None


class Saver:
    """Keeps one run's checkpoints and frames; frames are encoded beside the painting and written down after that."""

    def __init__(self, job: Job, begun: int, seed: int, told: Told) -> None:
        self._job, self._saved_at, self._seed, self._told = job, begun, seed, told
        self._due = time.monotonic() + EVERY_S
        self._planned = () if job.is_print else frames.planned(job.iterations - job.begun)
        self._framed = set(job.frames.values_list("iteration", flat=True))
        self._encoder = ThreadPoolExecutor(1, thread_name_prefix="frames")
        self._encoding: dict[int, Future[str]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._encoder.shutdown(wait=True)
        for left in self._encoding.values():
            if not left.exception():
                keepsakes.delete_frame(left.result())

    def look(self, step: engine.Step) -> None:
        """After every step: keep what is due. Raises jobs.Lost."""
        if step.phase != "paint":
            return
        if step.iteration in self._planned:
            self._take_frame(step)
        self._write_frames(wait=False)
        if time.monotonic() >= self._due and step.iteration < step.iterations:
            self._checkpoint(step)

    def stop(self, step: engine.Step | None) -> None:
        """The worker stops: what there is, is for the next one. Raises jobs.Lost."""
        if step is not None and step.phase == "paint":
            self._write_frames(wait=True)
            self._checkpoint(step)

    def finish(self, step: engine.Step) -> None:
        """The last frame is the result, also of a painting that ends early. Raises jobs.Lost."""
        if self._planned:
            self._take_frame(step)
        self._write_frames(wait=True)

    def _checkpoint(self, step: engine.Step) -> None:
        if step.iteration <= self._saved_at:
            return
        began = time.monotonic()
        file = io.BytesIO()
        kept = {"engine": step.checkpoint(light=True), "fraction": step.fraction, "seed": self._seed}
        torch.save(kept | {"losses": self._told.losses()}, file)
        try:
            runs.keep_checkpoint(self._job, step.iteration, file.getvalue())
            self._saved_at = step.iteration
        except TROUBLE as trouble:
            self._do_without("a checkpoint", trouble)
        now = time.monotonic()
        self._due = now + max(EVERY_S, (now - began) / MOST_SHARE)

    def _take_frame(self, step: engine.Step) -> None:
        iteration = self._job.begun + step.iteration
        if iteration not in self._framed:
            self._framed.add(iteration)
            painting = step.picture()  # a copy: the painting goes on in its place
            self._encoding[iteration] = self._encoder.submit(keepsakes.store_frame, painting, self._job.fence)

    def _write_frames(self, *, wait: bool) -> None:
        for iteration, encoding in list(self._encoding.items()):
            if wait or encoding.done():
                del self._encoding[iteration]
                try:
                    runs.keep_frame(self._job, iteration, encoding.result())
                except TROUBLE as trouble:
                    self._do_without("a frame", trouble)

    def _do_without(self, what: str, trouble: Exception) -> None:
        log.warning("job %s: %s could not be kept: %s", self._job.key, what, trouble)
        if isinstance(trouble, OperationalError | InterfaceError):
            connection.close()
