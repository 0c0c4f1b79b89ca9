"""The kiln's fire, its sense of scale: gradients seen by spatial frequency, where broad forms weigh more."""

from collections.abc import Callable
from math import pi

import torch
from torch import Tensor


def inverse_frequency(
    height: int, width: int, *, device: torch.device, dtype: torch.dtype = torch.float32, held: float = 0.0
) -> Callable[[Tensor], Tensor]:
    """A metric for pictures (1, 3, H, W) that divides every frequency by its height in cycles per px.

    Natural pictures hold amplitude in proportion to 1 / f (Field, "Relations between the statistics of natural
    images and the response properties of cortical cells", 1987); so should a step towards one. The lowest
    frequency counts as one cycle per picture. Frequencies are those of the cosine transform, which sees
    the picture mirrored at its borders, so that what one side wants does not show at the other.
    `held`, in px, is the standard deviation of a Gaussian: what shows through that blur gets no share of any step.
    Symmetric and positive definite, as L-BFGS needs; in bfloat16 nearly so, which costs no iterations. With `held` it
    is semidefinite: no step leaves the frequencies that are free.
    """
    down, right = (cosines(length, device=device).to(dtype) for length in (height, width))  # (H, H), (W, W)
    frequencies = _frequencies(height, width, device)  # (H, W)
    gain = (1 - _blur(frequencies, held) if held else 1.0) / frequencies.clamp(min=1 / max(height, width))

    def metric(gradient: Tensor) -> Tensor:
        spectrum = down @ gradient.to(dtype) @ right.T  # (1, 3, H, W)
        raised: Tensor = down.T @ (spectrum * gain).to(dtype) @ right
        return raised.to(gradient.dtype)

    return metric


def cosines(length: int, *, device: torch.device) -> Tensor:
    """The orthonormal cosine transform, DCT-II, as a matrix (length, length): a row per frequency.

    Ahmed, Natarajan & Rao, "Discrete Cosine Transform", 1974. As products of matrices it is as quick as a fast Fourier
    transform of the mirrored picture, up to some thousand px, and needs a quarter of its memory.
    """
    places = torch.arange(length, dtype=torch.float64)
    rows: Tensor = torch.cos(pi / length * torch.outer(places, places + 0.5)) * (2 / length) ** 0.5
    rows[0] /= 2**0.5
    return rows.to(device, torch.float32)


def _blur(frequencies: Tensor, deviation: float) -> Tensor:
    """What a Gaussian blur of so many px leaves of each frequency."""
    return (-2 * (pi * deviation * frequencies).square()).exp()


def _frequencies(height: int, width: int, device: torch.device) -> Tensor:
    """Of every cosine, in cycles per px (H, W): half a cycle per picture and row."""
    down = torch.arange(height, device=device)[:, None] / (2 * height)
    right = torch.arange(width, device=device)[None, :] / (2 * width)
    return (down.square() + right.square()).sqrt()
