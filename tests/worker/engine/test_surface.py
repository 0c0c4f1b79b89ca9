"""What a smooth surface is: total variation by hand and against finite differences."""

import pytest
import torch

from tests.worker.engine.brush import random, slope
from worker.engine.surface import total_variation


def test_the_total_variation_of_a_step_is_worked_out_by_hand():
    picture = torch.zeros(1, 3, 2, 2, dtype=torch.float64)
    picture[..., 1] = 3.0  # two neighbours across, in three channels, differ by 3; twelve values
    assert float(total_variation(picture)[0]) == pytest.approx(3 * 2 * 9 / 12)


def test_the_total_variation_is_that_of_a_plain_loop():
    picture, plain = random(1, 3, 4, 5), 0.0
    for channel in picture[0].tolist():
        for y, row in enumerate(channel):
            for x, value in enumerate(row):
                plain += (channel[y + 1][x] - value) ** 2 if y < 3 else 0
                plain += (row[x + 1] - value) ** 2 if x < 4 else 0
    assert float(total_variation(picture)[0]) == pytest.approx(plain / 60)


def test_a_flat_picture_has_none():
    value, gradient = total_variation(torch.full((1, 3, 4, 5), 7.0))
    assert float(value) == 0
    assert not gradient.any()


@pytest.mark.parametrize("size", [(5, 4), (1, 6), (7, 1)])
def test_the_gradient_agrees_with_finite_differences(size):
    picture, along = random(1, 3, *size), random(1, 3, *size, seed=1)
    _, gradient = total_variation(picture)
    expected = slope(lambda x: total_variation(x)[0], picture, along)
    assert float((gradient * along).sum()) == pytest.approx(expected, rel=1e-8)
