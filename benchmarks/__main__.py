"""`make bench`: every part, one after another. `ARGS=journey` runs one."""

import argparse
import runpy

PARTS = ("engine", "journey")


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description="Measure. Parts: " + ", ".join(PARTS))
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=PARTS, help="which (default: all)")
    for part in parser.parse_args().parts or PARTS:
        runpy.run_module(f"benchmarks.{part}", run_name="__main__")


if __name__ == "__main__":
    main()
