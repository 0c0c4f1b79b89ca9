"""The kiln's fire, what style is: Gram matrices, their blends, distances between them, and total variation.

Every distance comes with its gradient, written out as in the papers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


def gram(responses: Tensor) -> Tensor:
    """Gram matrix per position, G = F F^T / M (Gatys et al. 2016, Eq. 3, which leaves the sum undivided).

    `responses` (1, C, h, w) of any precision; result (C, C) in float32 at least, summed in it.
    """
    flat = _rows(responses)  # (M, C)
    flat = flat if flat.dtype == torch.float64 else flat.float()
    return flat.T @ flat / flat.shape[0]  # (C, C)


def gram_back(responses: Tensor, by_gram: Tensor) -> Tensor:
    """Gradient 2 D F / M by the responses (1, C, h, w), from a symmetric D = `by_gram` (C, C)."""
    flat = _rows(responses)  # (M, C)
    pulled = flat @ (by_gram * (2 / flat.shape[0])).to(flat.dtype)  # (M, C)
    _, channels, height, width = responses.shape
    return pulled.view(1, height, width, channels).permute(0, 3, 1, 2)  # (1, C, h, w), channels last


def _rows(responses: Tensor) -> Tensor:
    """One row per position (M, C); without a copy when the responses are channels last."""
    return responses[0].permute(1, 2, 0).reshape(-1, responses.shape[1])


def blend(grams: Sequence[Tensor], shares: Sequence[float]) -> Tensor:
    """Gram matrix of several styles at once (C, C): the mean weighted by their shares, which sum to 1."""
    return torch.stack([share * one for one, share in zip(grams, shares, strict=True)]).sum(0)


def gram_distance(current: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Mean squared difference of two Gram matrices (C, C), and its gradient by `current` (C, C).

    Four times E_l of Gatys et al. 2016, Eq. 4: there 1 / (4 N^2 M^2) on undivided sums.
    """
    difference = current - target
    return difference.square().mean(), difference * (2 / difference.numel())


@dataclass(frozen=True)
class Transport:
    """A target Gram matrix A, prepared for the Bures-Wasserstein distance to it."""

    root: Tensor  # (C, C), the symmetric square root of A + ridge
    trace: Tensor  # (), tr(A + ridge)
    ridge: float
    scale: float
    """A's largest eigenvalue, which brings the distance's gradient to the size of `gram_distance`'s."""

    @classmethod
    def to(cls, target: Tensor) -> "Transport":
        """`target` (C, C), symmetric, positive semidefinite; a thousandth of its peak is added."""
        values, vectors = torch.linalg.eigh(target)
        peak = max(float(values[-1]), 1e-6)
        values = values.clamp(min=0) + 1e-3 * peak
        root = (vectors * values.sqrt()) @ vectors.T
        return cls(root, values.sum(), 1e-3 * peak, peak)


def transport_distance(current: Tensor, target: Transport) -> tuple[Tensor, Tensor]:
    """Squared Bures-Wasserstein distance of two Gram matrices (C, C), and its gradient by `current` (C, C).

    tr G + tr A - 2 tr (A^1/2 G A^1/2)^1/2, with gradient I - T, T = A^1/2 (A^1/2 G A^1/2)^-1/2 A^1/2 (Bhatia,
    Jain & Lim, "On the Bures-Wasserstein distance between positive definite matrices", 2019). In the
    responses it is nearly quadratic where `gram_distance` is quartic, so that few steps go far.
    """
    identity = torch.eye(len(current), device=current.device, dtype=current.dtype)
    ridged = current + target.ridge * identity
    values, vectors = torch.linalg.eigh(target.root @ ridged @ target.root)
    values = values.clamp(min=1e-8 * max(float(values[-1]), 1e-6)).sqrt()
    half = target.root @ vectors  # (C, C)
    distance = ridged.trace() + target.trace - 2 * values.sum()
    return distance, identity - (half / values) @ half.T


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
