"""THE FRAME: the parts of the system on one page, read from tokens.css itself, so that it can never lie."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

TOKENS: Final = Path(settings.BASE_DIR) / "static" / "css" / "tokens.css"
SPRITE: Final = Path(settings.BASE_DIR) / "static" / "icons" / "sprite.svg"
DRAWINGS: Final = Path(settings.BASE_DIR) / "templates" / "ostagram" / "art"
DARK: Final = "prefers-color-scheme: dark"
TOKEN: Final = re.compile(r"--([a-z0-9-]+):\s*([^;]+);")
HEX: Final = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{6})\Z", re.IGNORECASE)
TEXT_LEAST: Final = 4.5  # WCAG 2.2, 1.4.3
EDGE_LEAST: Final = 3.0  # WCAG 2.2, 1.4.11: what shows where a field or a choice is
TEXT_PAIRS: Final = (
    ("ink", "wall"), ("ink", "sheet"), ("ink", "sunk"), ("soft", "wall"), ("soft", "sheet"), ("soft", "sunk"),
    ("pigment", "wall"), ("pigment", "sheet"), ("ink", "pigment-soft"), ("on-ink", "ink"), ("on-ink", "pigment"),
    ("danger", "wall"), ("danger", "sheet"), ("danger", "danger-soft"), ("ink", "danger-soft"),
    ("good", "good-soft"), ("ink", "good-soft"), ("warn", "warn-soft"), ("ink", "warn-soft"),
)  # fmt: skip
EDGE_PAIRS: Final = (("edge", "wall"), ("edge", "sheet"), ("pigment", "wall"), ("pigment", "line"))
TYPE: Final = ("huge", "h1", "h2", "lead", "body", "small")
SPACES: Final = ("s1", "s2", "s3", "s4", "s5", "s6", "s7")


@dataclass(frozen=True)
class Pair:
    over: str  # the token of text or edge
    under: str  # the token of what it stands on
    ratio: float
    least: float

    @property
    def holds(self) -> bool:
        return self.ratio >= self.least


@dataclass(frozen=True)
class Scheme:
    name: str  # "light" or "dark"
    tokens: dict[str, str]

    @property
    def colours(self) -> dict[str, str]:
        return {name: value for name, value in self.tokens.items() if HEX.match(value)}

    @property
    def pairs(self) -> list[Pair]:
        return [_pair(self.colours, *pair, TEXT_LEAST) for pair in TEXT_PAIRS]

    @property
    def edges(self) -> list[Pair]:
        return [_pair(self.colours, *pair, EDGE_LEAST) for pair in EDGE_PAIRS]


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    schemes = [Scheme("light", light()), Scheme("dark", dark())]
    context = {
        "schemes": schemes,
        "tokens_file": "static/css/tokens.css",
        "type": _some(TYPE),
        "spaces": _some(SPACES),
        "icons": re.findall(r'<symbol id="([^"]+)"', SPRITE.read_text()),
        "drawings": sorted(f"ostagram/art/{path.name}" for path in DRAWINGS.glob("*.svg")),
    }
    return render(request, "pages/design.html", context)


@cache
def light() -> dict[str, str]:
    """Every token of the light scheme, and of both where they do not differ."""
    return _parsed(TOKENS.read_text().partition(DARK)[0])


@cache
def dark() -> dict[str, str]:
    return light() | _parsed(TOKENS.read_text().partition(DARK)[2])


def contrast(one: str, other: str) -> float:
    """The ratio of two colours' luminances, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _pair(colours: dict[str, str], over: str, under: str, least: float) -> Pair:
    return Pair(over, under, contrast(colours[over], colours[under]), least)


def _some(names: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(name, light()[name]) for name in names]


def _parsed(css: str) -> dict[str, str]:
    return {name: value.strip() for name, value in TOKEN.findall(re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL))}


def _luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    red, green, blue = (_linear(int(digits[at : at + 2], 16) / 255) for at in (0, 2, 4))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return float(value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4)
