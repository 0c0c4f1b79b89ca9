"""The print file: what is in it, and which files it would not let through."""

import io
import time
from typing import Any

import pytest
from PIL import Image, ImageCms, ImageOps

from billing import master
from billing.canvases import Wrap
from tests.billing import canvasing

SIZE, DPI, EDGE = (700, 560), 40, 77
FRONT = (EDGE, EDGE, SIZE[0] - EDGE, SIZE[1] - EDGE)


def front() -> Image.Image:
    return canvasing.lively(SIZE[0] - 2 * EDGE, SIZE[1] - 2 * EDGE)


def file(picture: Image.Image | None = None, **options: Any) -> bytes:
    right: dict[str, Any] = {"quality": 95, "subsampling": 0, "dpi": (DPI, DPI), "icc_profile": master.srgb()}
    buffer = io.BytesIO()
    (picture or master.wrapped(front(), Wrap.MIRROR, "", EDGE)).save(buffer, "JPEG", **right | options)
    return buffer.getvalue()


def complaints(contents: bytes, liked: Image.Image | None = None) -> list[str]:
    return master.check(contents, size=SIZE, dpi=DPI, painted=FRONT, liked=liked)


def test_the_edges_mirror_the_front() -> None:
    painted = front()
    whole = master.wrapped(painted, Wrap.MIRROR, "", EDGE)
    width, height = painted.size
    assert whole.size == SIZE
    assert whole.crop(FRONT).tobytes() == painted.tobytes()
    left = ImageOps.mirror(painted.crop((0, 0, EDGE, height)))
    assert whole.crop((0, EDGE, EDGE, EDGE + height)).tobytes() == left.tobytes()
    corner = painted.crop((width - EDGE, height - EDGE, width, height)).rotate(180)
    assert whole.crop((EDGE + width, EDGE + height, *SIZE)).tobytes() == corner.tobytes()


def test_the_edges_have_one_colour() -> None:
    painted = front()
    whole = master.wrapped(painted, Wrap.COLOUR, "#102030", EDGE)
    assert (whole.size, whole.crop(FRONT).tobytes()) == (SIZE, painted.tobytes())
    for box in ((0, 0, SIZE[0], EDGE), (0, 0, EDGE, SIZE[1]), (SIZE[0] - EDGE, 0, *SIZE), (0, SIZE[1] - EDGE, *SIZE)):
        assert whole.crop(box).getcolors() == [((box[2] - box[0]) * (box[3] - box[1]), (16, 32, 48))]


def test_where_the_picture_goes_on_nothing_is_added() -> None:
    painted = front()
    assert master.wrapped(painted, Wrap.PICTURE, "", EDGE) is painted


def test_a_right_file_stands_every_check() -> None:
    made = master.encoded(master.wrapped(front(), Wrap.MIRROR, "", EDGE), DPI)
    assert complaints(made) == complaints(file()) == []
    assert complaints(master.encoded(master.wrapped(front(), Wrap.COLOUR, "#ffffff", EDGE), DPI)) == []


def test_a_profile_that_another_process_made_is_known_again() -> None:
    """Pillow writes the second into it: the web, which looks at what the house has made, would not know it."""
    contents = file()
    time.sleep(1.1)
    master.srgb.cache_clear()
    assert complaints(contents) == []
    assert "sRGB" in ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(master.srgb())))


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"subsampling": 2}, "full resolution"), ({"subsampling": 1}, "full resolution"), ({"dpi": (72, 72)}, "40 dpi"),
        ({"dpi": (0, 0)}, "40 dpi"), ({"icc_profile": b""}, "sRGB"), ({"icc_profile": b"another"}, "sRGB"),
    ],
)  # fmt: skip
def test_a_file_that_is_told_wrong_is_found(options: dict[str, Any], complaint: str) -> None:
    (found,) = complaints(file(**options))
    assert complaint in found


def test_a_file_of_another_size_or_in_grey_is_found() -> None:
    assert any("558 × 560" in found for found in complaints(file(canvasing.lively(558, 560))))
    assert any("RGB" in found for found in complaints(file(canvasing.lively(*SIZE).convert("L"))))


@pytest.mark.parametrize("kept", [0, 100, 0.5, 0.99])
def test_a_file_that_ends_early_is_found(kept: float) -> None:
    whole = file()
    cut = whole[: int(kept * len(whole)) if kept < 1 else int(kept)]
    (found,) = complaints(cut)
    assert "read to its end" in found


@pytest.mark.parametrize("at", [(EDGE, EDGE), (200, 150), (FRONT[2] - 260, FRONT[3] - 260)])
def test_a_tile_that_shows_nothing_is_found(at: tuple[int, int]) -> None:
    """Wherever it lies on the grid: the squares of the last row and column overlap those before."""
    picture = master.wrapped(front(), Wrap.MIRROR, "", EDGE)
    grid = master.tiles(FRONT[2] - EDGE, FRONT[3] - EDGE)
    on_grid = min(grid, key=lambda box: abs(box[0] + EDGE - at[0]) + abs(box[1] + EDGE - at[1]))
    left, top, right, bottom = (side + EDGE for side in on_grid)
    picture.paste((90, 90, 90), (left, top, right, bottom))
    assert f"nothing is to be seen at {left}, {top} px" in complaints(file(picture))


def test_what_was_flat_when_it_was_liked_may_be_flat() -> None:
    """The white wall of a studio that a mask protects."""
    width, height = FRONT[2] - EDGE, FRONT[3] - EDGE
    liked = canvasing.lively(width // 4, height // 4)
    liked.paste((255, 255, 255), (0, 0, width // 8, height // 4))
    painted = front()
    painted.paste((255, 255, 255), (0, 0, width // 2, height))
    contents = file(master.wrapped(painted, Wrap.MIRROR, "", EDGE))
    assert complaints(contents)
    assert complaints(contents, liked) == []


def test_the_squares_cover_everything() -> None:
    for width, height in ((100, 100), (256, 256), (257, 600), (1000, 300)):
        covered = Image.new("L", (width, height))
        for box in master.tiles(width, height):
            covered.paste(255, box)
        assert covered.getextrema() == (255, 255)
