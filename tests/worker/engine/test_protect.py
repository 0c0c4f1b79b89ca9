"""What of the photo stays: under the mask it is exactly the photo, whatever the colours and the size."""

import numpy
import pytest
from PIL import Image

from tests.worker.engine.brush import SHALLOW, painted, psnr, values
from worker import engine
from worker.engine import Style, images

KEPT = (slice(0, 72), slice(0, 48))


@pytest.fixture(scope="module")
def mask() -> Image.Image:
    white = numpy.zeros((72, 96), dtype="uint8")
    white[KEPT] = 255
    return Image.fromarray(white)


@pytest.mark.parametrize("colours", ["style", "photo", "match"])
@pytest.mark.parametrize("start", ["content", "noise"])
def test_protected_pixels_are_exactly_the_photos(photo, painting, mask, colours, start):
    step = painted(photo, painting, protect=mask, colours=colours, start=start, iterations=3, **SHALLOW)
    result = values(step.picture())
    assert (result[KEPT] == values(photo)[KEPT]).all()
    assert abs(result[:, 48:] - values(photo)[:, 48:]).mean() > 5


def test_protected_pixels_are_the_resized_photos(photo, painting, mask):
    step = painted(photo.resize((150, 110)), painting, protect=mask, max_side=75, iterations=2, **SHALLOW)
    small = values(images.resized(photo.resize((150, 110)), (75, 55)))
    assert (values(step.picture())[:, :35] == small[:, :35]).all()


def test_half_protected_pixels_stay_half_way_to_the_photo(photo, painting):
    step = painted(photo, painting, protect=Image.new("L", (1, 1), 128), iterations=3, **SHALLOW)
    kept, result = 128 / 255, values(step.picture())
    assert (result >= kept * values(photo) - 0.51).all()
    assert (result <= kept * values(photo) + (1 - kept) * 255 + 0.51).all()


def test_a_black_mask_protects_nothing(photo, painting):
    black = painted(photo, painting, protect=Image.new("L", (9, 9), 0), iterations=2, **SHALLOW)
    assert psnr(black.picture(), painted(photo, painting, iterations=2, **SHALLOW).picture()) > 30


def test_a_begun_picture_cannot_paint_over_what_is_protected(photo, painting, mask):
    step = painted(photo, painting, protect=mask, start="picture", begin=painting, iterations=1, **SHALLOW)
    assert (values(step.picture())[KEPT] == values(photo)[KEPT]).all()


@pytest.mark.parametrize("colours", ["style", "photo"])
def test_in_a_print_the_enlarged_photo_stays(photo, painting, mask, colours):
    settings = engine.Settings(precision="float32", device="cpu", colours=colours, **SHALLOW)  # type: ignore[arg-type]
    print_ = list(engine.enlarge(painting, photo, [Style(painting)], settings, size=(120, 90), protect=mask))[-1]
    enlarged = values(images.resized(photo, (120, 90)))
    assert (values(print_.picture())[:, :58] == enlarged[:, :58]).all()
