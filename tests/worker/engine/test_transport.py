"""The sweep's shortcut: the Bures-Wasserstein distance against known values and finite differences."""

import pytest
import torch
from torch import Tensor

from tests.worker.engine.brush import random, slope
from worker.engine import transport
from worker.engine.transport import Transport


def _gram_of(channels: int, *, seed: int) -> Tensor:
    rows = random(63, channels, seed=seed)
    return rows.T @ rows / 63


def test_the_distance_of_diagonal_matrices_is_that_of_their_roots():
    current, target = torch.diag(random(3).square() + 1), torch.diag(random(3, seed=1).square() + 1)
    prepared = Transport.to(target)
    ridge = prepared.ridge * torch.eye(3, dtype=torch.float64)
    distance, _ = transport.distance(current, prepared)
    roots = (current + ridge).diagonal().sqrt() - (target + ridge).diagonal().sqrt()
    assert float(distance) == pytest.approx(float(roots.square().sum()), rel=1e-9)


def test_the_distance_to_itself_is_nothing_with_no_gradient():
    target = _gram_of(6, seed=3)
    distance, gradient = transport.distance(target, Transport.to(target))
    assert abs(float(distance)) < 1e-9
    assert float(gradient.abs().max()) < 1e-6


def test_the_gradient_agrees_with_finite_differences():
    current, along = _gram_of(5, seed=4), _gram_of(5, seed=5)
    prepared = Transport.to(_gram_of(5, seed=6))
    _, gradient = transport.distance(current, prepared)
    expected = slope(lambda x: transport.distance(x, prepared)[0], current, along)
    assert float((gradient * along).sum()) == pytest.approx(expected, rel=1e-5)


def test_the_scale_is_the_targets_peak():
    assert Transport.to(torch.diag(torch.tensor([1.0, 7.0, 3.0]))).scale == pytest.approx(7)


@pytest.mark.parametrize("target", [torch.ones(8, 8), torch.zeros(8, 8)])
def test_matrices_of_low_rank_do_no_harm(target):
    distance, gradient = transport.distance(torch.zeros(8, 8), Transport.to(target))
    assert bool(distance.isfinite())
    assert bool(gradient.isfinite().all())
