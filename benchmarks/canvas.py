"""A canvas: its master painted as `benchmarks.print` does it, then its print file, with every check of the desk."""

import argparse
import subprocess
from pathlib import Path

from PIL import Image

from benchmarks import machine
from benchmarks import print as prints
from benchmarks.report import Report
from billing import canvases


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench-print", description=__doc__)
    parser.add_argument("--canvas", choices=canvases.CANVASES, default="60x90")
    parser.add_argument("--wrap", choices=canvases.Wrap.values, default=canvases.Wrap.MIRROR.value)
    parser.add_argument("--dpi", type=int, default=150)
    prints.add_options(parser)
    given = parser.parse_args()
    canvas, report = canvases.named(given.canvas), Report(f"A canvas of {given.canvas} cm at {given.dpi} dpi")
    whole = canvases.whole_px(canvas, portrait=False, dpi=given.dpi)
    with prints.kept_in(given) as folder:
        size = canvases.painted_px(canvas, portrait=False, wrap=given.wrap, dpi=given.dpi)
        prints.paint(report, given, size, folder)
        finish(report, folder, whole, given.wrap, given.dpi)
    report.end()


def finish(report: Report, folder: Path, whole: canvases.Size, wrap: str, dpi: int) -> None:
    """The file as the desk makes it, with every check that the desk asks of it; complaints stand on standard error."""
    master, finished, file = (folder / name for name in ("master.png", "finished.png", "canvas.jpg"))
    asked = ("--size", f"{whole[0]}x{whole[1]}", "--dpi", dpi, "--wrap", wrap)
    try:
        took, peak = machine.run("benchmarks.print_file", master, finished, file, *asked)
    except subprocess.CalledProcessError:
        report.row("its print file stands every check", "no", "yes", kept=False)
        return
    report.row(f"print file of {whole[0]}x{whole[1]} px, {wrap}: made and checked", f"{took:.1f} s")
    report.row("its peak memory", f"{peak:.2f} GB", f"under {prints.GB} GB", kept=peak < prints.GB)
    report.row("its print file stands every check", f"{file.stat().st_size / 1e6:.1f} MB", "yes", kept=True)


if __name__ == "__main__":
    Image.MAX_IMAGE_PIXELS = None  # it is our own
    main()
