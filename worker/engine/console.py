"""The kiln's fire, its manners on a terminal: arguments, files that are never half written, a bar."""

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from PIL import Image

from worker.engine.errors import EngineError
from worker.engine.stylise import Step

FORMATS: Final = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".tif": "TIFF"}
QUALITY: Final = 95
"""Of JPEG and WebP: brush strokes are exactly what stronger compression smears."""


def style_and_weight(argument: str) -> tuple[Path, float, Path | None]:
    """`monet.jpg:0.7:sky.png` -> (monet.jpg, 0.7, sky.png); weight 1 and no mask where none are given.

    A file whose very name looks so wins.
    """
    if Path(argument).exists():
        return Path(argument), 1.0, None
    parts = argument.split(":")
    for end in range(len(parts) - 1, 0, -1):  # from the right: the name may have colons of its own, as in C:\\monet.jpg
        weight = _number(parts[end])
        if weight is not None:
            mask = ":".join(parts[end + 1 :])
            return Path(":".join(parts[:end])), weight, Path(mask) if mask else None
    return Path(argument), 1.0, None


def _number(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None


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
    except (OSError, ValueError) as error:  # ValueError: more px than the format knows
        raise EngineError(f"{path}: cannot be written ({getattr(error, 'strerror', None) or error}).") from error
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
