"""The free tier: what the sweep and its one iteration cost, and how good its saved picture is."""

import argparse
import time

from PIL import Image

from benchmarks import machine, pictures
from benchmarks.judge import Judge
from benchmarks.report import Report
from worker.engine import Settings, Style, schedule, stylise, warm_up
from worker.engine.vgg import SMALLEST_SIDE

PAIRS, SECONDS, CORES, SHARE, EVALUATIONS = 6, 10, 2, 0.05, 6
SCALES = {"full": 1.0, "half": 0.5, "quarter": 0.25}


def paint(photo: Image.Image, style: Image.Image, settings: Settings) -> tuple[Image.Image, float]:
    """The finished picture, and the seconds until it was there."""
    began = time.perf_counter()
    *_, last = stylise(photo, [Style(style)], settings)
    picture = last.picture()
    return picture, time.perf_counter() - began


def evaluations(width: int, height: int) -> float:
    """Of the sweep, in full-size ones."""
    levels = schedule.levels(width, height)
    return sum(level.evaluations * level.pixels for level in levels) / (width * height)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sweep", description=__doc__)
    pictures.add_pair(parser)
    parser.add_argument("--size", type=int, default=600, help="px of the long side")
    parser.add_argument("--device", default="auto")
    given = parser.parse_args()
    report = Report(f"The free tier at {given.size} px: the sweep and one iteration, warm")
    settings = Settings(iterations=1, max_side=given.size, device=given.device)
    warm_up(settings)
    rows, times, shares, costs = [], [], [], []
    for number, pair in enumerate(pictures.several(given, PAIRS)):
        photo = pictures.to_side(pictures.open_photo(pair.photo), given.size)
        style = pictures.open_style(pair.style)
        if number == 0:
            paint(photo, photo, settings)  # so that the first one is no colder than the others
        picture, took = paint(photo, style, settings)
        found: dict[str, float] = {}
        for name, scale in SCALES.items():
            if min(photo.size) * scale < SMALLEST_SIDE:
                found[name] = float("nan")
                continue
            judge = Judge(photo, style, scale=scale, device=given.device)
            found[name] = judge(picture).loss / judge(photo).loss
        times.append(took)
        shares.append(found["full"])
        costs.append(evaluations(*photo.size))
        size = f"{photo.width}x{photo.height}"
        rows.append([str(pair), size, f"{costs[-1]:.2f}", f"{took:.1f}", *(f"{share:.1%}" for share in found.values())])
    report.note("Objective of the saved picture as a share of the photo's own; picture, photo and style scaled alike.")
    report.table(["pair", "px", "evaluations", "seconds", *SCALES], rows)
    few = machine.cores() <= CORES
    promise = f"at most {SECONDS} s on {CORES} cores"
    report.row("slowest", f"{max(times):.1f} s", promise, kept=max(times) <= SECONDS if few else None)
    report.row("worst share at full size", f"{max(shares):.1%}", f"at most {SHARE:.0%}", kept=max(shares) <= SHARE)
    report.row(
        "evaluations of the sweep, in full-size ones", f"{max(costs):.2f}", f"at most {EVALUATIONS}",
        kept=max(costs) <= EVALUATIONS,
    )  # fmt: skip
    report.end()


if __name__ == "__main__":
    main()
