"""THE BENCH: which photograph meets which style in the twelve sample paintings of an empty site (pure)."""

from typing import NamedTuple


class Pair(NamedTuple):
    photo: str
    style: str


TIER = "free"

# In the order of the gallery: neighbours share neither photograph nor manner, and the eye meets a face first.
PAIRS: tuple[Pair, ...] = (
    Pair("cat", "windy-night"),
    Pair("astronaut", "golden-mosaic"),
    Pair("rocket", "breaking-wave"),
    Pair("coffee", "cubist-guitar"),
    Pair("cat", "watercolour-poppies"),
    Pair("astronaut", "golden-tree"),
    Pair("rocket", "ink-mountains"),
    Pair("coffee", "autumn-avenue"),
    Pair("galaxies", "marbled-paper"),
    Pair("cat", "leaded-window"),
    Pair("astronaut", "carved-sunrise"),
    Pair("coffee", "river-in-dots"),
)
