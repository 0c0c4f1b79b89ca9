"""Draws benchmarks/styles/ anew from stylize/samples; needs the whole project's packages."""

from benchmarks.pictures import PAIRS, STYLES
from stylize.samples import drawings

QUALITY = 85


def main() -> None:
    STYLES.mkdir(exist_ok=True)
    for name in sorted({pair.style for pair in PAIRS}):
        drawings.draw(name).save(STYLES / f"{name}.webp", "WEBP", quality=QUALITY, method=6)
        print(STYLES / f"{name}.webp")


if __name__ == "__main__":
    main()
