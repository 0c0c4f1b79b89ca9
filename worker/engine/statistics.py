"""The kiln's fire, what style is: Gram matrices or channel means of responses, and distances between them.

Every distance comes with its gradient, written out as in the papers. Statistics are sums over positions, so
that the tiles of a large picture add up to exactly the whole's.
"""

from collections.abc import Sequence
from typing import Final, Protocol

import torch
from torch import Tensor

CHUNKS: Final = 8
"""Sums of bfloat16 products are rounded once a chunk on a CPU: 8 leave 0.05 % of error in a Gram matrix."""


class Statistics(Protocol):
    """What is compared of a layer. `rows` are its responses, one row per position (M, C), of any precision;
    `mask` (M, 1), float32, 0 to 1, says how much each counts, None: fully. Results are float32 at least.
    """

    def total(self, rows: Tensor, mask: Tensor | None) -> Tensor:
        """The statistic, summed over positions."""

    def count(self, mask: Tensor) -> Tensor:
        """How many positions the sum under a mask stands for, ()."""

    def distance(self, current: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        """Mean squared difference, (), and its gradient by `current`."""

    def pull(self, into: Tensor, by_total: Tensor, rows: Tensor, mask: Tensor | None) -> None:
        """Adds the gradient by `rows` to `into` (M, C), given the gradient by the total."""


class Gram:
    """Gram matrices (C, C): which responses occur together, wherever (Gatys et al. 2016, Eq. 3).

    With a mask, rows are weighted before: guided Gram matrices (Gatys et al., "Controlling Perceptual Factors in
    Neural Style Transfer", CVPR 2017, Eq. 4).
    """

    def total(self, rows: Tensor, mask: Tensor | None) -> Tensor:
        weighted = rows if mask is None else rows * mask.to(rows.dtype)  # (M, C)
        return _product(weighted)

    def count(self, mask: Tensor) -> Tensor:
        return mask.square().sum()

    def distance(self, current: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        """Four times E_l of Gatys et al. 2016, Eq. 4: there 1 / (4 N^2 M^2) on undivided sums."""
        return _mean_squared(current, target)

    def pull(self, into: Tensor, by_total: Tensor, rows: Tensor, mask: Tensor | None) -> None:
        """2 m^2 F D, the like of Eq. 6, for a symmetric D."""
        if mask is None:
            into.addmm_(rows, (2 * by_total).to(rows.dtype))
        else:
            into.add_(rows @ (2 * by_total).to(rows.dtype) * mask.to(rows.dtype).square())


class Mean:
    """Channel means (C,): how strong each response is on average; the simplest of the statistics in Li et al.,
    "Demystifying Neural Style Transfer", IJCAI 2017.
    """

    def total(self, rows: Tensor, mask: Tensor | None) -> Tensor:
        weighted = rows if mask is None else rows * mask.to(rows.dtype)  # (M, C)
        return weighted.sum(0, dtype=_wide(rows))

    def count(self, mask: Tensor) -> Tensor:
        return mask.sum()

    def distance(self, current: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        """Scaled to the size of the Gram distance it stands for, which is about |mu|^2 |d mu|^2."""
        scale = 2 * target.square().mean()
        distance, gradient = _mean_squared(current, target)
        return distance * scale, gradient * scale

    def pull(self, into: Tensor, by_total: Tensor, rows: Tensor, mask: Tensor | None) -> None:
        pulled = by_total.to(rows.dtype)[None, :]  # (1, C)
        into.add_(pulled if mask is None else pulled * mask.to(rows.dtype))


KINDS: Final[dict[str, Statistics]] = {"gram": Gram(), "mean": Mean()}


def rows_of(responses: Tensor) -> Tensor:
    """One row per position (M, C) of responses (1, C, h, w); a view where they are whole and channels last."""
    return responses[0].permute(1, 2, 0).reshape(-1, responses.shape[1])


def blend(statistics: Sequence[Tensor], shares: Sequence[float]) -> Tensor:
    """The statistic of several styles at once: the mean weighted by their shares, which sum to 1."""
    return torch.stack([share * one for one, share in zip(statistics, shares, strict=True)]).sum(0)


def _wide(rows: Tensor) -> torch.dtype:
    return torch.float64 if rows.dtype == torch.float64 else torch.float32


def _product(rows: Tensor) -> Tensor:
    """F^T F (C, C) of (M, C), in float32 at least."""
    if rows.dtype != torch.bfloat16:
        return rows.T @ rows
    if rows.device.type == "cuda":
        return torch.mm(rows.T, rows, out_dtype=torch.float32)
    size = len(rows) // CHUNKS
    chunks = rows[: CHUNKS * size].reshape(CHUNKS, size, rows.shape[1])
    rest = rows[CHUNKS * size :].float()
    return torch.bmm(chunks.transpose(1, 2), chunks).float().sum(0) + rest.T @ rest


def _mean_squared(current: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    difference = current - target
    return difference.square().mean(), difference * (2 / difference.numel())
