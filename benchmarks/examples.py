"""The examples of the page to create, painted anew: `python -m benchmarks.examples [strength ...]`. Some minutes."""

import argparse
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from PIL import Image

from benchmarks import pictures
from benchmarks.illustrations import painted
from stylize import controls, tiers

FOLDER: Final = Path(__file__).parents[1] / "static"
PAIR: Final = pictures.Pair("coffee", "windy-night")
"""A plain shape on a plain ground, in a style with strokes and colours of its own: what differs is plain to see."""
SIDE, ITERATIONS = 256, 60
"""px and iterations of the paintings that show the controls."""
SQUARE: Final = 128
"""px of what is shown of them."""
SHARE: Final = 0.5
"""Of a tier's size, at which its example is painted: what a visitor sees of it is as sharp, at half the distance."""


class Detail(NamedTuple):
    """A part of a picture, in shares of its sides."""

    left: float
    top: float
    right: float
    bottom: float

    def of(self, picture: Image.Image) -> Image.Image:
        across, down = picture.size
        return picture.crop(
            (round(self.left * across), round(self.top * down), round(self.right * across), round(self.bottom * down))
        )


CUP: Final = Detail(0.22, 0.02, 0.82, 0.92)
CLOSE: Final = Detail(0.26, 0.06, 0.56, 0.51)
BESIDE: Final = Detail(0.2, 0.02, 0.8, 0.62)
"""The cup and its saucer; its rim, for what happens within strokes; and what fits a tier's card."""
DETAILS: Final = {"smoothness": CLOSE}


def wanted(names: Sequence[str]) -> list[str]:
    """The files below static/ whose names begin with one of `names`; without any, all."""
    every = [*controls.examples(), *(tier.example for tier in tiers.TIERS.values())]
    return [path for path in every if not names or Path(path).stem.startswith(tuple(names))]


def examples(paths: Sequence[str]) -> Iterator[tuple[str, Image.Image]]:
    """Each of `paths` with its picture; what several of them show is painted once."""
    kept: dict[tuple[tuple[str, Any], ...], Image.Image] = {}
    for path in paths:
        settings = controls.examples().get(path)
        if settings is None:
            yield path, of_a_tier(path)
            continue
        recipe = tuple(sorted(controls.differing(settings).items()))
        if recipe not in kept:
            kept[recipe] = painted(*PAIR, side=SIDE, iterations=ITERATIONS, **dict(recipe))
        detail = DETAILS.get(next(iter(settings)), CUP)
        yield path, detail.of(kept[recipe]).resize((SQUARE, SQUARE), Image.Resampling.LANCZOS)


def of_a_tier(path: str) -> Image.Image:
    tier = next(tier for tier in tiers.TIERS.values() if tier.example == path)
    return BESIDE.of(painted(*PAIR, side=round(SHARE * tier.max_side), iterations=tier.usual))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="beginnings of their names, such as strength, colours-photo, tier-hd")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="default: %(default)s")
    options = parser.parse_args()
    began = time.monotonic()
    for path, picture in examples(wanted(options.names)):
        file = options.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        picture.save(file, quality=72, method=6)
        print(f"{path}  {file.stat().st_size / 1000:.1f} KB  after {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
