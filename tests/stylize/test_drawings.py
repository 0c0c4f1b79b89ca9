"""The sample styles are what they promise: the same every time, rich, colourful and unlike each other."""

import itertools

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from stylize.samples import drawings, photos

Numbers = npt.NDArray[np.floating]
SLUGS = [drawing.slug for drawing in drawings.DRAWINGS]


@pytest.fixture(scope="module")
def drawn() -> dict[str, Image.Image]:
    return {slug: drawings.draw(slug) for slug in SLUGS}


def _pixels(image: Image.Image, side: int | None = None) -> Numbers:
    return np.asarray(image.resize((side, side)) if side else image, np.float32) / 255


def _colourfulness(image: Image.Image) -> float:
    """Hasler and Süsstrunk, 2003; on a scale of 0..1 a postcard has 0.2, a grey picture 0."""
    red, green, blue = np.moveaxis(_pixels(image), -1, 0)
    opponents = np.stack([red - green, (red + green) / 2 - blue])
    return float(np.linalg.norm(opponents.std(axis=(1, 2))) + 0.3 * np.linalg.norm(opponents.mean(axis=(1, 2))))


def _contrast(image: Image.Image, scale: int) -> float:
    """How much neighbours `scale` px apart differ in the picture averaged to that scale."""
    grey = _pixels(image.convert("L").reduce(scale))
    return float(np.abs(np.diff(grey, axis=0)).mean() + np.abs(np.diff(grey, axis=1)).mean())


def _features(image: Image.Image) -> Numbers:
    """A small fingerprint of a style: how often each of 64 colours occurs, and the contrast at four scales."""
    bins = (_pixels(image, 128) * 3.999).astype(int) @ [16, 4, 1]
    palette = np.bincount(bins.ravel(), minlength=64) / bins.size
    return np.concatenate([palette, [_contrast(image, scale) for scale in (1, 2, 4, 8)]])


def test_there_are_twelve_drawings_with_their_own_slugs_and_titles() -> None:
    assert len(SLUGS) == len(set(SLUGS)) == 12
    assert len({str(drawing.title) for drawing in drawings.DRAWINGS}) == 12


def test_an_unknown_drawing_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        drawings.draw("nothing")


@pytest.mark.parametrize("slug", ["golden-tree", "river-in-dots", "watercolour-poppies"])
def test_a_drawing_is_the_same_every_time(drawn: dict[str, Image.Image], slug: str) -> None:
    assert drawings.draw(slug).tobytes() == drawn[slug].tobytes()


def test_drawings_are_rgb_and_of_a_useful_size(drawn: dict[str, Image.Image]) -> None:
    for slug, image in drawn.items():
        assert image.mode == "RGB", slug
        assert min(image.size) >= 512, slug
        assert max(image.size) <= 768, slug


def test_drawings_are_colourful(drawn: dict[str, Image.Image]) -> None:
    dull = {slug: value for slug, image in drawn.items() if (value := _colourfulness(image)) < 0.15}
    assert set(dull) <= {"ink-mountains"}, dull  # ink on paper, and one red sun
    assert all(value > 0.05 for value in dull.values()), dull


def test_drawings_have_texture_at_every_scale(drawn: dict[str, Image.Image]) -> None:
    for slug, image in drawn.items():
        for scale in (1, 2, 4, 8):
            assert _contrast(image, scale) > 0.02, (slug, scale)


def test_no_two_drawings_look_alike(drawn: dict[str, Image.Image]) -> None:
    features = {slug: _features(image) for slug, image in drawn.items()}
    for one, other in itertools.combinations(SLUGS, 2):
        assert np.abs(features[one] - features[other]).sum() > 0.6, (one, other)


def test_every_photograph_is_there_and_credited() -> None:
    pytest.importorskip("skimage")
    for photo in photos.PHOTOS:
        image = photos.open_photo(photo.slug)
        assert image.mode == "RGB", photo.slug
        assert min(image.size) >= 300, photo.slug
        assert "CC0" in photo.credit or "public domain" in photo.credit


def test_without_scikit_image_the_photographs_say_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(photos.PhotosMissing, match=r"ostagram\[samples\]"):
        photos.PHOTOS[0].path()


def test_the_gallery_uses_each_style_once_and_no_photograph_too_often() -> None:
    used = [pair.photo for pair in photos.PAIRS]
    assert sorted(pair.style for pair in photos.PAIRS) == sorted(SLUGS)
    assert set(used) == {photo.slug for photo in photos.PHOTOS}
    assert max(used.count(slug) for slug in used) <= 3
    assert all(one != other for one, other in itertools.pairwise(used))
