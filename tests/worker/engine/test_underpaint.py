"""The ground under a painting: where it lies, what it is made of."""

import pytest
import torch
from PIL import Image

from tests.worker.engine.brush import SHALLOW, correlation, exact, tensor_of
from worker import engine
from worker.engine import Style
from worker.engine.colour import luminance_of
from worker.engine.images import to_picture
from worker.engine.underpaint import flatness, patch_side, quilt, underpaint

PATCH = 16


def _noise(height: int, width: int, seed: int = 0):
    dice = torch.Generator().manual_seed(seed)
    return torch.rand(1, 3, height, width, generator=dice) * 255


def _flat(height: int, width: int, level: float = 90):
    return torch.full((1, 3, height, width), float(level))


def _first(photo, styles, **settings):
    """Where a painting begins, its grain included (1, 3, H, W)."""
    protect = settings.pop("protect", None)
    step = next(iter(engine.stylise(photo, styles, exact(**SHALLOW | settings), protect=protect)))
    return step.tensor.clone()


@pytest.mark.parametrize(
    ("side", "scale", "px"), [(600, 1, 64), (600, 0.5, 32), (300, 1, 32), (1200, 1, 128), (64, 1, 16)]
)
def test_a_patch_keeps_its_share_of_the_picture(side, scale, px):
    assert patch_side(side, side // 2, scale=scale) == patch_side(side // 2, side, scale=scale) == px


def test_flatness_is_one_on_a_plane_and_falls_at_an_edge():
    plane = torch.full((1, 1, 40, 80), 50.0)
    plane[..., 40:] = 200.0
    flat = flatness(plane, window=5)
    assert torch.allclose(flat[..., :32], torch.ones(1)) and torch.allclose(flat[..., 48:], torch.ones(1))
    assert float(flat[..., 39:41].max()) < 0.25  # of the window, half is the edge


def test_a_tenth_of_the_range_is_a_third_as_flat():
    stripes = 100 + 14 * torch.where(torch.arange(80) % 2 == 0, -1.0, 1.0).expand(1, 1, 40, 80)
    assert float(flatness(stripes, window=9)[..., 20, 40]) == pytest.approx(0.37, abs=0.02)  # exp(-1)


@pytest.mark.parametrize("size", [(64, 64), (65, 97), (48, 200), (33, 17), (16, 16), (80, 10)])
@pytest.mark.parametrize("style_size", [(80, 60), (12, 40), (16, 16)])
def test_a_quilt_has_the_photos_size_and_only_the_styles_colours(size, style_size):
    style = torch.where(_noise(style_size[0], style_size[1]) > 127, 200.0, 40.0)
    made = quilt(_noise(size[0], size[1], seed=1), [style], [1.0], patch=PATCH, seed=0)
    assert made.shape == (1, 3, *size)
    assert float(made.min()) >= 40 - 1e-3 and float(made.max()) <= 200 + 1e-3


def test_a_quilt_is_light_and_dark_where_the_photo_is():
    photo, style = _flat(96, 192, 60), _noise(96, 192) / 4
    photo[..., 96:] = 110  # a darker photo than the style: it is the order that counts
    style[..., :96] += 150
    made = luminance_of(quilt(photo, [style], [1.0], patch=PATCH, seed=0))
    assert float(made[..., 112:].mean()) > float(made[..., :80].mean()) + 100


def test_patches_of_a_flat_photo_are_not_a_wallpaper():
    made = quilt(_flat(96, 192), [_noise(128, 128)], [1.0], patch=PATCH, seed=0)
    places = [(y + 4, x + 4) for y in range(0, 36, 12) for x in range(0, 96, 12)]  # where a patch is alone
    pieces = {made[0, 0, y : y + 6, x : x + 6].numpy().tobytes() for y, x in places}
    assert len(pieces) > 12  # of 24


def test_a_quilt_of_a_picture_from_itself_is_the_picture():
    picture = _noise(96, 144)
    made = quilt(picture, [picture], [1.0], patch=PATCH, seed=0)
    inner = (..., slice(12, -16), slice(12, -16))  # patches that reach beyond the edge are nowhere in the picture
    assert torch.allclose(made[inner], picture[inner], atol=1e-3)


def test_styles_give_patches_by_their_shares():
    red, blue = _flat(40, 40, 0), _flat(40, 40, 0)
    red[:, 0], blue[:, 2] = 255, 255
    made = quilt(_noise(400, 400), [red, blue], [0.25, 0.75], patch=PATCH, seed=0)
    assert float(made[:, 0].mean()) / 255 == pytest.approx(0.25, abs=0.05)
    assert float((made[:, 0] + made[:, 2]).mean()) == pytest.approx(255, abs=0.01)


def test_the_seed_lays_the_patches():
    one, same, other = (quilt(_flat(64, 64), [_noise(80, 80)], [1.0], patch=PATCH, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(one, same) and not torch.equal(one, other)


def test_detail_stays_and_flat_parts_are_covered():
    photo = _flat(96, 192)
    photo[..., 96:] = _noise(96, 96)
    made = underpaint(photo, [_noise(80, 80, seed=1)], [1.0], patch=PATCH, seed=0, amount=1.0)
    assert float((made - photo)[..., 104:].abs().mean()) < 1
    assert float((made - photo)[..., :88].abs().mean()) > 30


def test_of_no_amount_nothing_is_seen():
    photo = _flat(64, 64)
    assert torch.equal(underpaint(photo, [_noise(80, 80)], [1.0], patch=PATCH, seed=0, amount=0.0), photo)


def test_a_painting_begins_on_its_ground_the_less_the_more_of_the_photo_is_wanted(photo, painting):
    full, half, none = (
        (_first(photo, [Style(painting)], strength=one) - tensor_of(photo)).square().mean().sqrt()
        for one in (1.0, 0.5, 0.001)
    )
    assert float(none) == pytest.approx(8, rel=0.1)  # the grain alone
    assert float(none) < 0.75 * float(half) < 0.6 * float(full)


def test_only_a_start_from_the_photo_has_a_ground(photo, painting):
    begun = _first(photo, [Style(painting)], start="style")
    filling = painting.crop((0, 10, 80, 70)).resize((96, 72), Image.Resampling.LANCZOS)
    assert correlation(to_picture(begun), filling) > 0.9


def test_every_part_gets_the_ground_of_its_own_style(painting, checks):
    photo = Image.new("RGB", (96, 72), (90, 90, 90))
    left = Image.new("L", (96, 72), 0)
    left.paste(255, (0, 0, 48, 72))
    begun = _first(photo, [Style(checks, region=left), Style(painting)])
    red, blue = begun[0, 0] - 90, begun[0, 2] - 90
    assert float(red[:, :40].mean()) > 80 and float(blue[:, :40].mean()) < 0  # checks are red
    assert float(blue[:, 56:].mean()) > 60  # waves are blue


def test_what_is_protected_has_none(painting):
    photo, right = Image.new("RGB", (96, 72), (90, 90, 90)), Image.new("L", (96, 72), 0)
    right.paste(255, (48, 0, 96, 72))
    begun = _first(photo, [Style(painting)], protect=right)
    assert float((begun[..., 50:] - 90).abs().max()) < 1
    assert float((begun[..., :46] - 90).abs().mean()) > 20
