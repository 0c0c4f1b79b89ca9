"""Colours: the style's matched to the photo's or reduced to a few, and the photo's own kept."""

import numpy
import pytest
import torch
from PIL import Image

from worker.engine import colour, images

CPU = torch.device("cpu")
BLUE, RED = (30, 60, 200), (230, 40, 30)


def _noise(*, mean, mixed, seed, size=(120, 90)) -> Image.Image:
    """Normal colours around a mean, mixed by a (3, 3) matrix: so tight that neither end of the range is met."""
    width, height = size
    values = numpy.random.default_rng(seed).normal(size=(height, width, 3)).clip(-3, 3) @ numpy.array(mixed).T + mean
    assert values.min() > 0 and values.max() < 255
    return Image.fromarray(values.round().astype("uint8"))


def _moments(image):
    pixels = numpy.asarray(image).reshape(-1, 3).astype(float)
    return pixels.mean(axis=0), numpy.cov(pixels.T)


def _colours(image) -> set[tuple[int, ...]]:
    return {tuple(pixel) for pixel in numpy.asarray(image).reshape(-1, 3).tolist()}


def _row(*colours) -> Image.Image:
    return Image.fromarray(numpy.array([colours], dtype="uint8"))


def _random(*, seed=0, size=(23, 31)) -> torch.Tensor:
    return 255 * torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(seed))


def _luminance(tensor) -> torch.Tensor:
    return (torch.tensor([0.299, 0.587, 0.114], dtype=torch.float64).view(1, 3, 1, 1) * tensor.double()).sum(1)


def _grey(values) -> torch.Tensor:
    return values.float().unsqueeze(1).expand(1, 3, *values.shape[1:])


@pytest.fixture
def style() -> Image.Image:
    return _noise(mean=(150, 110, 90), mixed=[[25, 0, 0], [10, 18, 0], [4, -8, 14]], seed=0)


@pytest.fixture
def content() -> Image.Image:
    return _noise(mean=(100, 130, 150), mixed=[[16, 2, 0], [-6, 20, 0], [8, 0, 22]], seed=1, size=(80, 100))


@pytest.fixture
def sunset() -> Image.Image:
    """A red sun of a thousandth of the area in a grainy blue sky, 161 x 121 px."""
    down, right = numpy.mgrid[0:121, 0:161]
    shade = numpy.stack([30 + down // 4, 60 + down, 140 + right // 2], axis=-1)
    sky = (shade + numpy.random.default_rng(0).normal(scale=6, size=shade.shape)).clip(0, 255)
    sky[(down - 30) ** 2 + (right - 110) ** 2 < 2.6**2] = RED
    return Image.fromarray(sky.astype("uint8"))


def test_a_matched_style_has_the_photos_mean_and_covariance(style, content):
    mean, covariance = _moments(colour.match(style, content))
    expected_mean, expected_covariance = _moments(content)
    assert mean == pytest.approx(expected_mean, abs=0.1)
    assert numpy.linalg.norm(covariance - expected_covariance) < 0.03 * numpy.linalg.norm(expected_covariance)


def test_a_style_with_the_photos_colours_is_left_alone(style):
    assert colour.match(style, style).tobytes() == style.tobytes()


def test_matching_moves_colours_no_further_than_it_must():
    style = _noise(mean=(120, 120, 120), mixed=[[26, 0, 0], [14, 12, 0], [0, -8, 16]], seed=0)
    content = _noise(mean=(140, 120, 100), mixed=[[12, -10, 0], [0, 22, -6], [18, 0, 10]], seed=1)
    before, after = (numpy.asarray(one).reshape(-1, 3).astype(float) for one in (style, colour.match(style, content)))
    linear, *_ = numpy.linalg.lstsq(before - before.mean(axis=0), after - after.mean(axis=0))  # (3, 3)
    # Of the linear maps between two covariances the shortest is the one that is symmetric and positive.
    assert linear == pytest.approx(linear.T, abs=0.01)
    assert numpy.linalg.eigvalsh(linear).min() > 0


def test_a_large_picture_is_matched_by_a_sample(content):
    style = _noise(mean=(150, 110, 90), mixed=[[25, 0, 0], [10, 18, 0], [4, -8, 14]], seed=0, size=(1100, 30))
    matched = colour.match(style, content)
    assert matched.size == (1100, 30)
    assert _moments(matched)[0] == pytest.approx(_moments(content)[0], abs=1)


def test_a_style_of_one_colour_takes_the_photos_mean(content):
    matched = colour.match(Image.new("RGB", (7, 1), RED), content)
    assert _colours(matched) == {tuple(_moments(content)[0].round())}


def test_a_grey_photo_takes_the_colour_out_of_the_style(style):
    photo = colour.grey(_noise(mean=(90, 90, 90), mixed=numpy.diag([20, 20, 20]), seed=2))
    matched = numpy.asarray(colour.match(style, photo)).astype(float)
    assert matched.std(axis=(0, 1)) == pytest.approx(numpy.asarray(photo).std(axis=(0, 1)), rel=0.1)
    assert (matched - matched.mean(axis=-1, keepdims=True)).std() < 3  # the style's was above 10


def test_a_grey_style_stays_grey_but_for_the_photos_tint(style, content):
    matched = numpy.asarray(colour.match(colour.grey(style), content)).astype(float)
    assert numpy.linalg.matrix_rank(numpy.cov(matched.reshape(-1, 3).T), tol=1) == 1


def test_the_noise_of_a_nearly_grey_style_does_not_become_loud(content):
    style = numpy.asarray(colour.grey(_noise(mean=(120, 120, 120), mixed=numpy.diag([30, 30, 30]), seed=3)))
    style = style + numpy.random.default_rng(4).integers(0, 2, style.shape, dtype="uint8")
    matched = numpy.asarray(colour.match(Image.fromarray(style), content)).astype(float)
    assert (matched - matched.mean(axis=-1, keepdims=True)).std(axis=(0, 1)).max() < 10


@pytest.mark.parametrize("colours", [2, 3, 8, 32])
@pytest.mark.parametrize("picture", ["photo", "painting", "sunset"])
def test_a_reduced_style_has_no_more_colours_than_asked_for_nor_many_fewer(request, picture, colours):
    original = request.getfixturevalue(picture)
    reduced = colour.reduce(original, colours)
    assert (reduced.mode, reduced.size) == ("RGB", original.size)
    assert colours * 3 / 4 <= len(_colours(reduced)) <= colours


def test_a_style_is_always_reduced_to_the_same_picture(sunset):
    assert colour.reduce(sunset, 8).tobytes() == colour.reduce(sunset.copy(), 8).tobytes()


@pytest.mark.parametrize("colours", [2, 3, 6])
def test_a_small_loud_colour_is_kept(sunset, colours):
    assert colour.reduce(sunset, colours).getpixel((110, 30)) == pytest.approx(RED, abs=8)


def test_red_and_green_of_the_same_strength_are_not_mixed():
    assert _colours(colour.reduce(_row((200, 40, 40), (40, 200, 40), (40, 201, 40)), 2)) == {
        (200, 40, 40),
        (40, 200, 40),
    }


def test_colours_that_look_alike_merge_before_colours_whose_numbers_are_near():
    black, brown, green, other_green = (0, 0, 0), (45, 0, 0), (0, 255, 0), (70, 255, 0)
    assert _colours(colour.reduce(_row(black, brown, green, other_green), 3)) == {black, brown, (35, 255, 0)}


def test_a_reduced_colour_is_the_mean_of_its_area():
    style = _row(BLUE, BLUE, BLUE, (BLUE[0], BLUE[1] + 16, BLUE[2]), RED)
    assert _colours(colour.reduce(style, 2)) == {RED, (BLUE[0], BLUE[1] + 4, BLUE[2])}


def test_every_pixel_takes_the_colour_that_looks_nearest():
    levels = (0, 60, 120, 180, 240)
    reduced = colour.reduce(_row(*[(level, level, level) for level in levels]), 4)
    assert len(_colours(reduced)) == 4
    for level, (red, green, blue) in zip(levels, numpy.asarray(reduced)[0].tolist(), strict=True):
        assert red == green == blue and abs(red - level) <= 30


@pytest.mark.parametrize("colours", [2, 3, 8, 32])
def test_reducing_twice_is_reducing_once(painting, colours):
    once = colour.reduce(painting, colours)
    assert colour.reduce(once, colours).tobytes() == once.tobytes()


def test_a_picture_of_so_few_colours_is_unchanged_however_alike_they_are():
    style = Image.new("RGB", (9, 5), BLUE)
    style.putpixel((3, 2), (BLUE[0] + 1, *BLUE[1:]))
    assert colour.reduce(style, 2).tobytes() == style.tobytes()


def test_colours_too_alike_to_tell_apart_become_one_without_harm():
    assert _colours(colour.reduce(_row((32, 64, 200), (33, 64, 200), (34, 64, 200)), 2)) == {(33, 64, 200)}


@pytest.mark.parametrize("size", [(1, 1), (301, 1), (1, 301), (1301, 3), (17, 13)])
def test_odd_sizes_are_reduced_matched_and_greyed(size, content):
    style = _noise(mean=(150, 110, 90), mixed=numpy.diag([25, 20, 15]), seed=5, size=size)
    for result in (colour.reduce(style, 2), colour.match(style, content), colour.like_brightness(style, content)):
        assert (result.mode, result.size) == ("RGB", size)


@pytest.mark.parametrize("mode", ["L", "P", "RGBA"])
def test_pictures_of_other_modes_come_out_as_rgb(photo, content, mode):
    other = photo.convert(mode)
    for result in (colour.reduce(other, 5), colour.match(other, content), colour.grey(other)):
        assert result.mode == "RGB"


def test_grey_is_the_luminance_in_three_channels():
    assert colour.grey(Image.new("RGB", (1, 1), (200, 100, 50))).getpixel((0, 0)) == (124, 124, 124)
    assert colour.grey(Image.new("RGB", (1, 1), (77, 77, 77))).getpixel((0, 0)) == (77, 77, 77)


def test_the_greys_of_a_style_get_the_mean_and_deviation_of_the_photos(style, content):
    photo = numpy.asarray(colour.grey(content))[..., 0]
    for one, other in ((colour.grey(style), colour.grey(content)), (style, content)):  # coloured ones are made grey
        result = numpy.asarray(colour.like_brightness(one, other))
        assert (result == result[..., :1]).all()
        assert result.mean() == pytest.approx(photo.mean(), abs=0.2)
        assert result.std() == pytest.approx(photo.std(), rel=0.02)


def test_a_flat_grey_style_takes_the_photos_mean(content):
    mean = round(float(numpy.asarray(colour.grey(content)).mean()))
    result = colour.like_brightness(Image.new("RGB", (5, 3), "white"), colour.grey(content))
    assert _colours(result) == {(mean, mean, mean)}


def test_a_flat_photo_takes_the_contrast_out_of_the_style(style):
    result = numpy.asarray(colour.like_brightness(colour.grey(style), Image.new("RGB", (4, 4), (90, 90, 90))))
    assert result.mean() == pytest.approx(90, abs=0.5)
    assert result.std() < 3.5


def test_the_luminance_is_exact_even_where_colours_had_to_fade():
    photo, painted = _random(), _random(seed=1)
    result = colour.with_colours_of(photo, painted)
    torch.testing.assert_close(_luminance(result), _luminance(painted), rtol=0, atol=1e-3)
    unfaded = painted + (photo - _grey(_luminance(photo))) - (painted - _grey(_luminance(painted)))
    assert bool((unfaded < 0).any()) and bool((unfaded > 255).any())  # else nothing had to fade


def test_the_range_is_kept_whatever_the_colours():
    corners = torch.cartesian_prod(*[torch.tensor([0.0, 255.0])] * 3).T  # (3, 8)
    photo = corners[:, :, None].expand(3, 8, 8)[None]
    painted = corners[:, None, :].expand(3, 8, 8)[None]
    result = colour.with_colours_of(photo, painted)
    assert float(result.min()) >= 0 and float(result.max()) <= 255  # false for NaN as well
    torch.testing.assert_close(_luminance(result), _luminance(painted), rtol=0, atol=1e-3)


def test_a_painting_beyond_black_and_white_becomes_black_and_white():
    painted = torch.tensor([-90.0, 400.0]).expand(1, 3, 31, 2)
    result = colour.with_colours_of(_random(size=(31, 2)), painted)
    assert torch.equal(result, painted.clamp(0, 255))


def test_a_painting_in_greys_gets_the_photos_hue():
    photo, painted = _random(), _grey(_luminance(_random(seed=1)))
    chroma = (photo - _grey(_luminance(photo)))[0].flatten(1)
    result = colour.with_colours_of(photo, painted)
    taken = (result - _grey(_luminance(result)))[0].flatten(1)
    faded = taken.norm(dim=0) / chroma.norm(dim=0)
    assert float(faded.max()) < 1.001 and float(faded.median()) > 0.5
    torch.testing.assert_close(taken, faded * chroma, rtol=0, atol=1e-2)  # shorter perhaps, but never turned


def test_colours_fade_no_more_than_they_must():
    result = colour.with_colours_of(_random(), _random(seed=1))
    chroma = (result - _grey(_luminance(result))).norm(dim=1)
    kept = (_random() - _grey(_luminance(_random()))).norm(dim=1)
    at_the_edge = (result.amin(1) < 1e-3) | (result.amax(1) > 255 - 1e-3)
    assert bool(((kept - chroma < 1e-2) | at_the_edge).all())


def test_the_photos_own_greys_bring_the_photo_back(photo):
    tensor = images.to_tensor(photo, photo.size, device=CPU)
    torch.testing.assert_close(colour.with_colours_of(tensor, _grey(_luminance(tensor))), tensor, rtol=0, atol=1e-2)


def test_a_photo_without_colours_leaves_the_paintings_luminance_alone():
    painted = _random()
    result = colour.with_colours_of(_grey(_luminance(_random(seed=1))), painted)
    torch.testing.assert_close(result, _grey(_luminance(painted)), rtol=0, atol=1e-2)
