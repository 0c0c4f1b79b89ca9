"""The kiln's fire, its sense of scale: gradients seen by spatial frequency, where broad forms weigh more."""

from collections.abc import Callable

import torch
from torch import Tensor


def inverse_frequency(height: int, width: int, *, device: torch.device) -> Callable[[Tensor], Tensor]:
    """A metric for pictures (1, 3, H, W) that divides every frequency by its height in cycles per px.

    Natural pictures hold energy in proportion to 1 / f (Field 1987); so should a step towards one. The
    lowest frequency counts as one cycle per picture. Symmetric and positive definite, as L-BFGS needs.
    """
    down = torch.fft.fftfreq(height, device=device)[:, None]  # (H, 1)
    right = torch.fft.rfftfreq(width, device=device)[None, :]  # (1, W // 2 + 1)
    gain = 1 / (down.square() + right.square()).sqrt().clamp(min=1 / max(height, width))

    def metric(gradient: Tensor) -> Tensor:
        filtered: Tensor = torch.fft.irfft2(torch.fft.rfft2(gradient) * gain, s=(height, width))
        return filtered

    return metric
