"""THE BENCH: the frames of a painting: when they are taken, and which of them is its result."""

from dataclasses import dataclass
from functools import cache
from typing import Final

from stylize import keepsakes, pictures, showing
from stylize.models import Frame, Job

MOST: Final = 12
LEAST_ITERATIONS: Final = 2 * MOST  # below, there would be hardly anything between one frame and the next


@dataclass(frozen=True)
class Shot:
    """A frame on the strip."""

    iteration: int
    is_shown: bool  # it is the result


class Gone(Exception):
    """The frame's files, or the picture itself, are not there any more."""


@cache
def planned(iterations: int) -> tuple[int, ...]:
    """After which iterations a frame is taken: the first, the last, and between them the closer the earlier,
    because a painting changes ever more slowly. Pure.
    """
    if iterations < LEAST_ITERATIONS:
        return ()
    last = MOST - 1
    return tuple(sorted({1 + round((iterations - 1) * (number / last) ** 2) for number in range(MOST)}))


def strip(job: Job) -> list[Shot]:
    """A finished painting's frames in the order they were painted."""
    if job.status != Job.Status.DONE:
        return []
    iterations = list(job.frames.values_list("iteration", flat=True))
    shown = job.shown_iteration or max(iterations, default=0)
    return [Shot(iteration, iteration == shown) for iteration in iterations]


def choose(job: Job, frame: Frame) -> bool:
    """Make a frame the result. False: another choice was quicker. Raises Gone and pictures.StorageError."""
    try:
        files = pictures.store_result(keepsakes.open_frame(frame.file), job.fence)
    except FileNotFoundError as error:
        raise Gone from error
    last = job.frames.order_by("-iteration").values_list("iteration", flat=True).first()
    done = Job.objects.filter(pk=job.pk, status=Job.Status.DONE, result=job.result, result_version=job.result_version)
    shown = None if frame.iteration == last else frame.iteration
    if not done.update(result=files, result_version=job.result_version + 1, shown_iteration=shown):
        pictures.delete_result(files)
        return False
    showing.changed()
    pictures.delete_result(job.result)
    return True
