"""A print master: a picture painted first at 1200 px, enlarged by `python -m worker.engine enlarge`."""

import argparse
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from benchmarks import machine, pictures
from benchmarks.report import Report
from benchmarks.similarity import apart, flattest, ssim

MINUTES, GB, CORES = 40, 16, 2
BLUR, APART = 4, 4.0  # px, and grey levels: colours and large forms, which brightness alone does not tell
TILE, FLAT = 256, 1.0
"""px, and grey levels of standard deviation under which a tile shows nothing."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.print", description=__doc__)
    parser.add_argument("--size", type=pictures.size, help="in px (default: 5315x3543, on a graphics card 8064x6048)")
    add_options(parser)
    given = parser.parse_args()
    report = Report("A print master")
    with kept_in(given) as folder:
        paint(report, given, given.size or ((8064, 6048) if is_on_card(given) else (5315, 3543)), folder)
    report.end()


def add_options(parser: argparse.ArgumentParser) -> None:
    pictures.add_pair(parser)
    parser.add_argument("--side", type=int, default=1200, help="px of the finished picture's long side")
    parser.add_argument("--iterations", type=int, default=20, help="of the finished picture")
    parser.add_argument(
        "--memory", type=float, default=12, help="GB that the engine may take (default: 12; 0: what is free)"
    )
    parser.add_argument("--device", default="auto")
    parser.add_argument("--keep", type=Path, help="a folder in which the pictures stay")


@contextmanager
def kept_in(given: argparse.Namespace) -> Iterator[Path]:
    """The folder for all pictures; it goes, unless it was named."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep.resolve() if given.keep else Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        yield folder


def is_on_card(given: argparse.Namespace) -> bool:
    return given.device.startswith("cuda") or (given.device == "auto" and shutil.which("nvidia-smi") is not None)


def paint(report: Report, given: argparse.Namespace, size: tuple[int, int], folder: Path) -> None:
    """Leaves finished.png and master.png in the folder, and says what they cost and show."""
    (width, height), pair = size, pictures.chosen(given)
    photo, style, finished, master = (folder / f"{name}.png" for name in ("photo", "style", "finished", "master"))
    small = (given.side, round(given.side * height / width))
    pictures.to_size(pictures.open_photo(pair.photo), small).save(photo)
    pictures.open_style(pair.style).save(style)
    common = ("--device", given.device, "--memory", given.memory)
    first_s, _ = machine.run(
        "worker.engine", "paint", photo, style, "-o", finished, "-q", *common,
        "--max-side", given.side, "--iterations", given.iterations,
    )  # fmt: skip
    report.row(f"painted first: {small[0]}x{small[1]} px, {given.iterations} iterations", f"{first_s:.0f} s")
    took, peak = machine.run(
        "worker.engine", "enlarge", finished, photo, style, "-o", master, "--size", f"{width}x{height}", *common
    )
    judge(report, finished, master, size, took=took, peak=peak, on_card=is_on_card(given))


def judge(
    report: Report, finished: Path, master: Path, size: tuple[int, int], *, took: float, peak: float, on_card: bool
) -> None:
    """The engine itself refuses what is not finite or flat as a whole; here every tile is looked at."""
    large, small = Image.open(master).convert("RGB"), Image.open(finished).convert("RGB")
    report.row("size of the master", f"{large.width}x{large.height} px", kept=large.size == size)
    judged = not on_card and machine.cores() <= CORES
    promise, minutes = f"at most {MINUTES} min, {CORES} cores", took / 60
    report.row(
        "enlarged, the whole process", f"{minutes:.1f} min", promise, kept=minutes <= MINUTES if judged else None
    )
    report.row("its peak memory", f"{peak:.1f} GB", f"under {GB} GB", kept=None if on_card else peak < GB)
    again = large.resize(small.size, Image.Resampling.LANCZOS)
    report.row("SSIM, scaled down, with the finished picture", f"{ssim(again, small):.3f}")
    levels = apart(again, small, BLUR)
    report.row(
        f"apart from it through a blur of {BLUR} px, grey levels",
        f"{levels:.1f}",
        f"under {APART:.0f}",
        kept=levels < APART,
    )
    least = flattest(large, min(TILE, *large.size))
    report.row(f"flattest tile of {TILE} px, grey levels", f"{least:.1f}", f"over {FLAT:.0f}", kept=least > FLAT)


if __name__ == "__main__":
    Image.MAX_IMAGE_PIXELS = None  # it is our own
    main()
