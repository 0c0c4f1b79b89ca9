"""The optimiser: quadratics and Rosenbrock's valley, inside and at the walls of a box."""

import itertools
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from tests.worker.engine.brush import NoQuestions, random
from worker.engine.lbfgs import ENOUGH, TRIES, BoxLbfgs

Function = Callable[[Tensor], Tensor]


def _value_and_gradient(function: Function, x: Tensor) -> tuple[Tensor, Tensor]:
    x = x.clone().requires_grad_()
    value = function(x)
    (gradient,) = torch.autograd.grad(value, x)
    return value.detach(), gradient


def _minimise(function: Function, optimiser: BoxLbfgs, looks: int) -> list[float]:
    values = []
    for _ in range(looks):
        assert bool((optimiser.trial >= optimiser.low).all() and (optimiser.trial <= optimiser.high).all())
        optimiser.tell(*_value_and_gradient(function, optimiser.trial))
        values.append(float(optimiser.value))
    return values


def _bowl(target: Tensor) -> Function:
    steepness = torch.logspace(0, 3, target.numel(), dtype=torch.float64)
    return lambda x: (steepness * (x - target).square()).sum()


def _rosenbrock(x: Tensor) -> Tensor:
    return (100 * (x[1:] - x[:-1].square()).square() + (1 - x[:-1]).square()).sum()


def _zeros(n: int) -> Tensor:
    return torch.zeros(n, dtype=torch.float64)


def _number(value: float) -> Tensor:
    return torch.tensor(value, dtype=torch.float64)


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


def test_every_value_may_have_walls_of_its_own():
    target, low = torch.linspace(-3, 3, 20, dtype=torch.float64), torch.linspace(-1, 0, 20, dtype=torch.float64)
    optimiser = BoxLbfgs(_zeros(20), low=low, high=low + 1, first_step=0.1)
    _minimise(_bowl(target), optimiser, 120)
    torch.testing.assert_close(optimiser.point, target.clamp(low, low + 1), atol=1e-4, rtol=0)


def test_between_walls_that_touch_nothing_moves():
    walls = torch.tensor([0.3, -1.0], dtype=torch.float64)
    optimiser = BoxLbfgs(_zeros(2), low=walls, high=torch.tensor([0.3, 1.0], dtype=torch.float64), first_step=0.1)
    _minimise(_bowl(_zeros(2) + 0.7), optimiser, 40)
    assert float(optimiser.point[0]) == 0.3
    assert float(optimiser.point[1]) == pytest.approx(0.7, abs=1e-6)


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
    assert values[-1] == float(function(optimiser.point))


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


def test_a_flat_function_ends_where_it_began():
    optimiser = BoxLbfgs(_zeros(4), low=-1, high=1)
    for _ in range(6):
        optimiser.tell(_number(1.0), _zeros(4))
    assert torch.equal(optimiser.point, _zeros(4))
    assert torch.equal(optimiser.trial, _zeros(4))


def test_trials_get_shorter_by_a_half_to_a_tenth_while_they_fail():
    optimiser = BoxLbfgs(_zeros(4), low=-9, high=9, first_step=4.0)
    lengths = []
    for value in (1.0, 2.0, float("inf"), float("nan"), 1.5, 1e30):
        optimiser.tell(_number(value), _zeros(4) + 1)
        lengths.append(float(optimiser.trial.abs().mean()))
    shares = [later / earlier for earlier, later in itertools.pairwise(lengths)]
    assert all(0.1 - 1e-9 <= share <= 0.5 + 1e-9 for share in shares)
    assert shares[1:3] == pytest.approx([0.1, 0.1])


def test_a_failed_trial_is_shortened_to_the_parabolas_minimum():
    optimiser = BoxLbfgs(_zeros(1), low=-9, high=9, first_step=1.0)
    optimiser.tell(_number(1.0), _zeros(1) + 4)  # slope -4 along a step of 1
    optimiser.tell(_number(2.0), _zeros(1))  # 1 - 4 t + 5 t^2 is least at 0.4
    assert float(optimiser.trial) == pytest.approx(-0.4)


@pytest.mark.parametrize(("gained", "taken"), [(0.5, False), (1.5, True)])
def test_a_trial_must_gain_its_share_of_the_slope(gained, taken):
    optimiser = BoxLbfgs(_zeros(1), low=-9, high=9, first_step=1.0)
    optimiser.tell(_number(1.0), _zeros(1) + 4)  # slope -4 along a step of 1
    optimiser.tell(_number(1 - gained * ENOUGH * 4), _zeros(1) + 4)
    assert float(optimiser.point) == (-1.0 if taken else 0.0)


def test_what_is_pushed_out_of_the_box_is_held_whatever_the_pairs_say():
    root = random(12, 12)
    curvature = root @ root.T + 0.1 * torch.eye(12, dtype=torch.float64)
    target, held_at_all = 3 * random(12, seed=1), 0
    optimiser = BoxLbfgs(_zeros(12), low=-1, high=1, first_step=0.3)
    for _ in range(40):
        optimiser.tell(*_value_and_gradient(lambda x: (x - target) @ curvature @ (x - target), optimiser.trial))
        point = optimiser.point
        gradient = curvature @ (point - target)
        held = ((point == -1) & (gradient > 0)) | ((point == 1) & (gradient < 0))
        held_at_all += int(held.sum())
        assert torch.equal(optimiser.trial[held], point[held])
    assert held_at_all > 40


def test_lying_gradients_cost_tries_but_not_the_point():
    optimiser = BoxLbfgs(_zeros(4), low=-1, high=1, first_step=0.5)
    optimiser.tell(_number(1.0), _zeros(4) + 1)
    lengths = []
    for look in range(3 * (TRIES + 1)):
        optimiser.tell(_number(2.0 + look), _zeros(4) + 1)
        lengths.append(float(optimiser.trial.abs().mean()))
    assert float(optimiser.value) == 1.0
    assert torch.equal(optimiser.point, _zeros(4))
    begun = [lengths[TRIES], lengths[2 * TRIES + 1], lengths[3 * TRIES + 2]]  # every seventh begins anew, smaller
    assert begun == pytest.approx([0.125, 0.03125, 0.0078125])


def test_values_that_are_no_numbers_never_become_the_point():
    optimiser = BoxLbfgs(_zeros(6) - 0.5, low=-2, high=2, first_step=0.1)
    for look in range(60):
        value, gradient = _value_and_gradient(_rosenbrock, optimiser.trial)
        optimiser.tell(value * float("nan") if look % 3 == 2 else value, gradient)
    assert float(optimiser.value) == float(_rosenbrock(optimiser.point)) < 0.1 * float(_rosenbrock(_zeros(6) - 0.5))


def test_another_objective_is_taken_as_it_is_and_the_pairs_stay():
    optimiser = BoxLbfgs(_zeros(5), low=-1, high=1, first_step=0.1)
    _minimise(_bowl(_zeros(5) + 0.5), optimiser, 5)
    pairs = optimiser.state()["_steps"]
    optimiser.change_objective()
    trial = optimiser.trial.clone()
    optimiser.tell(_number(1e9), _zeros(5) + 1)
    assert torch.equal(optimiser.point, trial)
    assert float(optimiser.value) == 1e9
    assert torch.equal(optimiser.state()["_steps"], pairs)


def test_the_state_stays_in_its_place():
    optimiser = BoxLbfgs(_zeros(6) - 0.5, low=-2, high=2, first_step=3.0)
    places = {name: value.data_ptr() for name, value in vars(optimiser).items() if isinstance(value, Tensor)}
    assert {"trial", "point", "value", "_steps"} < places.keys()
    values = _minimise(_rosenbrock, optimiser, 30)
    assert len(set(values)) < 30, "no trial failed: not every way was gone"
    optimiser.change_objective()
    _minimise(_rosenbrock, optimiser, 3)
    assert {name: getattr(optimiser, name).data_ptr() for name in places} == places


def test_the_device_is_never_asked_for_a_number():
    optimiser = BoxLbfgs(random(1, 3, 8, 9), low=-2, high=2, first_step=3.0, metric=lambda g: 2 * g)
    looks = [_value_and_gradient(lambda x: x.square().sum(), random(1, 3, 8, 9, seed=one)) for one in range(4)]
    with NoQuestions():
        for value, gradient in looks:
            optimiser.tell(value, gradient)
    with NoQuestions(), pytest.raises(AssertionError):
        float(optimiser.value)


def test_from_its_state_another_optimiser_goes_on_exactly():
    one = BoxLbfgs(_zeros(6) - 0.5, low=-2, high=2, first_step=0.1, history=3)
    _minimise(_rosenbrock, one, 20)
    other = BoxLbfgs(_zeros(6), low=-2, high=2, first_step=7.0, history=3)
    other.resume(one.state())
    assert _minimise(_rosenbrock, one, 20) == _minimise(_rosenbrock, other, 20)
    assert torch.equal(one.trial, other.trial)


def test_a_state_is_a_copy():
    optimiser = BoxLbfgs(_zeros(6) - 0.5, low=-2, high=2, first_step=0.1)
    _minimise(_rosenbrock, optimiser, 3)
    state = optimiser.state()
    kept = state["point"].clone()
    _minimise(_rosenbrock, optimiser, 10)
    assert torch.equal(state["point"], kept)
