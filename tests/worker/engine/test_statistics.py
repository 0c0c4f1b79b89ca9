"""What style is: known values in float64, and gradients against finite differences."""

import pytest
import torch
from torch import Tensor

from worker.engine import statistics
from worker.engine.statistics import Transport


def _random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def _gram_of(channels: int, *, seed: int) -> Tensor:
    return statistics.gram(_random(1, channels, 7, 9, seed=seed))


def _slope(function, at: Tensor, along: Tensor, width: float = 1e-5) -> float:
    return float((function(at + width * along) - function(at - width * along)) / (2 * width))


def test_gram_of_two_channels_is_worked_out_by_hand():
    responses = torch.tensor([[[[1.0, 2.0]], [[3.0, 4.0]]]], dtype=torch.float64)  # (1, 2, 1, 2)
    assert torch.equal(statistics.gram(responses), torch.tensor([[2.5, 5.5], [5.5, 12.5]], dtype=torch.float64))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_gram_is_summed_in_float32_or_better(dtype):
    responses = _random(1, 8, 60, 80).to(dtype).contiguous(memory_format=torch.channels_last)
    flat = responses.double().flatten(2)[0]
    torch.testing.assert_close(statistics.gram(responses).double(), flat @ flat.T / flat.shape[1], rtol=1e-5, atol=1e-5)
    assert statistics.gram(responses).dtype == torch.float32


def test_gram_is_the_same_in_either_memory_order():
    responses = _random(1, 5, 6, 7)
    last = responses.contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(statistics.gram(responses), statistics.gram(last))


def test_blend_is_the_weighted_mean():
    one, two = torch.eye(2), torch.ones(2, 2)
    assert torch.equal(statistics.blend([one, two], [0.25, 0.75]), 0.25 * one + 0.75 * two)


def test_gram_distance_is_the_mean_of_squares():
    distance, _ = statistics.gram_distance(torch.eye(2), torch.zeros(2, 2))
    assert float(distance) == 0.5


def test_gram_gradient_agrees_with_finite_differences():
    responses, along, target = _random(1, 4, 5, 6), _random(1, 4, 5, 6, seed=1), _gram_of(4, seed=2)
    _, by_gram = statistics.gram_distance(statistics.gram(responses), target)
    gradient = statistics.gram_back(responses, by_gram)
    expected = _slope(lambda x: statistics.gram_distance(statistics.gram(x), target)[0], responses, along)
    assert float((gradient * along).sum()) == pytest.approx(expected, rel=1e-6)


def test_transport_distance_of_diagonal_matrices_is_that_of_their_roots():
    current, target = torch.diag(_random(3).square() + 1), torch.diag(_random(3, seed=1).square() + 1)
    transport = Transport.to(target)
    ridge = transport.ridge * torch.eye(3, dtype=torch.float64)
    distance, _ = statistics.transport_distance(current, transport)
    roots = (current + ridge).diagonal().sqrt() - (target + ridge).diagonal().sqrt()
    assert float(distance) == pytest.approx(float(roots.square().sum()), rel=1e-9)


def test_transport_distance_to_itself_is_nothing_with_no_gradient():
    target = _gram_of(6, seed=3)
    distance, gradient = statistics.transport_distance(target, Transport.to(target))
    assert abs(float(distance)) < 1e-9
    assert float(gradient.abs().max()) < 1e-6


def test_transport_gradient_agrees_with_finite_differences():
    current, along = _gram_of(5, seed=4), _gram_of(5, seed=5)
    transport = Transport.to(_gram_of(5, seed=6))
    _, gradient = statistics.transport_distance(current, transport)
    expected = _slope(lambda x: statistics.transport_distance(x, transport)[0], current, along)
    assert float((gradient * along).sum()) == pytest.approx(expected, rel=1e-5)


def test_transport_survives_matrices_of_low_rank():
    thin = statistics.gram(torch.ones(1, 8, 3, 3))
    distance, gradient = statistics.transport_distance(torch.zeros(8, 8), Transport.to(thin))
    assert bool(distance.isfinite())
    assert bool(gradient.isfinite().all())


def test_total_variation_of_a_step_is_worked_out_by_hand():
    picture = torch.zeros(1, 3, 2, 2, dtype=torch.float64)
    picture[..., 1] = 3.0  # two neighbours across, in three channels, differ by 3; twelve values
    value, _ = statistics.total_variation(picture)
    assert float(value) == pytest.approx(3 * 2 * 9 / 12)


def test_total_variation_of_a_flat_picture_is_nothing():
    value, gradient = statistics.total_variation(torch.full((1, 3, 4, 5), 7.0))
    assert float(value) == 0
    assert not gradient.any()


def test_total_variation_gradient_agrees_with_finite_differences():
    picture, along = _random(1, 3, 5, 4), _random(1, 3, 5, 4, seed=1)
    _, gradient = statistics.total_variation(picture)
    expected = _slope(lambda x: statistics.total_variation(x)[0], picture, along)
    assert float((gradient * along).sum()) == pytest.approx(expected, rel=1e-8)
