"""The metric: symmetric, positive definite, broad before fine, and closed at the borders."""

import pytest
import torch
from torch import Tensor

from worker.engine import spectrum

METRIC = spectrum.inverse_frequency(13, 18, device=torch.device("cpu"))


def _random(seed: int) -> Tensor:
    return torch.randn(1, 3, 13, 18, generator=torch.Generator().manual_seed(seed))


def test_the_metric_is_symmetric():
    one, two = _random(1), _random(2)
    assert float((METRIC(one) * two).sum()) == pytest.approx(float((one * METRIC(two)).sum()), rel=1e-4)


@pytest.mark.parametrize("seed", range(5))
def test_the_metric_is_positive(seed):
    gradient = _random(seed)
    assert float((METRIC(gradient) * gradient).sum()) > 0


def test_an_even_gradient_is_scaled_by_the_longer_side():
    torch.testing.assert_close(METRIC(torch.ones(1, 3, 13, 18)), torch.full((1, 3, 13, 18), 18.0))


def test_the_finest_pattern_is_scaled_least():
    board = torch.ones(13, 18)
    board[::2, ::2] = board[1::2, 1::2] = -1
    fine = board.expand(1, 3, 13, 18)
    assert float(METRIC(fine).norm() / fine.norm()) < 2


def test_what_one_side_wants_does_not_show_at_the_other():
    gradient = torch.zeros(1, 3, 13, 18)
    gradient[..., 0] = 1.0
    answer = METRIC(gradient)
    assert abs(float(answer[..., -1].mean())) < 0.1 * float(answer[..., 0].mean())
