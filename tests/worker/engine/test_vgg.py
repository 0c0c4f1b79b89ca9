"""The network: our way back against autograd, the fused way forward, the table, and the depth."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from tests.worker.engine.brush import network, nothing, random
from worker.engine import vgg
from worker.engine.vgg import CHANNELS, LAYERS, Filters, Pull, Vgg19


@pytest.fixture
def unfused(monkeypatch) -> None:
    """oneDNN knows no float64."""
    monkeypatch.setattr(vgg, "_fuses_relu", lambda: False)


@pytest.fixture(params=["average", "max"])
def small(request, unfused) -> Vgg19:
    """Four filters a layer, random, in float64."""
    filters, before = {}, 3
    for number, name in enumerate(CHANNELS):
        weight = random(4, before, 3, 3, seed=2 * number) / 3
        filters[name] = Filters.of(weight, random(4, seed=2 * number + 1) / 10)
        before = 4
    return Vgg19(filters, torch.full((1, 3, 1, 1), 0.5, dtype=torch.float64), pooling=request.param)


def _by_autograd(eye: Vgg19, picture: Tensor) -> dict[str, Tensor]:
    x, responses = picture - eye.mean, {}
    pool = functional.avg_pool2d if eye.pooling == "average" else functional.max_pool2d
    for name in LAYERS:
        if name.startswith("pool"):
            x = pool(x, 2)
        else:
            x = functional.conv2d(x, eye.filters[name].forward, eye.filters[name].bias, padding=1).relu()
        responses[name] = x
    return responses


def _adding(own: Tensor) -> Pull:
    return lambda response, gradient: own.clone() if gradient is None else gradient + own


@pytest.mark.parametrize("size", [(32, 32), (37, 51), (16, 130), (16, 16)])
def test_the_way_back_agrees_with_autograd(small, size):
    picture = random(1, 3, *size, seed=5)
    wanted = ["conv1_1", "conv2_2", "conv4_2", "conv5_1"]  # conv2_2: right under a pooling
    responses = small.look(picture, wanted, pulse=nothing, for_back=True)
    seen = {name: responses[name].clone() for name in wanted}
    weights = {name: random(*seen[name].shape, seed=7) for name in wanted}
    gradient = small.back(responses, {name: _adding(one) for name, one in weights.items()}, pulse=nothing)
    leaf = picture.clone().requires_grad_()
    expected = _by_autograd(small, leaf)
    total = torch.stack([(expected[name] * weights[name]).sum() for name in wanted]).sum()
    (by_autograd,) = torch.autograd.grad(total, leaf)
    for name in wanted:
        torch.testing.assert_close(seen[name], expected[name])
    torch.testing.assert_close(gradient.double(), by_autograd, rtol=1e-5, atol=1e-5)


def test_a_pull_is_given_the_layers_response_and_the_gradient_from_above(small):
    given = {}

    def pull(response: Tensor, gradient: Tensor | None) -> Tensor:
        given[response.shape[2]] = gradient is None
        return torch.ones_like(response)

    responses = small.look(random(1, 3, 32, 32), ["conv2_1"], pulse=nothing, for_back=True)
    small.back(responses, {"conv2_1": pull, "conv1_1": pull}, pulse=nothing)
    assert given == {16: True, 32: False}


def test_the_way_back_empties_the_responses_as_it_goes(small):
    responses = small.look(random(1, 3, 32, 32), ["conv2_1"], pulse=nothing, for_back=True)
    small.back(responses, {"conv2_1": _adding(torch.ones_like(responses["conv2_1"]))}, pulse=nothing)
    assert responses == {}


@pytest.mark.parametrize(("deepest", "layers"), [("conv1_1", 1), ("conv2_1", 4), ("conv4_2", 13), ("conv5_1", 17)])
def test_the_network_stops_at_the_deepest_layer_wanted(small, deepest, layers):
    pulses: list[int] = []
    picture = random(1, 3, 32, 32)
    kept = small.look(picture, ["conv1_1", deepest], pulse=lambda: pulses.append(1), for_back=True)
    assert list(kept)[-1] == deepest
    assert len(kept) == len(pulses) == layers


def test_without_a_way_back_only_the_layers_wanted_are_kept(small):
    assert list(small.look(random(1, 3, 32, 32), ["conv4_1", "conv2_1"], pulse=nothing)) == ["conv2_1", "conv4_1"]


def test_every_layer_is_preceded_by_a_pulse_on_the_way_back(small):
    pulses: list[int] = []
    responses = small.look(random(1, 3, 32, 32), ["conv5_1"], pulse=nothing, for_back=True)
    pulls = {"conv5_1": _adding(torch.ones_like(responses["conv5_1"]))}
    small.back(responses, pulls, pulse=lambda: pulses.append(1))
    assert len(pulses) == 17


@pytest.mark.parametrize("size", [(48, 64), (33, 17), (16, 16)])
def test_a_convolution_that_ends_in_a_relu_is_a_convolution_and_a_relu(size):
    assert vgg._fuses_relu(), "this PyTorch has lost the compiler's door; the engine goes on, but slower"
    filters = network().filters["conv3_2"]
    x = random(1, 256, *size, dtype=torch.float32).contiguous(memory_format=torch.channels_last)
    fused = Vgg19._convolve(x, filters)
    plain = functional.conv2d(x, filters.forward, filters.bias, padding=1).relu()
    torch.testing.assert_close(fused, plain, rtol=1e-4, atol=1e-4)
    assert fused.is_contiguous(memory_format=torch.channels_last)


def test_without_that_door_the_network_answers_the_same(monkeypatch):
    picture = 127 + 40 * random(1, 3, 40, 33, dtype=torch.float32)
    fused = network().look(picture, ["conv1_2", "conv4_1"], pulse=nothing)
    monkeypatch.setattr(vgg, "_fuses_relu", lambda: False)
    plain = network().look(picture, ["conv1_2", "conv4_1"], pulse=nothing)
    for name, response in plain.items():
        assert float((fused[name] - response).norm() / response.norm()) < 1e-5


@pytest.mark.parametrize("size", [(8, 8), (7, 9), (2, 3), (16, 5)])
@pytest.mark.parametrize("ties", [False, True])
def test_the_way_back_through_max_pooling_and_relu_is_autograds(size, ties):
    x = random(1, 5, *size, seed=1)
    x = (x.round() if ties else x).contiguous(memory_format=torch.channels_last).requires_grad_()
    before = x.relu()  # windows of nothing but zeros are common here
    pooled = functional.max_pool2d(before, 2)
    gradient = random(*pooled.shape, seed=2).contiguous(memory_format=torch.channels_last)
    (expected,) = torch.autograd.grad(pooled, x, gradient)
    torch.testing.assert_close(vgg._max_back(gradient, pooled.detach(), before.detach()), expected, rtol=0, atol=0)


@pytest.mark.parametrize("size", [(8, 8), (7, 9), (2, 3)])
def test_the_way_back_through_average_pooling_is_autograds(size):
    before = random(1, 5, *size, seed=1).requires_grad_()
    pooled = functional.avg_pool2d(before, 2)
    gradient = random(*pooled.shape, seed=2)
    (expected,) = torch.autograd.grad(pooled, before, gradient)
    torch.testing.assert_close(vgg._average_back(gradient, before.detach()), expected)


def test_the_table_is_vgg_19():
    assert len(CHANNELS) == 16
    assert [layer for layer in LAYERS if layer.startswith("pool")] == ["pool1", "pool2", "pool3", "pool4"]
    assert vgg.LAYERS[:4] == ("conv1_1", "conv1_2", "pool1", "conv2_1")
