"""The optimiser: quadratics and Rosenbrock's valley, inside and at the walls of a box."""

import itertools
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from worker.engine.lbfgs import BoxLbfgs

Function = Callable[[Tensor], Tensor]


def _value_and_gradient(function: Function, x: Tensor) -> tuple[float, Tensor]:
    x = x.clone().requires_grad_()
    value = function(x)
    (gradient,) = torch.autograd.grad(value, x)
    return value.item(), gradient


def _minimise(function: Function, optimiser: BoxLbfgs, looks: int) -> list[float]:
    values = []
    for _ in range(looks):
        assert bool((optimiser.trial >= optimiser.low).all() and (optimiser.trial <= optimiser.high).all())
        optimiser.tell(*_value_and_gradient(function, optimiser.trial))
        values.append(optimiser.value)
    return values


def _bowl(target: Tensor) -> Function:
    steepness = torch.logspace(0, 3, target.numel(), dtype=torch.float64)
    return lambda x: (steepness * (x - target).square()).sum()


def _rosenbrock(x: Tensor) -> Tensor:
    return (100 * (x[1:] - x[:-1].square()).square() + (1 - x[:-1]).square()).sum()


def _zeros(n: int) -> Tensor:
    return torch.zeros(n, dtype=torch.float64)


def test_a_quadratic_is_solved():
    target = torch.linspace(-0.5, 0.5, 20, dtype=torch.float64)
    optimiser = BoxLbfgs(_zeros(20), low=-1, high=1, first_step=0.1)
    _minimise(_bowl(target), optimiser, 150)
    torch.testing.assert_close(optimiser.point, target, atol=1e-4, rtol=0)


def test_a_quadratic_whose_minimum_lies_outside_ends_at_the_wall():
    target = torch.linspace(-3, 3, 20, dtype=torch.float64)
    optimiser = BoxLbfgs(_zeros(20), low=-1, high=1, first_step=0.1)
    _minimise(_bowl(target), optimiser, 120)
    torch.testing.assert_close(optimiser.point, target.clamp(-1, 1), atol=1e-4, rtol=0)


def test_rosenbrocks_valley_is_followed_to_its_end():
    optimiser = BoxLbfgs(_zeros(6) - 0.5, low=-2, high=2, first_step=0.1)
    _minimise(_rosenbrock, optimiser, 300)
    torch.testing.assert_close(optimiser.point, _zeros(6) + 1, atol=1e-3, rtol=0)


def test_rosenbrocks_valley_is_followed_along_a_wall():
    optimiser = BoxLbfgs(_zeros(2), low=-2, high=0.5, first_step=0.1)
    _minimise(_rosenbrock, optimiser, 200)
    torch.testing.assert_close(optimiser.point, torch.tensor([0.5, 0.25], dtype=torch.float64), atol=1e-4, rtol=0)


@pytest.mark.parametrize("function", [_rosenbrock, _bowl(_zeros(10) + 5)])
def test_the_value_never_rises(function):
    optimiser = BoxLbfgs(_zeros(10) - 0.7, low=-1, high=1, first_step=1.0)
    values = _minimise(function, optimiser, 100)
    assert all(later <= earlier for earlier, later in itertools.pairwise(values))


def test_a_metric_that_knows_the_curvature_solves_at_once():
    target = torch.linspace(-0.5, 0.5, 20, dtype=torch.float64)
    steepness = torch.logspace(0, 3, 20, dtype=torch.float64)
    optimiser = BoxLbfgs(_zeros(20), low=-1, high=1, first_step=0.1, metric=lambda g: g / steepness)
    values = _minimise(_bowl(target), optimiser, 4)
    assert values[-1] < 1e-20 * values[0]


def test_the_first_step_has_the_length_asked_for():
    optimiser = BoxLbfgs(_zeros(50), low=-100, high=100, first_step=8.0)
    optimiser.tell(*_value_and_gradient(_bowl(_zeros(50) + 1), optimiser.trial))
    assert float(optimiser.trial.abs().mean()) == pytest.approx(8.0)


def test_a_start_outside_is_brought_in():
    assert torch.equal(BoxLbfgs(torch.tensor([-3.0, 0.5, 9.0]), low=0, high=1).trial, torch.tensor([0.0, 0.5, 1.0]))


def test_a_flat_function_ends_its_iterations_where_it_began():
    optimiser = BoxLbfgs(_zeros(4), low=-1, high=1)
    for _ in range(6):
        optimiser.tell(1.0, _zeros(4))
    assert optimiser.iterations == 5
    assert torch.equal(optimiser.point, _zeros(4))


def test_lying_gradients_cost_tries_but_not_the_point():
    optimiser = BoxLbfgs(_zeros(4), low=-1, high=1, first_step=0.5)
    optimiser.tell(1.0, _zeros(4) + 1)
    for look in range(30):
        optimiser.tell(2.0 + look, _zeros(4) + 1)
    assert optimiser.value == 1.0
    assert torch.equal(optimiser.point, _zeros(4))
    assert optimiser.iterations == 4  # given up and begun again after every seventh trial


def test_another_objective_is_accepted_as_it_is_and_counts_anew():
    optimiser = BoxLbfgs(_zeros(5), low=-1, high=1, first_step=0.1)
    _minimise(_bowl(_zeros(5) + 0.5), optimiser, 5)
    optimiser.change_objective()
    trial = optimiser.trial
    assert optimiser.tell(1e9, _zeros(5) + 1) is False
    assert optimiser.point is trial
    assert (optimiser.value, optimiser.iterations) == (1e9, 0)
