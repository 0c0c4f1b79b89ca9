"""Several styles at once: weights are shares, statistics are looked at once and kept."""

import numpy
import pytest
from PIL import Image

from tests.worker.engine.brush import SHALLOW, exact, nothing, paint, painted, statistics_of, tensor_of
from worker import engine
from worker.engine import Settings, SettingsError, Style, easel
from worker.engine.easel import Easel
from worker.engine.schedule import Level

QUICK = SHALLOW | {"iterations": 1}


@pytest.fixture(scope="module")
def photo(photo) -> Image.Image:
    """Smaller: what is asked here does not depend on it."""
    return photo.resize((48, 36))


def _unseen(seed: int) -> Image.Image:
    """A style no painting has been made from."""
    noise = numpy.random.default_rng(seed).integers(0, 255, (8, 8, 3), dtype="uint8")
    return Image.fromarray(noise).resize((60, 60), Image.Resampling.BICUBIC)


def _pulses(photo, styles, **settings) -> int:
    pulses: list[int] = []
    paint(photo, styles, pulse=lambda: pulses.append(1), **QUICK | settings)
    return len(pulses)


def test_weights_of_styles_are_shares(photo, painting, checks):
    def result(*weights: float) -> bytes:
        styles = [Style(image, weight) for image, weight in zip((painting, checks), weights, strict=True)]
        return painted(photo, styles, **QUICK).picture().tobytes()

    assert result(1, 1) == result(2, 2)
    assert result(1, 0) == painted(photo, painting, **QUICK).picture().tobytes()
    assert len({result(1, 1), result(1, 0), result(0, 1), result(3, 1)}) == 4


def test_shares_are_what_is_blended(photo, painting, checks):
    level, settings = Level(80, 80, 1), exact(**SHALLOW)
    surface = Easel(photo, easel.shares([Style(painting, 3), Style(checks, 1)]), settings, largest=level, pulse=nothing)
    (region,) = surface.objective(level, surface.photo(level)).regions
    one, other = (statistics_of(tensor_of(image), settings) for image in (painting, checks))
    for name, wanted in region.wanted.items():
        apart = wanted - (0.75 * one[name] + 0.25 * other[name])
        assert float(apart.norm() / wanted.norm()) < 1e-5


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ([], "At least one style"),
        ([0.0], "At least one style"),
        ([1.0, -1.0], "from 0"),
        ([float("nan")], "from 0"),
        ([float("inf")], "from 0"),
    ],
)
def test_styles_without_a_sound_weight_are_refused_at_once(photo, painting, weights, words):
    styles = [Style(painting, weight) for weight in weights]
    with pytest.raises(SettingsError, match=words):
        engine.stylise(photo, styles, Settings())
    with pytest.raises(SettingsError, match=words):
        engine.texture(styles, Settings(), size=(64, 64))
    with pytest.raises(SettingsError, match=words):
        engine.enlarge(photo, photo, styles, Settings(), size=(64, 64))


def test_a_style_is_looked_at_once_for_all_paintings(photo):
    style = _unseen(1)
    first, second, copied = (_pulses(photo, style) for style in (style, style, style.copy()))
    looked = 7  # conv1_1 to conv3_1
    assert first - second == looked
    assert second == copied


@pytest.mark.parametrize(
    "other",
    [
        {"statistics": "mean"},
        {"pooling": "average"},
        {"brush_size": 1.5},
        {"style_layers": {"conv1_2": 1.0}},
        {"colours": "match"},
    ],
)
def test_what_changes_a_styles_statistics_makes_it_looked_at_again(photo, other):
    style = _unseen(2)
    easel._styles.clear()
    _pulses(photo, style)
    kept = len(easel._styles)
    _pulses(photo, style, **other)
    assert len(easel._styles) == kept + 1


@pytest.mark.parametrize("other", [{"strength": 2.0}, {"seed": 3}, {"smoothness": 3.0}, {"iterations": 2}])
def test_what_does_not_change_a_styles_statistics_does_not(photo, other):
    style = _unseen(2)
    _pulses(photo, style)
    kept = list(easel._styles)
    _pulses(photo, style, **other)
    assert len(easel._styles) == len(kept)


def test_no_more_styles_are_remembered_than_there_is_room_for(photo, monkeypatch):
    monkeypatch.setattr(easel, "REMEMBERED", 3)
    easel._styles.clear()
    for seed in range(5):
        _pulses(photo.resize((32, 24)), _unseen(seed))
    newest, oldest = _unseen(4), _unseen(0)
    assert len(easel._styles) == 3
    small = photo.resize((32, 24))
    assert _pulses(small, newest) < _pulses(small, oldest)


@pytest.mark.parametrize("colour", ["black", "white", "navy"])
@pytest.mark.parametrize("colours", ["style", "photo", "match", "palette"])
def test_a_style_of_one_colour_is_painted(photo, colour, colours):
    steps = paint(photo, Image.new("RGB", (50, 50), colour), iterations=2, colours=colours, **SHALLOW)
    assert steps[-1].loss <= steps[-2].loss


@pytest.mark.parametrize("size", [(300, 10), (1, 200), (1, 1)])
def test_a_narrow_style_is_painted(photo, painting, size):
    assert paint(photo, painting.resize(size), **QUICK)


@pytest.mark.parametrize("mode", ["L", "1", "RGBA", "P"])
def test_styles_of_other_kinds_are_painted(photo, painting, mode):
    assert painted(photo, painting.convert(mode), **QUICK).loss > 0
