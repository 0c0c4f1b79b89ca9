"""Memory: the peak of `python -m worker.engine paint` at HD, a process of its own."""

import argparse
import tempfile
from pathlib import Path

from benchmarks import machine, pictures
from benchmarks.report import Report

PROMISE_GB = 4.0


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    pictures.add_pair(parser)
    parser.add_argument("--size", type=pictures.size, default=(1200, 900), help="in px (default: 1200x900)")
    parser.add_argument("--iterations", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    given = parser.parse_args()
    width, height = given.size
    pair, report = pictures.chosen(given), Report(f"Memory at {width}x{height} px: peak of the whole process")
    with tempfile.TemporaryDirectory() as folder:
        photo, style, result = (Path(folder, f"{name}.png") for name in ("photo", "style", "result"))
        pictures.to_size(pictures.open_photo(pair.photo), (width, height)).save(photo)
        pictures.open_style(pair.style).save(style)
        for precision in ("auto", "float32") if machine.knows_bfloat16() else ("float32",):
            took, peak = machine.run(
                "worker.engine", "paint", photo, style, "--output", result, "--quiet", "--device", given.device,
                "--max-side", max(width, height), "--iterations", given.iterations, "--precision", precision,
            )  # fmt: skip
            promise = f"under {PROMISE_GB:.0f} GB"
            report.row(f"precision {precision}: peak", f"{peak:.2f} GB", promise, kept=peak < PROMISE_GB)
            report.row(f"precision {precision}: sweep and {given.iterations} iteration(s)", f"{took:.1f} s")
    report.end()


if __name__ == "__main__":
    main()
