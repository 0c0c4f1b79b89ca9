"""The engine alone: the sweep, an iteration, and an evaluation of the network, at 600×450 px with loaded weights."""

import datetime
import os
import platform
import statistics
import time

import torch

from stylize.samples import drawings, photos
from worker.engine import Settings, stylise, warm_up

RUNS = 3
ITERATIONS = 10
SIZE = (600, 450)


def paint() -> tuple[float, float]:
    """Seconds of the sweep with its first iteration, and of one further iteration."""
    photo, style = photos.open_photo("coffee").resize(SIZE), drawings.draw("windy-night")
    began, after_first = time.monotonic(), 0.0
    for step in stylise(photo, [(style, 1.0)], Settings(iterations=1 + ITERATIONS, max_side=600)):
        if step.iteration == 1:
            after_first = time.monotonic()
    return after_first - began, (time.monotonic() - after_first) / ITERATIONS


def main() -> None:
    began = time.monotonic()
    warm_up(Settings())
    warming = time.monotonic() - began
    free, iteration = (statistics.median(values) for values in zip(*(paint() for _run in range(RUNS)), strict=True))
    today = datetime.datetime.now(datetime.UTC).date()
    print(f"{today}, {platform.machine()}, {os.cpu_count()} cores, torch {torch.__version__}, {SIZE[0]}×{SIZE[1]} px")
    print(f"weights loaded and checked               {warming:6.2f} s")
    print(f"free: sweep and one iteration            {free:6.2f} s   median of {RUNS}")
    print(f"each further iteration                   {iteration:6.2f} s   median of {RUNS}")
    print(
        f"the sweep in iterations                  {free / iteration - 1:6.1f}     (at most 6 evaluations of full size)"
    )


if __name__ == "__main__":
    main()
