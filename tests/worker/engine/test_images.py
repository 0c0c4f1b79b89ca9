"""The engine's doors: what a file becomes, and what a tensor becomes."""

import numpy
import pytest
import torch
from PIL import Image

from worker.engine import PictureError, images

CPU = torch.device("cpu")


def test_a_picture_survives_the_way_to_a_tensor_and_back(photo):
    tensor = images.to_tensor(photo, photo.size, device=CPU)
    assert tensor.shape == (1, 3, 72, 96)
    assert images.to_picture(tensor).tobytes() == photo.tobytes()


def test_values_outside_the_range_of_colours_are_cut_and_rounded():
    tensor = torch.tensor([-5.0, 99.6, 300.0]).view(1, 3, 1, 1)
    assert images.to_picture(tensor).getpixel((0, 0)) == (0, 100, 255)


def test_a_photo_on_its_side_is_turned_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held on its side
    Image.new("RGB", (40, 20)).save(tmp_path / "side.jpg", exif=exif)
    assert images.open_picture(tmp_path / "side.jpg").size == (20, 40)


@pytest.mark.parametrize(
    ("picture", "colour"),
    [
        (Image.new("L", (2, 2), 70), (70, 70, 70)),
        (Image.fromarray(numpy.full((2, 2), 257 * 70, dtype=numpy.uint16)), (70, 70, 70)),
        (Image.new("1", (2, 2), 1), (255, 255, 255)),
        (Image.new("RGBA", (2, 2), (200, 0, 0, 0)), (255, 255, 255)),
        (Image.new("LA", (2, 2), (0, 255)), (0, 0, 0)),
    ],
)
def test_every_kind_of_picture_becomes_rgb(tmp_path, picture, colour):
    picture.save(tmp_path / "any.png")
    opened = images.open_picture(tmp_path / "any.png")
    assert (opened.mode, opened.getpixel((0, 0))) == ("RGB", colour)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(PictureError, match=r"gone\.jpg: no such file"):
        images.open_picture(tmp_path / "gone.jpg")


def test_a_file_that_is_no_picture_is_named(tmp_path):
    (tmp_path / "letter.jpg").write_text("Dear sir")
    with pytest.raises(PictureError, match=r"letter\.jpg: not a picture"):
        images.open_picture(tmp_path / "letter.jpg")


def test_a_truncated_picture_is_refused(tmp_path, photo):
    photo.save(tmp_path / "half.jpg")
    whole = (tmp_path / "half.jpg").read_bytes()
    (tmp_path / "half.jpg").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(PictureError, match=r"half\.jpg"):
        images.open_picture(tmp_path / "half.jpg")


@pytest.mark.parametrize(
    ("tensor", "flat"),
    [
        (torch.full((1, 3, 8, 8), 100.0), True),
        (torch.full((1, 3, 8, 8), float("nan")), True),
        (torch.linspace(0, 255, 192).view(1, 3, 8, 8), False),
    ],
)
def test_a_flat_picture_is_known(tensor, flat):
    assert images.is_flat(tensor) is flat


def test_mere_grain_is_flat_and_forms_are_not():
    grain = 128 + 10 * torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    assert images.is_flat(grain)
    grain[..., 32:] += 8
    assert not images.is_flat(grain)


@pytest.mark.parametrize("mode", ["L", "1", "RGB", "RGBA", "P"])
def test_a_mask_is_grey_from_nothing_to_one(mode):
    mask = images.to_mask(Image.new("L", (3, 2), 255).convert(mode), (9, 4), device=CPU)
    assert mask.shape == (1, 1, 4, 9)
    assert mask.dtype == torch.float32
    assert bool((mask == 1).all())


def test_a_mask_is_stretched_and_its_greys_stay():
    half = Image.new("L", (2, 1), 51)
    half.putpixel((1, 0), 255)
    mask = images.to_mask(half, (40, 10), device=CPU)
    assert float(mask[..., 0].mean()) == pytest.approx(0.2)
    assert float(mask[..., -1].mean()) == 1.0


def test_a_picture_of_the_right_size_is_not_resampled(photo):
    assert images.resized(photo, photo.size).tobytes() == photo.tobytes()
    assert images.resized(photo.convert("L"), (10, 7)).mode == "RGB"
