"""The kiln's fire, what a smooth surface is: total variation."""

import torch
from torch import Tensor


def total_variation(picture: Tensor) -> tuple[Tensor, Tensor]:
    """Mean squared difference between neighbouring values of (1, 3, H, W), and its gradient by the picture.

    Mahendran & Vedaldi, "Understanding Deep Image Representations by Inverting Them", CVPR 2015, section 3.1,
    with beta = 2.
    """
    down, right = picture.diff(dim=2), picture.diff(dim=3)
    share = 1 / picture.numel()
    gradient = torch.zeros_like(picture)
    gradient[:, :, 1:].add_(down, alpha=2 * share)
    gradient[:, :, :-1].sub_(down, alpha=2 * share)
    gradient[..., 1:].add_(right, alpha=2 * share)
    gradient[..., :-1].sub_(right, alpha=2 * share)
    return (down.square().sum() + right.square().sum()) * share, gradient
