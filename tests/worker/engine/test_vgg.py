"""The network: our way back against autograd, the table, and the depth."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from worker.engine import vgg
from worker.engine.vgg import CHANNELS, LAYERS, Filters, Vgg19


@pytest.fixture(scope="module", params=["average", "max"])
def small(request) -> Vgg19:
    """Four filters a layer, random, in float64."""
    generator = torch.Generator().manual_seed(3)
    filters, before = {}, 3
    for name in CHANNELS:
        weight = torch.randn(4, before, 3, 3, dtype=torch.float64, generator=generator) / 3
        filters[name] = Filters.of(weight, torch.randn(4, dtype=torch.float64, generator=generator) / 10)
        before = 4
    return Vgg19(filters, torch.full((1, 3, 1, 1), 0.5, dtype=torch.float64), pooling=request.param)


def _by_autograd(network: Vgg19, picture: Tensor) -> dict[str, Tensor]:
    x, responses = picture - network.mean, {}
    pool = functional.avg_pool2d if network.pooling == "average" else functional.max_pool2d
    for name in LAYERS:
        if name.startswith("pool"):
            x = pool(x, 2)
        else:
            x = functional.conv2d(x, network.filters[name].forward, network.filters[name].bias, padding=1).relu()
        responses[name] = x
    return responses


@pytest.mark.parametrize("size", [(32, 32), (37, 51), (16, 130)])
def test_the_way_back_agrees_with_autograd(small, size):
    generator = torch.Generator().manual_seed(5)
    picture = torch.randn(1, 3, *size, dtype=torch.float64, generator=generator)
    wanted = ["conv1_1", "conv2_2", "conv4_2", "conv5_1"]
    responses = small.look(picture, wanted, pulse=lambda: None)
    weights = {name: torch.randn(responses[name].shape, dtype=torch.float64, generator=generator) for name in wanted}
    gradient = small.back(responses, dict(weights), pulse=lambda: None)
    leaf = picture.clone().requires_grad_()
    expected = _by_autograd(small, leaf)
    total = torch.stack([(expected[name] * weights[name]).sum() for name in wanted]).sum()
    (by_autograd,) = torch.autograd.grad(total, leaf)
    for name in wanted:
        torch.testing.assert_close(responses[name], expected[name])
    torch.testing.assert_close(gradient.double(), by_autograd, rtol=1e-5, atol=1e-5)


def test_the_way_back_leaves_the_gradients_it_is_given_alone(small):
    picture = torch.ones(1, 3, 32, 32, dtype=torch.float64)
    responses = small.look(picture, ["conv1_1", "conv3_1"], pulse=lambda: None)
    given = {name: torch.ones_like(responses[name]) for name in ("conv1_1", "conv3_1")}
    small.back(responses, given, pulse=lambda: None)
    assert all(bool((gradient == 1).all()) for gradient in given.values())


@pytest.mark.parametrize(("deepest", "layers"), [("conv1_1", 1), ("conv2_1", 4), ("conv4_2", 13), ("conv5_1", 17)])
def test_the_network_stops_at_the_deepest_layer_wanted(small, deepest, layers):
    pulses = []
    responses = small.look(
        torch.ones(1, 3, 32, 32, dtype=torch.float64), ["conv1_1", deepest], pulse=lambda: pulses.append(1)
    )
    assert list(responses)[-1] == deepest
    assert len(responses) == len(pulses) == layers


def test_every_layer_is_preceded_by_a_pulse_on_the_way_back(small):
    pulses = []
    responses = small.look(torch.ones(1, 3, 32, 32, dtype=torch.float64), ["conv5_1"], pulse=lambda: None)
    small.back(responses, {"conv5_1": torch.ones_like(responses["conv5_1"])}, pulse=lambda: pulses.append(1))
    assert len(pulses) == len(responses) == 17


def test_the_table_is_vgg_19():
    assert len(CHANNELS) == 16
    assert [layer for layer in LAYERS if layer.startswith("pool")] == ["pool1", "pool2", "pool3", "pool4"]
    assert vgg.LAYERS[:4] == ("conv1_1", "conv1_2", "pool1", "conv2_1")
