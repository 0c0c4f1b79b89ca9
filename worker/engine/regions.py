"""The kiln's fire, where each style goes: regions of the picture, and what of it stays the photo."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from torch import Tensor
from torch.nn import functional

from worker.engine import tiles
from worker.engine.statistics import Statistics


@dataclass(frozen=True)
class Region:
    """A part of the picture and the style statistics wanted there, by layer."""

    wanted: Mapping[str, Tensor]
    mask: Tensor | None = None  # (1, 1, H, W), float32, 0 to 1; None: the whole picture
    _at: dict[int, Tensor] = field(default_factory=dict, compare=False, repr=False)

    def drifted(self, drift: Mapping[str, Tensor] | None) -> "Region":
        """With this added to the statistics that are wanted, where no mask says what goes where."""
        if drift is None or self.mask is not None:
            return self
        return Region({name: wanted + drift[name] for name, wanted in self.wanted.items()})

    def count(self, layer: str, kind: Statistics, *, height: int, width: int) -> Tensor | float:
        """How many responses of `layer` the region holds, as `kind` counts, in a picture of that size."""
        stride = tiles.stride(layer)
        if self.mask is None:
            return float((height // stride) * (width // stride))
        return kind.count(self._pooled(self.mask, stride)).clamp(min=1e-6)  # an odd rim is in no pooling window

    @property
    def share(self) -> Tensor | float:
        """Of the picture's area: with it a region's loss pulls as hard at a pixel as the whole picture's would."""
        return 1.0 if self.mask is None else self.mask.square().mean()

    def rows(self, layer: str, box: tiles.Box) -> Tensor | None:
        """The mask at the responses of `layer` in `box`, (M, 1)."""
        if self.mask is None:
            return None
        stride = tiles.stride(layer)
        return box.cut(self._pooled(self.mask, stride), stride=stride).reshape(-1, 1)

    def _pooled(self, mask: Tensor, stride: int) -> Tensor:
        if stride == 1:
            return mask
        if stride not in self._at:  # halved as the network halves
            self._at[stride] = functional.avg_pool2d(self._pooled(mask, stride // 2), 2)
        return self._at[stride]
