"""`make bench`: every part, one after another, each a process. `make bench ARGS="peer --rounds 1"`: one, its way."""

import argparse
import subprocess
import sys
import time

from benchmarks import machine

PARTS = ("startup", "limit", "sweep", "precision", "memory", "peer", "gpu", "journey", "queue", "proof", "claims")
PART_S, ALL_S = 8 * 60, 40 * 60


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="make bench", description="Measure. Further options go to the part: make bench ARGS='peer --rounds 1'."
    )
    parser.add_argument("part", nargs="?", choices=PARTS, help="which (default: all, one after another)")
    words = sys.argv[1:]
    given = parser.parse_args(words[:1])
    failed, began = [], time.monotonic()
    for part in [given.part] if given.part else PARTS:
        since = time.monotonic()
        done = subprocess.run([sys.executable, "-m", f"benchmarks.{part}", *words[1:]], cwd=machine.ROOT, check=False)  # noqa: S603
        print(f"\n[{part}: {_minutes(time.monotonic() - since)} of at most {_minutes(PART_S)}]\n", flush=True)
        if done.returncode:
            failed.append(part)
    if not given.part:
        print(f"[all: {_minutes(time.monotonic() - began)} of at most {_minutes(ALL_S)}]")
    if failed:
        sys.exit(f"a promise is not kept, or the part failed: {', '.join(failed)}")


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


if __name__ == "__main__":
    main()
