"""The kiln's fire, its eye: VGG-19 by layer name, forward to the features and back to the picture's gradient.

Simonyan & Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", ICLR 2015.
The backward pass is written out instead of left to autograd: only the picture's gradient is wanted, a sign of
life must precede each layer, and a 3 x 3 convolution turned round is again a 3 x 3 convolution.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final, cast

import torch
from torch import Tensor
from torch.nn import functional

# Configuration E of the paper's Table 1: filters of every convolution, in order, a pooling after every block.
CHANNELS: Final[Mapping[str, int]] = {
    "conv1_1": 64, "conv1_2": 64,
    "conv2_1": 128, "conv2_2": 128,
    "conv3_1": 256, "conv3_2": 256, "conv3_3": 256, "conv3_4": 256,
    "conv4_1": 512, "conv4_2": 512, "conv4_3": 512, "conv4_4": 512,
    "conv5_1": 512, "conv5_2": 512, "conv5_3": 512, "conv5_4": 512,
}  # fmt: skip
SMALLEST_SIDE: Final = 16
"""px; four poolings leave one column of block 5."""
_POOLED: Final = {"conv1_2": "pool1", "conv2_2": "pool2", "conv3_4": "pool3", "conv4_4": "pool4"}
LAYERS: Final = tuple(layer for name in CHANNELS for layer in (name, _POOLED.get(name)) if layer is not None)
"""Every convolution and pooling in order of computation."""


@dataclass(frozen=True)
class Filters:
    """One layer's weights: O filters over I channels, and the same turned round for the way back."""

    forward: Tensor  # (O, I, 3, 3)
    backward: Tensor  # (I, O, 3, 3)
    bias: Tensor  # (O,)

    @classmethod
    def of(cls, weight: Tensor, bias: Tensor) -> "Filters":
        """The transpose of a 3 x 3 convolution padded by 1 is the one with kernels turned by 180 degrees."""
        last = torch.channels_last
        turned = weight.flip(2, 3).transpose(0, 1)
        return cls(weight.contiguous(memory_format=last), turned.contiguous(memory_format=last), bias)


class Vgg19:
    """The network up to whatever layer is asked for. `mean` is subtracted from pictures in RGB, 0 to 255."""

    def __init__(self, filters: Mapping[str, Filters], mean: Tensor, *, pooling: str) -> None:
        self.filters = filters
        self.mean = mean  # (1, 3, 1, 1)
        self.pooling = pooling

    def look(self, picture: Tensor, wanted: Collection[str], *, pulse: Callable[[], None]) -> dict[str, Tensor]:
        """Responses after ReLU of all layers down to the deepest one wanted, by name.

        `picture` (1, 3, H, W), float32, RGB, 0 to 255. Responses (1, C, h, w) in the filters' precision,
        channels last: those of `wanted` to compute losses from, the others for `back`.
        """
        dtype = self.filters["conv1_1"].forward.dtype
        x = (picture - self.mean).to(dtype, memory_format=torch.channels_last)  # (1, 3, H, W)
        responses = {}
        for name in LAYERS[: max(map(LAYERS.index, wanted)) + 1]:
            pulse()
            x = self._pool(x) if name.startswith("pool") else self._convolve(x, self.filters[name])
            responses[name] = x
        return responses

    def back(
        self, responses: Mapping[str, Tensor], gradients: Mapping[str, Tensor], *, pulse: Callable[[], None]
    ) -> Tensor:
        """Gradient by the picture (1, 3, H, W), float32, of a loss with `gradients` by the responses."""
        names = list(responses)
        gradient: Tensor | None = None
        for name, before in zip(reversed(names), [*reversed(names[:-1]), None], strict=True):
            pulse()
            if name in gradients:
                gradient = gradients[name] if gradient is None else gradient.add_(gradients[name])
            if gradient is None:
                continue
            if name.startswith("pool"):
                gradient = self._pool_back(gradient, responses[cast(str, before)])
            else:
                gradient = self._convolve_back(gradient, responses[name], self.filters[name])
        return cast(Tensor, gradient).float()

    @staticmethod
    def _convolve(x: Tensor, filters: Filters) -> Tensor:
        return functional.conv2d(x, filters.forward, filters.bias, padding=1).relu_()

    @staticmethod
    def _convolve_back(gradient: Tensor, response: Tensor, filters: Filters) -> Tensor:
        through_relu = torch.ops.aten.threshold_backward(gradient, response, 0)
        return functional.conv2d(through_relu, filters.backward, padding=1)

    def _pool(self, x: Tensor) -> Tensor:
        return functional.avg_pool2d(x, 2) if self.pooling == "average" else functional.max_pool2d(x, 2)

    def _pool_back(self, gradient: Tensor, pooled: Tensor) -> Tensor:
        """`pooled` is what went into the pooling."""
        two, none, one = [2, 2], [0, 0], [1, 1]  # kernel and stride, padding, dilation
        aten = torch.ops.aten
        if self.pooling == "average":
            spread = aten.avg_pool2d_backward(gradient, pooled, two, two, none, False, True, None)
        else:
            _, places = functional.max_pool2d_with_indices(pooled, two)
            spread = aten.max_pool2d_with_indices_backward(gradient, pooled, two, two, none, one, False, places)
        return cast(Tensor, spread)
