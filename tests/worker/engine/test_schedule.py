"""The plan: sizes and looks as tables."""

import pytest

from worker.engine import schedule


@pytest.mark.parametrize(
    ("size", "max_side", "fitted"),
    [
        ((1200, 900), 600, (600, 450)),
        ((900, 1200), 600, (450, 600)),
        ((600, 450), 600, (600, 450)),
        ((200, 100), 600, (200, 100)),
        ((1000, 333), 500, (500, 166)),
        ((8000, 1000), 700, (700, 88)),
        ((5000, 2), 100, (100, 1)),
    ],
)
def test_a_size_is_fitted_in_proportion_and_never_enlarged(size, max_side, fitted):
    assert schedule.fitted_size(size[0], size[1], max_side) == fitted


@pytest.mark.parametrize(
    ("size", "sides"),
    [
        ((100, 80), [100]),
        ((383, 300), [383]),
        ((384, 300), [192, 384]),
        ((600, 450), [300, 600]),
        ((450, 600), [300, 600]),
        ((1000, 750), [250, 500, 1000]),
        ((4000, 3000), [250, 500, 1000, 2000, 4000]),
        ((700, 88), [350, 700]),
        ((400, 50), [400]),
    ],
)
def test_levels_are_halves_and_never_too_small(size, sides):
    levels = schedule.levels(*size)
    assert [max(level.width, level.height) for level in levels] == sides
    assert (levels[-1].width, levels[-1].height) == size


@pytest.mark.parametrize("side", [64, 200, 384, 600, 700, 1000, 2400, 6000, 10_000])
def test_the_sweep_costs_at_most_six_looks_at_full_size(side):
    levels = schedule.levels(side, side * 3 // 4)
    assert sum(level.evaluations * level.pixels for level in levels) / levels[-1].pixels <= 6.05


def test_a_style_image_gets_as_many_pixels_as_the_painting():
    assert schedule.style_size(400, 400, pixels=800 * 200, brush_size=1.0) == (400, 400)
    assert schedule.style_size(2000, 500, pixels=600 * 450, brush_size=1.0) == (1039, 260)


def test_a_broader_brush_enlarges_the_style_image():
    assert schedule.style_size(300, 300, pixels=300 * 300, brush_size=2.0) == (600, 600)


def test_a_narrow_style_image_stays_wide_enough_to_be_seen():
    assert min(schedule.style_size(4000, 40, pixels=100 * 100, brush_size=0.25)) >= 32
