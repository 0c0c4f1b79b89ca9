"""Canvases as tables: sizes, prices, pixels, crops, and what is said of a photo's sharpness."""

import math

import pytest

from billing import canvases
from billing.canvases import CANVASES, Crop, Verdict, Wish, Wrap
from stylize import tiers

BIG, PRINT_DPI = CANVASES["60x90"], 150


def test_what_is_on_offer() -> None:
    roubles = {name: canvas.prices["RUB"] // 100 for name, canvas in CANVASES.items()}
    assert roubles == {"20x30": 1800, "30x40": 2400, "40x60": 3400, "50x70": 4600, "60x90": 6500}


@pytest.mark.parametrize("currency", tiers.CURRENCIES)
def test_every_size_has_a_price_in_every_currency_and_larger_ones_cost_more(currency: str) -> None:
    prices = [canvas.prices[currency] for canvas in CANVASES.values()]
    step = tiers.CURRENCIES[currency].step_minor
    assert prices == sorted(set(prices))
    assert all(price % step == 0 and price > tiers.CURRENCIES[currency].least_charge_minor for price in prices)


@pytest.mark.parametrize(
    ("portrait", "wrap", "painted", "whole"),
    [
        (False, Wrap.MIRROR, (5315, 3543), (5893, 4121)),
        (False, Wrap.COLOUR, (5315, 3543), (5893, 4121)),
        (False, Wrap.PICTURE, (5893, 4121), (5893, 4121)),
        (True, Wrap.MIRROR, (3543, 5315), (4121, 5893)),
    ],
)
def test_a_large_canvas_in_pixels(portrait: bool, wrap: str, painted: canvases.Size, whole: canvases.Size) -> None:
    assert canvases.painted_px(BIG, portrait=portrait, wrap=wrap, dpi=PRINT_DPI) == painted
    assert canvases.whole_px(BIG, portrait=portrait, dpi=PRINT_DPI) == whole
    assert canvases.edge_px(PRINT_DPI) == 289


@pytest.mark.parametrize("canvas", CANVASES.values(), ids=str)
@pytest.mark.parametrize("portrait", [False, True])
@pytest.mark.parametrize("wrap", Wrap.values)
@pytest.mark.parametrize("picture", [(1200, 800), (800, 1200), (600, 600), (1200, 150), (64, 64)])
def test_the_largest_crop_fits_and_touches_two_sides(
    canvas: canvases.Canvas, portrait: bool, wrap: str, picture: canvases.Size
) -> None:
    crop = canvases.largest_crop(picture, canvas, portrait=portrait, wrap=wrap)
    wish = Wish(canvas.name, portrait, crop, wrap)
    assert canvases.fits(crop, picture, wish)
    assert math.isclose(max(crop.width, crop.height), 1.0)
    assert not canvases.fits(Crop(0, 0, crop.width, crop.height * 0.95), picture, wish)


@pytest.mark.parametrize(
    "crop",
    [
        Crop(-0.1, 0, 0.5, 0.5), Crop(0.6, 0, 0.5, 0.5), Crop(0, 0.6, 0.5, 0.5), Crop(0, 0, 0, 0.5),
        Crop(0, 0, 0.5, -0.5), Crop(math.nan, 0, 0.5, 0.5), Crop(0, 0, math.inf, 0.5), Crop(0, 0, 0.5, math.nan),
    ],
)  # fmt: skip
def test_a_crop_that_is_none_does_not_fit(crop: Crop) -> None:
    assert not canvases.fits(crop, (900, 600), Wish("60x90", False, crop))


@pytest.mark.parametrize(
    "wish",
    [
        Wish("60x90", False, Crop(0, 0, 1, 0.5)), Wish("60x90", True, Crop()), Wish("70x90", False, Crop()),
        Wish("60x90", False, Crop(), "torn"), Wish("60x90", False, Crop(), Wrap.COLOUR, "red"),
        Wish("60x90", False, Crop(), Wrap.COLOUR, "#FFFFFF"), Wish("60x90", False, Crop(), Wrap.PICTURE),
    ],
)  # fmt: skip
def test_a_wish_that_cannot_be_fulfilled_is_told_so(wish: Wish) -> None:
    with pytest.raises(canvases.WishError):
        canvases.check(wish, (900, 600))


def test_one_that_can_is_not() -> None:
    canvases.check(Wish("60x90", False, Crop()), (900, 600))


@pytest.mark.parametrize(
    ("photo", "verdict"),
    [(3600, Verdict.CRISP), (3599, Verdict.GOOD), (1800, Verdict.GOOD), (1799, Verdict.SOFT), (900, Verdict.SOFT),
     (899, Verdict.SMALL), (64, Verdict.SMALL)],
)  # fmt: skip
def test_how_sharp_a_photo_is_on_ninety_centimetres(photo: int, verdict: Verdict) -> None:
    found = canvases.sharpness((photo, photo * 2 // 3), Wish("60x90", False, Crop()))
    assert (found.verdict, found.is_too_small) == (verdict, verdict == Verdict.SMALL)
    assert found.words and found.adds and found.cannot_add


def test_a_crop_takes_pixels_away_and_edges_take_their_share() -> None:
    whole = canvases.sharpness((3600, 2400), Wish("60x90", False, Crop())).px_per_cm
    half = canvases.sharpness((3600, 2400), Wish("60x90", False, Crop(0.25, 0.25, 0.5, 0.5))).px_per_cm
    around = canvases.sharpness((3600, 2400), Wish("60x90", False, Crop(), Wrap.PICTURE)).px_per_cm
    assert (whole, half) == (40, 20)
    assert around == pytest.approx(3600 / (90 + 9.8))
