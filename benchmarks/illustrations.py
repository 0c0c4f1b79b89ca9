"""The pictures of docs/engine.md, painted anew: `python -m benchmarks.illustrations [sheet ...]`. Some minutes."""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageDraw, ImageFont

from benchmarks import pictures
from worker.engine import Settings, Style, enlarge, reconstruct, stylise, texture

FOLDER: Final = Path(__file__).parents[1] / "docs" / "images"
SIDE, ITERATIONS = 320, 80
"""px and iterations of most pictures: small enough to paint a sheet in a minute, large enough to judge."""
GAP, CAPTION = 8, 22  # px
LAYERS: Final = ("conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1")

Captioned = tuple[str, Image.Image]


def sheet(pairs: Sequence[Captioned], *, columns: int, side: int = SIDE) -> Image.Image:
    """Pictures in rows, each with its caption above, all of the first one's size."""
    width, height = (round(length * side / max(pairs[0][1].size)) for length in pairs[0][1].size)
    rows = -(-len(pairs) // columns)
    whole = Image.new("RGB", (columns * (width + GAP) - GAP, rows * (height + CAPTION + GAP) - GAP), "white")
    pen, font = ImageDraw.Draw(whole), ImageFont.load_default(15)
    for number, (caption, picture) in enumerate(pairs):
        left, top = number % columns * (width + GAP), number // columns * (height + CAPTION + GAP)
        pen.text((left + 1, top + 2), caption, fill="black", font=font)
        shown = (
            picture if picture.size == (width, height) else picture.resize((width, height), Image.Resampling.LANCZOS)
        )
        whole.paste(shown, (left, top + CAPTION))
    return whole


def painted(
    photo: str = "astronaut", style: str = "windy-night", *, side: int = SIDE, iterations: int = ITERATIONS, **more: Any
) -> Image.Image:
    """One pair of pictures painted; `more` are fields of Settings."""
    order = Settings(iterations=iterations, max_side=side, **more)
    *_, last = stylise(pictures.open_photo(photo), [Style(pictures.open_style(style))], order)
    return last.picture()


def reconstructions() -> list[Captioned]:
    """What every depth of the network knows of a photo."""
    photo = pictures.open_photo("astronaut")
    found = []
    for name in ("conv1_2", "conv2_2", "conv3_2", "conv4_2", "conv5_2"):
        order = Settings(iterations=150, max_side=SIDE, content_layers={name: 1.0}, smoothness=0.1)
        *_, last = reconstruct(photo, order)
        found.append((name, last.picture()))
    return [("the photo", photo), *found]


def textures() -> list[Captioned]:
    """What every depth adds to the style."""
    style = pictures.open_style("breaking-wave")
    found = []
    for count in range(1, 6):
        order = Settings(iterations=120, style_layers=dict.fromkeys(LAYERS[:count], 1.0), smoothness=0.1)
        *_, last = texture([Style(style)], order, size=(SIDE, SIDE))
        found.append((f"to {LAYERS[count - 1]}", last.picture()))
    return [("the style", style.resize((SIDE, SIDE))), *found]


def strength_and_brush() -> list[Captioned]:
    return [
        (f"strength {strength:g}, brush size {brush:g}", painted(strength=strength, brush_size=brush))
        for strength in (0.03, 0.2, 1, 10)
        for brush in (0.5, 1, 2)
    ]


def colours() -> list[Captioned]:
    pair = ("coffee", "windy-night")
    return [
        ("the photo", pictures.open_photo("coffee")),
        ("colours=style", painted(*pair)),
        ("colours=photo", painted(*pair, colours="photo")),
        ("colours=match", painted(*pair, colours="match")),
        ("colours=palette, palette=3", painted(*pair, colours="palette", palette=3)),
        ("colours=palette, palette=8", painted(*pair, colours="palette", palette=8)),
    ]


def knobs() -> list[Captioned]:
    """One setting at a time, beside the defaults."""
    ways: list[tuple[str, dict[str, Any]]] = [
        ("defaults", {}),
        ("smoothness=20", {"smoothness": 20.0}),
        ("stroke_scale=fine", {"stroke_scale": "fine"}),
        ("stroke_scale=broad", {"stroke_scale": "broad"}),
        ("pooling=average", {"pooling": "average"}),
        ("statistics=mean", {"statistics": "mean"}),
        ("start=noise", {"start": "noise"}),
        ("start=style", {"start": "style"}),
        ("content_layers=conv2_2", {"content_layers": {"conv2_2": 1.0}}),
        ("style_layers: without conv4_1, conv5_1", {"style_layers": dict.fromkeys(LAYERS[:3], 1.0)}),
        ("seed=1", {"seed": 1}),
        ("style_layers: conv1_1 alone", {"style_layers": {"conv1_1": 1.0}}),
    ]
    return [(words, painted("cat", "autumn-avenue", **settings)) for words, settings in ways]


def several() -> list[Captioned]:
    """Several styles: blended, and each in its own region; and a part protected."""
    photo = pictures.open_photo("astronaut")
    one, two = pictures.open_style("windy-night"), pictures.open_style("golden-mosaic")
    left = Image.linear_gradient("L").rotate(90).point(lambda level: 255 if level > 127 else 0).resize(photo.size)
    face = Image.new("L", photo.size)
    width, height = photo.size
    ImageDraw.Draw(face).ellipse((0.3 * width, 0.02 * height, 0.6 * width, 0.42 * height), fill=255)
    order = Settings(iterations=ITERATIONS, max_side=SIDE)

    def result(styles: list[Style], protect: Image.Image | None = None) -> Image.Image:
        *_, last = stylise(photo, styles, order, protect=protect)
        return last.picture()

    return [
        ("windy-night 1 : golden-mosaic 0", result([Style(one)])),
        ("1 : 1", result([Style(one), Style(two)])),
        ("0 : 1", result([Style(two)])),
        ("each in its half", result([Style(one, 1.0, left), Style(two)])),
        ("the face protected", result([Style(one)], face)),
        ("a mask", face.convert("RGB")),
    ]


def tiers() -> list[Captioned]:
    """What is sold: one run, looked at where each tier ends, for a shorter run is the beginning of a longer one."""
    ends = {1: "free: the sweep and 1 iteration", 100: "HD from 100 iterations", 600: "premium: 600 iterations"}
    order, found = Settings(iterations=max(ends), max_side=SIDE), [("the photo", pictures.open_photo("coffee"))]
    for step in stylise(pictures.open_photo("coffee"), [Style(pictures.open_style("windy-night"))], order):
        if step.iteration in ends:
            found.append((ends[step.iteration], step.picture()))
    return found


def beside_the_peer() -> list[Captioned]:
    """From the frames that `python -m benchmarks.peer --keep build/peer` leaves."""
    kept = FOLDER.parents[1] / "build" / "peer"
    found = []
    for words, path in json.loads((kept / "equal-time.json").read_text()):
        with Image.open(path) as picture:
            found.append((words, picture.convert("RGB")))
    return found


def printing() -> list[Captioned]:
    """A detail of a finished picture, and of the same painted on at four times the size."""
    photo, style = pictures.open_photo("coffee"), Style(pictures.open_style("windy-night"))
    finished = painted("coffee", "windy-night", side=SIDE, iterations=100)
    width, height = finished.size
    *_, last = enlarge(finished, photo, [style], Settings(), size=(4 * width, 4 * height))
    left, top, right, bottom = (round(v) for v in (0.35 * width, 0.3 * height, 0.6 * width, 0.55 * height))
    before = finished.crop((left, top, right, bottom)).resize((640, 427), Image.Resampling.BICUBIC)
    after = last.picture().crop((4 * left, 4 * top, 4 * right, 4 * bottom)).resize((640, 427))
    return [("finished, 4 times enlarged", before), ("painted on at that size", after)]


SHEETS: Final[dict[str, tuple[Callable[[], list[Captioned]], int, int]]] = {
    "reconstructions": (reconstructions, 3, SIDE),
    "textures": (textures, 3, SIDE),
    "strength-and-brush": (strength_and_brush, 3, SIDE),
    "colours": (colours, 3, SIDE),
    "knobs": (knobs, 3, SIDE),
    "several": (several, 3, SIDE),
    "tiers": (tiers, 2, SIDE),
    "peer": (beside_the_peer, 2, 480),
    "print": (printing, 2, 640),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sheets", nargs="*", help=f"of {', '.join(SHEETS)} (default: all)")
    for name in parser.parse_args().sheets or SHEETS:
        began = time.monotonic()
        paint, columns, side = SHEETS[name]
        sheet(paint(), columns=columns, side=side).save(FOLDER / f"engine-{name}.webp", quality=82, method=6)
        print(f"engine-{name}.webp  {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
