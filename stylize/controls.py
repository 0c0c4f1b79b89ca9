"""THE BENCH: how a painting may be steered: a frozen table in the engine's own names and ranges. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Dial:
    """A number between two words. The page offers its stops; whatever the engine takes is taken."""

    name: str
    title: str | Promise
    meaning: str | Promise
    low: float
    high: float
    default: float
    stops: tuple[float, ...]
    less: str | Promise
    more: str | Promise


STRENGTH: Final = Dial(
    "strength", _("Strength"), _("How much of the style goes into the picture."),
    0.001, 1000.0, 1.0, (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0), _("more photo"), _("more style"),
)  # fmt: skip
BRUSH_SIZE: Final = Dial(
    "brush_size", _("Brush size"), _("How large the strokes and the patterns of the style come out."),
    0.25, 3.0, 1.0, (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0), _("finer strokes"), _("broader strokes"),
)  # fmt: skip
SMOOTHNESS: Final = Dial(
    "smoothness", _("Smoothness"), _("How far grain and speckles of single pixels are kept down."),
    0.0, 100.0, 1.0, (0.0, 0.3, 1.0, 3.0, 10.0, 30.0), _("more grain"), _("smoother"),
)  # fmt: skip
DIALS: Final = (STRENGTH, BRUSH_SIZE, SMOOTHNESS)

OF_THE_STYLE: Final = "style"
A_FEW: Final = "palette"
COLOURS: Final[Mapping[str, str | Promise]] = {
    OF_THE_STYLE: _("As in the style"),
    "photo": _("As in the photo"),
    "match": _("The style's, matched to the photo's"),
    A_FEW: _("A few of the style's"),
}
PALETTE: Final = range(2, 33)  # how many are a few
PALETTE_STOPS: Final = (2, 3, 5, 8, 16, 32)

DEFAULTS: Final[Mapping[str, Any]] = {
    **{dial.name: dial.default for dial in DIALS}, "colours": OF_THE_STYLE, "palette": 8,
}  # fmt: skip


def example(name: str, value: float | str) -> str:
    """The file below static/ that shows what a choice does; `python -m benchmarks.examples` paints it."""
    return f"examples/{name}-{value if isinstance(value, str) else format(value, 'g')}.webp"


def examples() -> dict[str, dict[str, Any]]:
    """Everything that the page offers to choose, by its example; all else being as usual."""
    dials = {example(dial.name, stop): {dial.name: stop} for dial in DIALS for stop in dial.stops}
    ways = {example("colours", way): {"colours": way} for way in COLOURS}
    return dials | ways | {example("palette", n): {"colours": A_FEW, "palette": n} for n in PALETTE_STOPS}


def differing(chosen: Mapping[str, Any]) -> dict[str, Any]:
    """What a job keeps of the choices: those that are not the default, and the palette only where it is used."""
    kept = {name: chosen[name] for name, usual in DEFAULTS.items() if chosen.get(name, usual) != usual}
    if kept.get("colours") != A_FEW:
        kept.pop("palette", None)
    return kept
