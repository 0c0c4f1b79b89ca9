"""The method explains itself: a texture has the style's statistics, a reconstruction what layers know of a photo."""

import pytest
import torch
from PIL import Image

from tests.worker.engine.brush import SHALLOW, correlation, distance, exact, psnr, statistics_of, tensor_of, values
from worker import engine
from worker.engine import SettingsError, Step, Style, colour


def _last(steps) -> Step:
    return list(steps)[-1]


@pytest.fixture(scope="module")
def texture(painting) -> list[tuple[Step, torch.Tensor, float]]:
    run = engine.texture([Style(painting)], exact(iterations=25, **SHALLOW), size=(90, 70))
    return [(step, step.tensor.clone(), step.loss) for step in run]


def _reconstruction(photo, layer: str) -> Image.Image:
    settings = exact(iterations=40, content_layers={layer: 1.0}, smoothness=0)
    return _last(engine.reconstruct(photo, settings)).picture()


@pytest.fixture(scope="module")
def reconstructions(photo) -> dict[str, Image.Image]:
    return {layer: _reconstruction(photo, layer) for layer in ("conv1_1", "conv4_2")}


def test_a_texture_has_the_size_asked_for(texture):
    last = texture[-1][0]
    assert last.picture().size == (90, 70)
    assert (last.iteration, last.fraction) == (25, 1.0)


def test_a_textures_statistics_approach_the_styles(texture, painting):
    settings = exact(**SHALLOW)
    side = round((90 * 70) ** 0.5)  # as many pixels as the texture
    wanted = statistics_of(tensor_of(painting, (side, side)), settings)
    first, last = (distance(statistics_of(tensor, settings), wanted) for _, tensor, _ in (texture[0], texture[-1]))
    assert last < 0.3 * first
    assert last < 0.3


def test_a_texture_begins_with_noise_and_its_loss_falls(texture):
    assert float(texture[0][1].std()) == pytest.approx(40, rel=0.05)
    assert texture[-1][2] < 0.05 * texture[0][2]


def test_two_styles_make_one_texture(painting, checks):
    def result(*weights: float) -> bytes:
        styles = [Style(image, weight) for image, weight in zip((painting, checks), weights, strict=True)]
        return _last(engine.texture(styles, exact(iterations=1, **SHALLOW), size=(64, 64))).picture().tobytes()

    assert len({result(1, 1), result(1, 0), result(0, 1)}) == 3


@pytest.mark.parametrize("start", ["content", "style", "picture"])
@pytest.mark.parametrize("colours", ["photo", "match", "palette"])
def test_settings_that_need_a_photo_do_no_harm_to_a_texture(painting, start, colours):
    settings = exact(iterations=1, start=start, colours=colours, **SHALLOW)
    assert _last(engine.texture([Style(painting)], settings, size=(48, 48))).loss > 0


def test_the_first_layer_knows_nearly_all_of_a_photo(reconstructions, photo):
    assert psnr(reconstructions["conv1_1"], photo) > 21
    assert correlation(reconstructions["conv1_1"], photo) > 0.85


def test_a_deep_layer_knows_less_but_the_forms(reconstructions, photo):
    deep = reconstructions["conv4_2"]
    assert psnr(deep, photo) < psnr(reconstructions["conv1_1"], photo) - 6
    assert correlation(deep, photo) > 0.3


def test_a_reconstruction_fits_the_longest_side(photo):
    settings = exact(iterations=1, max_side=64, content_layers={"conv2_1": 1.0})
    assert _last(engine.reconstruct(photo, settings)).picture().size == (64, 48)


def test_a_reconstruction_may_have_the_photos_colours(photo):
    muted = Image.blend(photo, Image.new("RGB", photo.size, (110, 120, 130)), 0.7)
    settings = exact(iterations=25, colours="photo", content_layers={"conv1_1": 1.0})
    result = _last(engine.reconstruct(muted, settings)).picture()
    chroma = [values(one) - values(colour.grey(one)) for one in (result, muted)]
    assert abs(chroma[0] - chroma[1]).mean() < 2


def test_what_a_pulse_raises_comes_out(photo, painting):
    class Stop(Exception):
        pass

    def pulse() -> None:
        raise Stop

    with pytest.raises(Stop):
        list(engine.texture([Style(painting)], exact(iterations=1), size=(64, 64), pulse=pulse))
    with pytest.raises(Stop):
        list(engine.reconstruct(photo, exact(iterations=1), pulse=pulse))


def test_a_size_too_narrow_is_refused_at_once(photo, painting):
    with pytest.raises(SettingsError, match="64 x 15 px is too narrow"):
        engine.texture([Style(painting)], exact(), size=(64, 15))
    with pytest.raises(SettingsError, match="64 x 1 px is too narrow"):
        engine.reconstruct(photo.resize((64, 1)), exact())
