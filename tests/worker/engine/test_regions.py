"""Where each style goes: masks share the picture out, and each part follows its own style."""

import numpy
import pytest
import torch
from PIL import Image

from tests.worker.engine.brush import CPU, SHALLOW, distance, exact, nothing, paint, painted, statistics_of
from worker.engine import SettingsError, Step, Style, tiles
from worker.engine.easel import Easel
from worker.engine.regions import Region
from worker.engine.schedule import Level
from worker.engine.statistics import KINDS

LEVEL = Level(96, 72, 1)


def _half(*, left: bool) -> Image.Image:
    mask = numpy.zeros((72, 96), dtype="uint8")
    mask[:, :48] = 255
    return Image.fromarray(mask if left else 255 - mask)


def _even(grey: int, size: tuple[int, int] = (7, 5)) -> Image.Image:
    return Image.new("L", size, grey)


def _masks(photo, *styles: Style, protect: Image.Image | None = None) -> list[torch.Tensor | None]:
    surface = Easel(photo, styles, exact(**SHALLOW), largest=LEVEL, protect=protect, pulse=nothing)
    return [region.mask for region in surface.objective(LEVEL, surface.photo(LEVEL)).regions]


@pytest.fixture(scope="module")
def halves(photo, painting, checks) -> Step:
    """Waves on the left, squares on the right."""
    styles = [Style(painting, 1.0, _half(left=True)), Style(checks, 1.0, _half(left=False))]
    return painted(photo, styles, iterations=12, **SHALLOW)


@pytest.mark.parametrize(("left", "own", "other"), [(True, "painting", "checks"), (False, "checks", "painting")])
def test_each_half_follows_its_own_style(halves, request, left, own, other):
    part = halves.tensor[..., :40] if left else halves.tensor[..., 56:]  # strokes cross the border
    found, settings = statistics_of(part.contiguous(), exact(**SHALLOW)), exact(**SHALLOW)
    own, other = (
        statistics_of(
            torch.from_numpy(numpy.array(request.getfixturevalue(name))).permute(2, 0, 1)[None].float(), settings
        )
        for name in (own, other)
    )
    assert distance(found, own) < 0.5 * distance(found, other)


def test_without_masks_nothing_is_masked(photo, painting, checks):
    assert _masks(photo, Style(painting), Style(checks)) == [None]


def test_a_style_without_a_mask_gets_what_the_masks_leave(photo, painting, checks):
    one, rest = _masks(photo, Style(painting, 1.0, _half(left=True)), Style(checks))
    assert one is not None and rest is not None
    assert torch.equal(rest, 1 - one)
    assert bool((one[..., :48] == 1).all()) and not one[..., 48:].any()


def test_masks_that_overlap_share(photo, painting, checks):
    one, two = _masks(photo, Style(painting, 1.0, _even(255)), Style(checks, 1.0, _half(left=True)))
    assert one is not None and two is not None
    assert float(one[..., :48].mean()) == float(two[..., :48].mean()) == 0.5
    assert bool((one[..., 48:] == 1).all()) and not two[..., 48:].any()


def test_grey_masks_leave_room_for_each_other(photo, painting, checks):
    one, two = _masks(photo, Style(painting, 1.0, _even(51)), Style(checks, 1.0, _even(102)))
    assert one is not None and two is not None
    assert float(one.mean()) == pytest.approx(0.2)
    assert float(two.mean()) == pytest.approx(0.4)


def test_what_is_protected_belongs_to_no_style(photo, painting, checks):
    styles = Style(painting, 1.0, _half(left=True)), Style(checks)
    for mask in _masks(photo, *styles, protect=_half(left=False)):
        assert mask is not None and not mask[..., 48:].any()


def test_a_style_whose_mask_is_black_is_left_out(photo, painting, checks):
    masks = _masks(photo, Style(painting, 1.0, _even(0)), Style(checks))
    assert len(masks) == 1
    assert masks[0] is not None and bool((masks[0] == 1).all())


@pytest.mark.parametrize(
    ("region", "protect"), [(_even(0), None), (None, _even(255)), (_half(left=True), _half(left=True))]
)
def test_masks_that_leave_nothing_are_refused(photo, painting, region, protect):
    with pytest.raises(SettingsError, match="leave nothing of the photo to paint"):
        paint(photo, [Style(painting, 1.0, region)], protect=protect, **SHALLOW)


@pytest.mark.parametrize("first_row", [65, 70])
def test_a_region_too_low_or_narrow_for_the_deepest_layers_is_painted(photo, painting, checks, first_row):
    mask = numpy.zeros((79, 96), dtype="uint8")
    mask[first_row:] = 255  # of the rows beyond the 64th the fourth pooling leaves none
    styles = [Style(painting), Style(checks, 1.0, Image.fromarray(mask))]
    step = painted(photo.resize((96, 79)), styles, iterations=1)
    assert bool(step.tensor.isfinite().all())


@pytest.mark.parametrize("side", [4, 12])
def test_a_small_spot_may_have_a_style_of_its_own(photo, painting, checks, side):
    mask = numpy.zeros((72, 96), dtype="uint8")
    mask[30 : 30 + side, 40 : 40 + side] = 255
    assert painted(photo, [Style(painting), Style(checks, 1.0, Image.fromarray(mask))], iterations=1).loss > 0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("layer", ["conv1_1", "conv3_1", "conv5_1"])
def test_a_regions_rows_and_count_are_those_of_the_halved_mask(kind, layer):
    mask = torch.rand(1, 1, 72, 99, generator=torch.Generator().manual_seed(1))
    region, stride = Region({}, mask), tiles.stride(layer)
    rows = region.rows(layer, tiles.Box(0, 72, 0, 99))
    assert rows is not None and rows.shape == ((72 // stride) * (99 // stride), 1)
    torch.testing.assert_close(rows[0, 0], mask[0, 0, :stride, :stride].mean())
    count = region.count(layer, KINDS[kind], height=72, width=99)
    assert float(count) == pytest.approx(float(KINDS[kind].count(rows)))
    assert float(region.share) == pytest.approx(float(mask.square().mean()))


def test_a_region_without_a_mask_is_the_whole_picture():
    region = Region({})
    assert region.rows("conv1_1", tiles.Box(0, 8, 0, 8)) is None
    assert region.count("conv4_1", KINDS["gram"], height=79, width=96) == 9 * 12
    assert region.share == 1.0


def test_a_mask_is_stretched_over_the_photo(photo, painting):
    wide = Image.new("L", (200, 20), 0)
    wide.paste(255, (0, 0, 100, 20))
    (mask,) = _masks(photo, Style(painting, 1.0, wide.convert("RGB")))
    assert mask is not None and mask.device == CPU
    assert float(mask[..., :44].min()) == 1.0 and float(mask[..., 52:].max()) == 0.0
