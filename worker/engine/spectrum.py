"""The kiln's fire, its sense of scale: gradients seen by spatial frequency, where broad forms weigh more."""

from collections.abc import Callable

import torch
from torch import Tensor


def inverse_frequency(height: int, width: int, *, device: torch.device) -> Callable[[Tensor], Tensor]:
    """A metric for pictures (1, 3, H, W) that divides every frequency by its height in cycles per px.

    Natural pictures hold amplitude in proportion to 1 / f (Field, "Relations between the statistics of natural
    images and the response properties of cortical cells", 1987); so should a step towards one. The lowest
    frequency counts as one cycle per picture. The picture is mirrored at its borders, so that what one side
    wants does not show at the other. Symmetric and positive definite, as L-BFGS needs.
    """
    down = torch.fft.fftfreq(2 * height, device=device)[:, None]  # (2 H, 1)
    right = torch.fft.rfftfreq(2 * width, device=device)[None, :]  # (1, W + 1)
    gain = 1 / (down.square() + right.square()).sqrt().clamp(min=1 / max(height, width))  # (2 H, W + 1)

    def metric(gradient: Tensor) -> Tensor:
        mirrored = torch.cat([gradient, gradient.flip(3)], dim=3)  # (1, 3, H, 2 W)
        mirrored = torch.cat([mirrored, mirrored.flip(2)], dim=2)  # (1, 3, 2 H, 2 W)
        filtered: Tensor = torch.fft.irfft2(torch.fft.rfft2(mirrored) * gain, s=(2 * height, 2 * width))
        return filtered[..., :height, :width].contiguous()  # (1, 3, H, W)

    return metric
