"""A canvas: a picture painted first at 1200 px, enlarged by `python -m worker.engine enlarge`, and its print file."""

import argparse
import shutil
import subprocess
import tempfile
from pathlib import Path

from PIL import Image

from benchmarks import machine, pictures
from benchmarks.report import Report
from benchmarks.similarity import flattest, ssim
from billing import canvases

MINUTES, GB, CORES = 40, 16, 2
TILE, FLAT = 256, 1.0
"""px, and grey levels of standard deviation under which a tile shows nothing."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench-print", description=__doc__)
    pictures.add_pair(parser)
    parser.add_argument("--canvas", choices=canvases.CANVASES, default="60x90")
    parser.add_argument("--wrap", choices=canvases.Wrap.values, default=canvases.Wrap.MIRROR.value)
    parser.add_argument("--dpi", type=int, default=150)
    parser.add_argument("--size", type=pictures.size, help="in px, in the place of a canvas; then no file is made")
    parser.add_argument("--side", type=int, default=1200, help="px of the finished picture's long side")
    parser.add_argument("--iterations", type=int, default=20, help="of the finished picture")
    parser.add_argument(
        "--memory", type=float, default=12, help="GB that the engine may take (default: 12; 0: what is free)"
    )
    parser.add_argument("--device", default="auto")
    parser.add_argument("--keep", type=Path, help="a folder in which the pictures stay")
    given = parser.parse_args()
    report = Report("A canvas" if given.size is None else "A print master")
    on_card = given.device.startswith("cuda") or (given.device == "auto" and shutil.which("nvidia-smi") is not None)
    canvas = canvases.named(given.canvas)
    width, height = given.size or canvases.painted_px(canvas, portrait=False, wrap=given.wrap, dpi=given.dpi)
    pair = pictures.chosen(given)
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep.resolve() if given.keep else Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
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
        judge(report, finished, master, (width, height), took=took, peak=peak, on_card=on_card)
        if given.size is None:
            whole = canvases.whole_px(canvas, portrait=False, dpi=given.dpi)
            finish(report, master, finished, folder / "canvas.jpg", whole, given.wrap, given.dpi)
    report.end()


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
    likeness = ssim(large.resize(small.size, Image.Resampling.LANCZOS), small)
    report.row("SSIM, scaled down, with the finished picture", f"{likeness:.3f}")
    least = flattest(large, min(TILE, *large.size))
    report.row(f"flattest tile of {TILE} px, grey levels", f"{least:.1f}", f"over {FLAT:.0f}", kept=least > FLAT)


def finish(report: Report, master: Path, finished: Path, file: Path, whole: canvases.Size, wrap: str, dpi: int) -> None:
    """The file as the desk makes it, with every check that the desk asks of it; complaints stand on standard error."""
    size = f"{whole[0]}x{whole[1]}"
    try:
        took, peak = machine.run(
            "benchmarks.print_file", master, finished, file, "--size", size, "--dpi", dpi, "--wrap", wrap
        )
    except subprocess.CalledProcessError:
        report.row("its print file stands every check", "no", "yes", kept=False)
        return
    report.row(f"print file of {size} px, {wrap}: made and checked", f"{took:.1f} s")
    report.row("its peak memory", f"{peak:.2f} GB", f"under {GB} GB", kept=peak < GB)
    report.row("its print file stands every check", f"{file.stat().st_size / 1e6:.1f} MB", "yes", kept=True)


if __name__ == "__main__":
    Image.MAX_IMAGE_PIXELS = None  # it is our own
    main()
