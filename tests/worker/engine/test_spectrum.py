"""The metric: symmetric, positive definite, broad before fine, and closed at the borders."""

import pytest
import torch
from torch import Tensor

from tests.worker.engine.brush import CPU
from worker.engine import spectrum

METRIC = spectrum.inverse_frequency(13, 18, device=CPU)


def _random(seed: int) -> Tensor:
    return torch.randn(1, 3, 13, 18, generator=torch.Generator().manual_seed(seed))


def _cosine(down: int, right: int) -> Tensor:
    """The basis pattern of so many half waves."""
    one, other = spectrum.cosines(13, device=CPU)[down], spectrum.cosines(18, device=CPU)[right]
    return torch.outer(one, other).expand(1, 3, 13, 18)


@pytest.mark.parametrize("length", [1, 2, 13, 64])
def test_the_cosines_are_orthonormal(length):
    rows = spectrum.cosines(length, device=CPU)
    torch.testing.assert_close(rows @ rows.T, torch.eye(length), rtol=0, atol=1e-5)


def test_the_metric_is_symmetric():
    one, two = _random(1), _random(2)
    assert float((METRIC(one) * two).sum()) == pytest.approx(float((one * METRIC(two)).sum()), rel=1e-4)


@pytest.mark.parametrize("seed", range(5))
def test_the_metric_is_positive(seed):
    gradient = _random(seed)
    assert float((METRIC(gradient) * gradient).sum()) > 0


@pytest.mark.parametrize(("down", "right"), [(3, 0), (0, 5), (4, 7), (12, 17)])
def test_a_wave_is_divided_by_its_cycles_per_px(down, right):
    frequency = ((down / 26) ** 2 + (right / 36) ** 2) ** 0.5
    torch.testing.assert_close(METRIC(_cosine(down, right)), _cosine(down, right) / frequency, rtol=1e-3, atol=1e-4)


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


def test_in_bfloat16_the_metric_is_nearly_the_same_and_answers_in_the_gradients_format():
    quick = spectrum.inverse_frequency(13, 18, device=CPU, dtype=torch.bfloat16)
    for seed in range(5):
        gradient = _random(seed)
        assert quick(gradient).dtype == torch.float32
        assert float((quick(gradient) - METRIC(gradient)).norm() / METRIC(gradient).norm()) < 0.02
        assert float((quick(gradient) * gradient).sum()) > 0


HELD = 2.0
HOLDING = spectrum.inverse_frequency(13, 18, device=CPU, held=HELD)


def test_what_shows_through_the_blur_gets_no_step() -> None:
    assert float(HOLDING(torch.ones(1, 3, 13, 18)).abs().max()) < 1e-4
    broad, fine = _cosine(1, 0), _cosine(12, 17)
    assert float(HOLDING(broad).norm()) < 0.15 * float(METRIC(broad).norm())
    torch.testing.assert_close(HOLDING(fine), METRIC(fine), rtol=1e-3, atol=1e-4)


def test_a_metric_that_holds_is_symmetric_and_not_negative() -> None:
    one, two = _random(1), _random(2)
    assert float((HOLDING(one) * two).sum()) == pytest.approx(float((one * HOLDING(two)).sum()), rel=1e-4)
    assert float((HOLDING(one) * one).sum()) > 0
