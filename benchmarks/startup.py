"""Start-up: painting begins within the time of `import torch` and one second more."""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import machine, pictures, race
from benchmarks.report import Report

MORE_S = 1.0


def import_torch() -> float:
    """Seconds from asking for a process until it has imported PyTorch."""
    began = time.monotonic()
    command = [sys.executable, "-c", "import torch, time; print(time.monotonic())"]
    done = subprocess.run(command, cwd=machine.ROOT, check=True, capture_output=True, text=True)  # noqa: S603
    return float(done.stdout) - began


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.startup", description=__doc__)
    pictures.add_pair(parser)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--size", type=int, default=600, help="px of the photo's long side")
    given = parser.parse_args()
    report = Report("Start-up: processes from nothing, in turn")
    with tempfile.TemporaryDirectory() as folder:
        photo, style = pictures.prepare(pictures.chosen(given), given.size, Path(folder))
        settings = f'{{"iterations": 1, "max_side": {given.size}}}'
        rounds = []
        for _ in range(given.rounds + 1):
            torch_s = import_torch()
            begun = race.run("benchmarks.run_ours", photo, style, "--settings", settings, "--only-begin")
            rounds.append((torch_s, begun.seconds("imported"), begun.seconds("layer"), begun.seconds("ready")))
    # The first one reads from the disk what later ones find in memory.
    torch_s, imported, layer, ready = (statistics.median(column) for column in zip(*rounds[1:], strict=True))
    more = statistics.median(one[3] - one[0] for one in rounds[1:])
    report.note(f"medians of {given.rounds}, after one that does not count")
    report.row("import torch", f"{torch_s:.2f} s")
    report.row("the engine is imported", f"{imported:.2f} s")
    report.row("the network's first layer begins (targets)", f"{layer:.2f} s")
    report.row("the first evaluation begins", f"{ready:.2f} s")
    report.row("more than import torch", f"{more:.2f} s", f"at most {MORE_S:.0f} s", kept=more <= MORE_S)
    report.end()


if __name__ == "__main__":
    main()
