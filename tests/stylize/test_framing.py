"""Turning and cropping: the same as Pillow's own rotate and crop; what a form may say about it."""

import random

import pytest
from django.core.files.storage import default_storage
from PIL import Image, ImageChops, ImageStat

from people.models import User
from stylize import framing, pictures
from stylize.framing import ALL, Crop, Framing
from tests import make

CROPS: tuple[Crop, ...] = (
    ALL,
    (0.25, 0.0, 0.5, 1.0),
    (0.1, 0.2, 0.3, 0.4),
    (0.5, 0.5, 0.5, 0.5),
    (0.333333, 0, 0.6, 0.7),
)


@pytest.fixture(scope="module")
def noise() -> Image.Image:
    return Image.frombytes("RGB", (240, 180), random.Random(7).randbytes(240 * 180 * 3))


@pytest.mark.parametrize("turn", range(4))
@pytest.mark.parametrize("crop", CROPS)
def test_it_is_pillows_rotate_and_crop(noise: Image.Image, turn: int, crop: Crop) -> None:
    turned = noise.rotate(-90 * turn, expand=True)
    x, y, width, height = crop
    corners = (x * turned.width, y * turned.height, (x + width) * turned.width, (y + height) * turned.height)
    wanted = turned.crop([round(edge) for edge in corners])  # type: ignore[arg-type]
    framed = Framing(turn, crop).applied(noise)
    assert framed.size == wanted.size == Framing(turn, crop).size(*noise.size)
    assert ImageChops.difference(framed, wanted).getbbox() is None


def test_the_whole_photo_is_the_photo_itself(noise: Image.Image) -> None:
    assert framing.WHOLE.applied(noise) is noise
    assert framing.WHOLE.is_whole
    assert not Framing(1).is_whole
    assert not Framing(0, (0, 0, 1, 0.5)).is_whole


@pytest.mark.parametrize(
    ("text", "crop"),
    [
        ("", ALL),
        ("  ", ALL),
        ("0,0,1,1", ALL),
        ("0.0000001,0,0.9999999,1", ALL),
        ("-0.000001,0,1.000001,0.5", (0.0, 0.0, 1.0, 0.5)),
        ("0.1,0.2,0.3,0.4", (0.1, 0.2, 0.3, 0.4)),
        (" .5, .5, .5, .5", (0.5, 0.5, 0.5, 0.5)),
    ],
)
def test_what_can_be_read(text: str, crop: Crop) -> None:
    assert framing.crop_of(text) == crop


@pytest.mark.parametrize(
    "text",
    ["x", "0,0,1", "0,0,1,1,1", "0,0,0,1", "0,0,1,-1", "0.5,0,0.6,1", "0,0.9,1,0.2", "-0.1,0,0.5,1", "nan,0,1,1",
     "0,0,inf,1", "0,0,1,nan", "1e999,0,1,1", "0,0,1," + "1" * 5000],
)  # fmt: skip
def test_what_nobody_can_read_is_refused_in_words(text: str) -> None:
    with pytest.raises(framing.FramingError, match="Crop the photo again"):
        framing.crop_of(text)


@pytest.mark.parametrize("crop", CROPS)
def test_a_crop_is_read_as_it_was_written(crop: Crop) -> None:
    assert framing.crop_of(framing.written(crop)) == crop


@pytest.mark.parametrize("quarters", range(-3, 4))
@pytest.mark.parametrize("crop", [crop for crop in CROPS if crop != CROPS[-1]])  # whose edges fall between two pixels
def test_a_crop_that_turns_along_shows_the_same_piece(noise: Image.Image, quarters: int, crop: Crop) -> None:
    before = Framing(0, crop).applied(noise)
    after = Framing(quarters % 4, framing.turned(crop, quarters)).applied(noise)
    assert ImageChops.difference(before.rotate(-90 * quarters, expand=True), after).getbbox() is None


def test_a_crop_may_say_for_which_turn_it_was_made() -> None:
    assert framing.crop_of("1:", 3) == ALL
    assert framing.crop_of("0:0,0,0.5,1", 0) == (0, 0, 0.5, 1)
    assert framing.crop_of("0:0,0,0.5,1", 2) == (0.5, 0, 0.5, 1)
    assert framing.crop_of("3:0,0,0.5,1", 0) == (0, 0, 1, 0.5)


@pytest.mark.parametrize("text", ["4:0,0,1,1", "-1:", "x:", "1:1:", "1:x"])
def test_a_turn_that_there_is_not_is_refused(text: str) -> None:
    with pytest.raises(framing.FramingError, match="Crop the photo again"):
        framing.crop_of(text)


@pytest.mark.parametrize(
    ("percents", "crop"),
    [
        ((None, None, None, None), ALL),
        ((0.0, 0.0, 100.0, 100.0), ALL),
        ((10.0, None, None, None), (0.1, 0.0, 0.9, 1.0)),
        ((None, 25.0, 50.0, 50.0), (0.0, 0.25, 0.5, 0.5)),
        ((33.33, 0.0, 66.67, 12.5), (0.3333, 0.0, 0.6667, 0.125)),
    ],
)
def test_a_crop_in_percent(percents: framing.Percents, crop: Crop) -> None:
    assert framing.crop_of_percents(percents) == crop


@pytest.mark.parametrize(("crop", "words"), [((0, 0, 0.5, 1), "only 60 by 640"), ((0, 0, 1, 0.05), "only 120 by 32")])
def test_a_crop_that_leaves_too_little_says_how_little(crop: Crop, words: str) -> None:
    with pytest.raises(framing.FramingError, match=words):
        Framing(0, crop).checked_size(120, 640)


def test_a_crop_that_is_too_narrow_is_refused() -> None:
    with pytest.raises(framing.FramingError, match="8 times"):
        Framing(1, (0, 0, 1, 0.1)).checked_size(900, 1000)


@pytest.mark.parametrize("turn", range(4))
@pytest.mark.parametrize("crop", [ALL, (0.25, 0.5, 0.5, 0.5), (0.05, 0.05, 0.1, 0.1)])
def test_the_small_copies_show_the_framed_photo_and_nothing_else(alice: User, turn: int, crop: Crop) -> None:
    """Decoded at a fraction of their size, where that is enough: the same picture, sharp enough for its cap."""
    photo = make.picture(3000, 2000)
    photo.paste("red", (0, 0, 1500, 1000))
    chosen = Framing(turn, crop)
    name = pictures.store_framed(make.upload(alice, photo), chosen)
    copy = Image.open(default_storage.open(name + "-1280.webp")).convert("RGB")
    wanted = chosen.applied(photo)
    wanted.thumbnail((1280, 1280))
    assert max(abs(a - b) for a, b in zip(copy.size, wanted.size, strict=True)) <= 1
    difference = ImageChops.difference(copy.resize(wanted.size), wanted).resize((40, 40), Image.Resampling.BOX)
    assert max(high for _low, high in ImageStat.Stat(difference).extrema) < 60  # a pixel's shift at the red edge
    assert max(ImageStat.Stat(difference).mean) < 2
