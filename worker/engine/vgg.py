"""The kiln's fire, its eye: VGG-19 by layer name, forward to the features and back to the picture's gradient.

Simonyan & Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", ICLR 2015.
The backward pass is written out instead of left to autograd: only the picture's gradient is wanted, a sign of
life must precede each layer, and a 3 x 3 convolution turned round is again a 3 x 3 convolution.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache
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

Pull = Callable[[Tensor, Tensor | None], Tensor]
"""Given a layer's response and the gradient that comes down from above, if any: that gradient with its own added."""


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

    @property
    def dtype(self) -> torch.dtype:
        """Of the responses."""
        return self.filters["conv1_1"].forward.dtype

    def look(
        self, picture: Tensor, wanted: Collection[str], *, pulse: Callable[[], None], for_back: bool = False
    ) -> dict[str, Tensor]:
        """Responses after ReLU of the `wanted` layers, or, `for_back`, of all down to the deepest of them.

        `picture` (1, 3, H, W), float32, RGB, 0 to 255. Responses (1, C, h, w) in the filters' precision,
        channels last, by name in order of computation.
        """
        x = (picture - self.mean).to(self.dtype, memory_format=torch.channels_last)  # (1, 3, H, W)
        responses = {}
        for name in LAYERS[: max(map(LAYERS.index, wanted)) + 1]:
            pulse()
            x = self._pool(x) if name.startswith("pool") else self._convolve(x, self.filters[name])
            if for_back or name in wanted:
                responses[name] = x
        return responses

    def back(self, responses: dict[str, Tensor], pulls: Mapping[str, Pull], *, pulse: Callable[[], None]) -> Tensor:
        """Gradient by the picture (1, 3, H, W), float32, of a loss that pulls at some of the responses.

        `responses` is emptied on the way, which halves the memory at its peak.
        """
        gradient: Tensor | None = None
        through_relu = False  # whether the gradient has passed the ReLU of the layer at hand already
        while responses:
            pulse()
            name, response = responses.popitem()
            if name in pulls:
                gradient, through_relu = pulls[name](response, gradient), False
            if gradient is None:
                continue
            if name.startswith("pool"):
                before = next(reversed(responses.values()))
                gradient, through_relu = self._pool_back(gradient, response, before)
            else:
                gradient = gradient if through_relu else _relu_back(gradient, response)
                gradient = functional.conv2d(gradient, self.filters[name].backward, padding=1)
                through_relu = False
        return cast(Tensor, gradient).float()

    @staticmethod
    def _convolve(x: Tensor, filters: Filters) -> Tensor:
        if x.device.type == "cpu" and _fuses_relu():  # saves one way through memory
            one = [1, 1]  # padding, stride, dilation
            weight, bias = filters.forward, filters.bias
            fused = torch.ops.mkldnn._convolution_pointwise(x, weight, bias, one, one, one, 1, "relu", [], "")
            return cast(Tensor, fused)
        return functional.conv2d(x, filters.forward, filters.bias, padding=1).relu_()

    def _pool(self, x: Tensor) -> Tensor:
        return functional.avg_pool2d(x, 2) if self.pooling == "average" else functional.max_pool2d(x, 2)

    def _pool_back(self, gradient: Tensor, pooled: Tensor, before: Tensor) -> tuple[Tensor, bool]:
        """The gradient by what went into the pooling, and whether it has passed the ReLU there."""
        if self.pooling == "average":
            return _average_back(gradient, before), False
        return _max_back(gradient, pooled, before), True


def _relu_back(gradient: Tensor, response: Tensor) -> Tensor:
    """In place."""
    passed = torch.ops.aten.threshold_backward.grad_input(gradient, response, 0, grad_input=gradient)
    return cast(Tensor, passed)


def _max_back(gradient: Tensor, pooled: Tensor, before: Tensor) -> Tensor:
    """Each window's gradient goes to its largest value, to the first one where several are; and through the ReLU
    that came before, for a window whose largest value is 0 passes nothing.

    By comparing, a quarter of the positions at a time: PyTorch's own way through stored places takes twice as long.
    """
    spread = torch.empty_like(before)  # (1, C, H, W), channels last
    height, width = pooled.shape[2:]
    spread[:, :, 2 * height :].zero_()  # an odd row or column is in no window
    spread[..., 2 * width :].zero_()
    left, here = _relu_back(gradient, pooled), torch.empty_like(pooled)
    for place in range(4):
        window = (..., slice(place // 2, 2 * height, 2), slice(place % 2, 2 * width, 2))
        torch.eq(before[window], pooled, out=here)  # 1.0 or 0.0
        passed = torch.mul(here, left, out=spread[window])
        if place < 3:
            left.sub_(passed)
    return spread


def _average_back(gradient: Tensor, before: Tensor) -> Tensor:
    two, none = [2, 2], [0, 0]  # kernel and stride, padding
    spread = torch.ops.aten.avg_pool2d_backward(gradient, before, two, two, none, False, True, None)
    return cast(Tensor, spread)


@cache
def _fuses_relu() -> bool:
    """Whether this PyTorch's CPU convolutions can end in a ReLU; the compiler's own door to oneDNN."""
    return torch._C._has_mkldnn and hasattr(torch.ops.mkldnn, "_convolution_pointwise")
