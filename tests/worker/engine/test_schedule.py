"""The plan: sizes and looks as tables."""

import pytest

from worker.engine import schedule
from worker.engine.vgg import SMALLEST_SIDE


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
    ("stroke_scale", "size", "sides"),
    [
        ("medium", (100, 80), [100]),
        ("medium", (700, 525), [700]),
        ("medium", (799, 600), [799]),
        ("medium", (800, 600), [400, 800]),
        ("medium", (900, 1200), [600, 1200]),
        ("medium", (1600, 1200), [400, 800, 1600]),
        ("medium", (4000, 3000), [500, 1000, 2000, 4000]),
        ("medium", (900, 100), [450, 900]),
        ("medium", (900, 60), [900]),
        ("broad", (191, 120), [191]),
        ("broad", (192, 144), [96, 192]),
        ("broad", (600, 450), [150, 300, 600]),
        ("broad", (1000, 750), [125, 250, 500, 1000]),
        ("broad", (192, 63), [192]),
        ("fine", (600, 450), [600]),
        ("fine", (9999, 7000), [9999]),
    ],
)
def test_levels_are_halves_and_never_too_small(stroke_scale, size, sides):
    levels = schedule.levels(*size, stroke_scale=stroke_scale)
    assert [max(level.size) for level in levels] == sides
    assert levels[-1].size == size
    assert min(map(min, (level.size for level in levels))) >= SMALLEST_SIDE


@pytest.mark.parametrize("stroke_scale", ["fine", "medium", "broad"])
@pytest.mark.parametrize("side", [64, 192, 193, 195, 200, 384, 385, 600, 700, 1000, 2400, 6000, 10_000])
def test_the_sweep_costs_at_most_six_looks_at_full_size(stroke_scale, side):
    levels = schedule.levels(side, side * 3 // 4, stroke_scale=stroke_scale)
    assert sum(level.evaluations * level.pixels for level in levels) / levels[-1].pixels <= 6
    assert all(level.evaluations > 0 for level in levels)


def test_a_sweep_of_one_level_looks_as_often_as_one_of_many():
    assert [level.evaluations for level in schedule.levels(300, 200)] == [6]
    assert [level.evaluations for level in schedule.levels(3200, 2400)] == [8, 2, 2, 5]
    assert [level.evaluations for level in schedule.levels(1200, 900)] == [4, 5]


@pytest.mark.parametrize(
    ("size", "finished", "levels"),
    [
        ((600, 450), 600, [(600, 450, 10)]),
        ((1200, 900), 600, [(1200, 900, 10)]),
        ((1201, 900), 600, [(600, 450, 20), (1201, 900, 10)]),
        ((5315, 3543), 700, [(1329, 886, 20), (2658, 1772, 20), (5315, 3543, 10)]),
        ((500, 4000), 1000, [(250, 2000, 20), (500, 4000, 10)]),
        ((300, 200), 700, [(300, 200, 10)]),
    ],
)
def test_a_print_at_most_doubles_from_level_to_level(size, finished, levels):
    found = schedule.print_levels(*size, finished=finished)
    assert [(*level.size, level.evaluations) for level in found] == levels


def test_a_style_image_gets_as_many_pixels_as_the_painting():
    assert schedule.style_size(400, 400, pixels=800 * 200, brush_size=1.0) == (400, 400)
    assert schedule.style_size(2000, 500, pixels=600 * 450, brush_size=1.0) == (1039, 260)


def test_a_broader_brush_enlarges_the_style_image():
    assert schedule.style_size(300, 300, pixels=300 * 300, brush_size=2.0) == (600, 600)


def test_a_narrow_style_image_stays_wide_enough_to_be_seen():
    assert min(schedule.style_size(4000, 40, pixels=100 * 100, brush_size=0.25)) >= 32


def test_a_style_image_is_used_as_it_is_where_it_may_not_be_enlarged():
    assert schedule.style_size(300, 200, pixels=600 * 400, brush_size=1.0, enlarge=False) == (300, 200)
    assert schedule.style_size(900, 600, pixels=600 * 400, brush_size=1.0, enlarge=False) == (600, 400)
    assert min(schedule.style_size(300, 20, pixels=600 * 400, brush_size=1.0, enlarge=False)) == 32
