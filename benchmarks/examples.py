"""The examples of the page to create, painted anew: `python -m benchmarks.examples [strength ...]`. Some minutes."""

import argparse
import functools
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from PIL import Image

from benchmarks.illustrations import painted
from stylize import controls, tiers

FOLDER: Final = Path(__file__).parents[1] / "static"
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


class Look(NamedTuple):
    """What shows a choice best: a photo, a style, and the part of the painting."""

    photo: str
    style: str
    detail: Detail


CUP: Final = Look("coffee", "windy-night", Detail(0.22, 0.02, 0.82, 0.92))
"""A plain shape on a plain ground, in a style with strokes and colours of its own."""
FACE: Final = Look("astronaut", "windy-night", Detail(0.24, 0.0, 0.7, 0.46))
"""In nothing is it seen sooner how much of the photo is left."""
GRAIN: Final = Look("coffee", "breaking-wave", Detail(0.44, 0.1, 0.6, 0.34))
"""The cup's inner wall, in a style with smooth areas, where every grain is seen."""
LOOKS: Final = {"strength": FACE, "smoothness": GRAIN}  # the other controls show the cup
TIER: Final = Look("coffee", "windy-night", Detail(0.2, 0.02, 0.8, 0.62))
"""The cup alone, in the shape of a tier's card."""


def wanted(names: Sequence[str]) -> list[str]:
    """The files below static/ whose names begin with one of `names`; without any, all."""
    every = [*controls.examples(), *(tier.example for tier in tiers.TIERS.values())]
    return [path for path in every if not names or Path(path).stem.startswith(tuple(names))]


def examples(paths: Sequence[str]) -> Iterator[tuple[str, Image.Image]]:
    """Each of `paths` with its picture; what several of them show is painted once."""
    every = controls.examples()
    for path in paths:
        yield path, of_a_control(every[path]) if path in every else of_a_tier(path)


def of_a_control(chosen: dict[str, Any]) -> Image.Image:
    (name, *_more) = chosen
    look = LOOKS.get(name, CUP)
    whole = _once(look, tuple(sorted(controls.differing(chosen).items())))
    return look.detail.of(whole).resize((SQUARE, SQUARE), Image.Resampling.LANCZOS)


@functools.cache
def _once(look: Look, settings: tuple[tuple[str, Any], ...]) -> Image.Image:
    return painted(look.photo, look.style, side=SIDE, iterations=ITERATIONS, **dict(settings))


def of_a_tier(path: str) -> Image.Image:
    tier = next(tier for tier in tiers.TIERS.values() if tier.example == path)
    return TIER.detail.of(painted(TIER.photo, TIER.style, side=round(SHARE * tier.max_side), iterations=tier.usual))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="beginnings of their names, such as strength, colours-photo, tier-hd")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="default: %(default)s")
    options = parser.parse_args()
    began = time.monotonic()
    for path, picture in examples(wanted(options.names)):
        file = options.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        picture.save(file, quality=80, method=6)
        print(f"{path}  {file.stat().st_size / 1000:.1f} KB  after {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
