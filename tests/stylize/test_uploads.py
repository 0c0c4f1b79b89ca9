"""What is taken, what is refused and how; every kind of picture keeps its colours and comes out upright."""

import io
import json
import logging
import os
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from PIL import ExifTags, Image, ImageChops, JpegImagePlugin

from stylize import uploads
from tests.stylize import bad_pictures as bad

ROOT = Path(__file__).resolve().parents[2]
MAX_MIB = 300  # above the idle process, for a bad file
MAX_S = 2.0

Pixel = tuple[int, int, int]
WHITE: Pixel = (255, 255, 255)
RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def read(data: bytes) -> Image.Image:
    return uploads.read(io.BytesIO(data), size=len(data))


def refused(data: bytes) -> uploads.UploadError:
    with pytest.raises(uploads.UploadError) as caught:
        read(data)
    return caught.value


def stored(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    uploads.write(picture, buffer)
    return buffer.getvalue()


def near(pixel: Any, wanted: Pixel, within: int) -> bool:
    return all(abs(a - b) <= within for a, b in zip(pixel, wanted, strict=True))


def flat(mode: str, colour: Any) -> Image.Image:
    return Image.new(mode, (64, 64), colour)


def row(*samples: int, depth: int = 8) -> bytes:
    """A raw PNG row of 64 pixels, all with these samples."""
    return b"\0" + struct.pack(f">{len(samples)}{'H' if depth == 16 else 'B'}", *samples) * 64


# Every kind of bad file, in a process of its own


MEASURE = """
import json, logging, os, resource, sys, time
import django
django.setup()
logging.disable(logging.CRITICAL)
from stylize import uploads

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

def outcome(path):
    try:
        with open(path, "rb") as file:
            return "taken", f"{uploads.read(file, size=os.path.getsize(path)).size}"
    except uploads.UploadError as error:
        return error.code, str(error)
    except BaseException as error:
        return "crash", repr(error)

for path in sys.argv[1:]:
    if os.fork() == 0:
        idle, start = peak(), time.perf_counter()
        code, message = outcome(path)
        seconds = time.perf_counter() - start
        print(json.dumps([os.path.basename(path), code, message, seconds, peak() - idle]), flush=True)
        os._exit(0)
    os.wait()
"""


def good_50_mpx() -> bytes:
    return bad.saved(Image.new("RGB", (8000, 6250), "teal"), "JPEG")


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, str, float, float]]:
    """Name of a file → code, message, seconds and MiB it cost; each is read in a fresh fork."""
    folder = tmp_path_factory.mktemp("pictures")
    for name, make in {**bad.kinds(), **bad.odd(), "good_50_mpx": good_50_mpx}.items():
        (folder / name).write_bytes(make())
    command = [sys.executable, "-W", "ignore", "-c", MEASURE, *map(str, folder.iterdir())]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    return {name: (code, message, seconds, mib) for name, code, message, seconds, mib in lines}


@pytest.mark.parametrize("name", bad.kinds())
def test_a_bad_file_is_refused_with_words_and_at_little_cost(name: str, measured: dict[str, Any]) -> None:
    code, message, seconds, mib = measured[name]
    assert code not in ("taken", "crash"), message
    assert "Choose" in message or "try again" in message  # what to do next
    assert mib < MAX_MIB
    assert seconds < MAX_S


@pytest.mark.parametrize("name", bad.odd())
def test_an_odd_file_with_a_whole_picture_is_taken_at_little_cost(name: str, measured: dict[str, Any]) -> None:
    code, message, seconds, mib = measured[name]
    assert code == "taken", message
    assert mib < MAX_MIB
    assert seconds < MAX_S


def test_a_photo_of_fifty_megapixels_is_held_once(measured: dict[str, Any]) -> None:
    code, message, _seconds, mib = measured["good_50_mpx"]
    assert code == "taken", message
    assert mib < 250  # 8000 x 6250 x 4 bytes are 191 MiB


def test_there_are_more_than_thirty_kinds_of_bad_file() -> None:
    assert len(bad.kinds()) > 30


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("empty", "empty"),
        ("html", "unknown_format"),
        ("gif", "unknown_format"),
        ("eps", "unknown_format"),
        ("side_63", "side_too_small"),
        ("side_12001", "side_too_big"),
        ("aspect_9_to_1", "too_long"),
        ("pixels_50_million_and_some", "too_many_pixels"),
        ("jpeg_claims_65500", "too_many_pixels"),
        ("png_bomb_13000", "side_too_big"),
        ("jpeg_26_mb", "too_many_bytes"),
        ("jpeg_cut_in_half", "unreadable"),
        ("heic_bomb", "unreadable"),
    ],
)
def test_each_reason_has_its_code(name: str, code: str, measured: dict[str, Any]) -> None:
    assert measured[name][0] == code


def test_a_size_is_refused_with_its_numbers() -> None:
    error = refused(bad.saved(bad.photo((900, 100)), "PNG"))
    assert all(number in str(error) for number in ("900", "100", "8"))


def test_an_undecodable_file_leaves_a_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    refused(bad.cut(bad.jpeg(), 0.5))
    assert "upload refused, JPEG of" in caplog.text


@pytest.mark.parametrize(
    "error",
    [SyntaxError, IndexError, NotImplementedError, struct.error, ValueError, OSError, MemoryError, EOFError],
)
def test_whatever_a_decoder_raises_is_one_clear_error(error: type[Exception], monkeypatch: Any) -> None:
    def fail(*_args: Any) -> None:
        raise error("no")

    monkeypatch.setattr(JpegImagePlugin.JpegImageFile, "load", fail)
    assert refused(bad.jpeg()).code == "unreadable"


@pytest.mark.parametrize("error", [Image.DecompressionBombError, Image.DecompressionBombWarning])
def test_pillows_own_bomb_alarm_says_too_many_pixels(error: type[Exception], monkeypatch: Any) -> None:
    def fail(*_args: Any, **_kwargs: Any) -> None:
        raise error("no")

    monkeypatch.setattr(Image, "open", fail)
    assert refused(bad.jpeg()).code == "too_many_pixels"


def test_a_file_that_says_it_is_too_big_is_not_even_read() -> None:
    class Unread(io.BytesIO):
        def read(self, _size: int | None = -1) -> bytes:
            raise AssertionError("read")

    with pytest.raises(uploads.UploadError, match="25 MB"):
        uploads.read(Unread(), size=uploads.MAX_BYTES + 1)


@pytest.mark.parametrize("claimed", [None, 10])
def test_a_file_that_hides_its_size_is_too_big_all_the_same(claimed: int | None) -> None:
    with pytest.raises(uploads.UploadError, match="25 MB"):
        uploads.read(io.BytesIO(bytes(uploads.MAX_BYTES + 1)), size=claimed)


@pytest.mark.parametrize("size", [(64, 64), (512, 64), (64, 512), (12_000, 1500)])
def test_a_picture_at_the_limits_is_taken(size: tuple[int, int]) -> None:
    assert read(bad.grey_png(*size)).size == size


@pytest.mark.parametrize(
    ("width", "height", "max_side", "fits"),
    [
        (800, 600, 512, True),
        (512, 64, 512, True),  # already small enough: nothing is scaled
        (64, 64, 512, True),
        (1024, 128, 512, True),
        (1024, 126, 512, False),
        (126, 1024, 512, False),
        (12_000, 1500, 400, False),
        (12_000, 1500, 1024, True),
    ],
)
def test_the_short_side_must_stay_paintable(width: int, height: int, max_side: int, fits: bool) -> None:
    if fits:
        uploads.check_fits(width, height, max_side)
        return
    with pytest.raises(uploads.UploadError, match=str(max_side)) as caught:
        uploads.check_fits(width, height, max_side)
    assert caught.value.code == "will_not_fit"
    assert f"{width} by {height}" in str(caught.value)


# Golden pixels


PALETTE = bad.chunk(b"PLTE", bytes([255, 0, 0, 0, 0, 255]))
COLOURS: dict[str, tuple[bytes, Pixel]] = {
    "1-bit black": (bad.png(64, 64, 1, 0, b"\0" + bytes(8)), (0, 0, 0)),
    "1-bit white": (bad.png(64, 64, 1, 0, b"\0" + b"\xff" * 8), WHITE),
    "2-bit grey": (bad.png(64, 64, 2, 0, b"\0" + b"\x55" * 16), (85, 85, 85)),
    "grey": (bad.png(64, 64, 8, 0, row(77)), (77, 77, 77)),
    "grey, transparent": (bad.png(64, 64, 8, 0, row(77), bad.chunk(b"tRNS", b"\0\x4d")), WHITE),
    "16-bit grey, dark": (bad.png(64, 64, 16, 0, row(257 * 3, depth=16)), (3, 3, 3)),
    "16-bit grey, middle": (bad.png(64, 64, 16, 0, row(0x8080, depth=16)), (128, 128, 128)),
    "16-bit grey, white": (bad.png(64, 64, 16, 0, row(65_535, depth=16)), WHITE),
    "16-bit grey, transparent": (
        bad.png(64, 64, 16, 0, row(0x1234, depth=16), bad.chunk(b"tRNS", b"\x12\x34")),
        WHITE,
    ),
    "grey and alpha": (bad.png(64, 64, 8, 4, row(0, 51)), (204, 204, 204)),
    "16-bit grey and alpha": (bad.png(64, 64, 16, 4, row(0, 51 * 257, depth=16)), (204, 204, 204)),
    "palette": (bad.png(64, 64, 8, 3, row(1), PALETTE), BLUE),
    "palette, one transparent": (
        bad.png(64, 64, 8, 3, row(1), PALETTE, bad.chunk(b"tRNS", b"\xff\0")),
        WHITE,
    ),
    "palette, half transparent": (
        bad.png(64, 64, 8, 3, row(0), PALETTE, bad.chunk(b"tRNS", bytes([51, 9]))),
        (255, 204, 204),
    ),
    "RGB": (bad.png(64, 64, 8, 2, row(1, 2, 3)), (1, 2, 3)),
    "RGB, transparent": (bad.png(64, 64, 8, 2, row(1, 2, 3), bad.chunk(b"tRNS", b"\0\1\0\2\0\3")), WHITE),
    "16-bit RGB": (bad.png(64, 64, 16, 2, row(257, 0x8080, 65_535, depth=16)), (1, 128, 255)),
    "16-bit RGB, transparent": (
        bad.png(64, 64, 16, 2, row(0x1234, 0, 65_535, depth=16), bad.chunk(b"tRNS", b"\x12\x34\0\0\xff\xff")),
        WHITE,
    ),
    "RGBA": (bad.png(64, 64, 8, 6, row(255, 0, 0, 51)), (255, 204, 204)),
    "RGBA, invisible": (bad.png(64, 64, 8, 6, row(9, 9, 9, 0)), WHITE),
    "16-bit RGBA": (bad.png(64, 64, 16, 6, row(65_535, 0, 0, 51 * 257, depth=16)), (255, 204, 204)),
    "WebP": (bad.saved(flat("RGB", (9, 99, 199)), "WEBP", lossless=True), (9, 99, 199)),
    "WebP with alpha": (bad.saved(flat("RGBA", (255, 0, 0, 51)), "WEBP", lossless=True), (255, 204, 204)),
}


@pytest.mark.parametrize(("data", "wanted"), COLOURS.values(), ids=COLOURS.keys())
def test_a_lossless_picture_keeps_its_colour_on_white(data: bytes, wanted: Pixel) -> None:
    picture = read(data)
    assert picture.mode == "RGB"
    assert picture.getcolors() == [(64 * 64, wanted)]


LOSSY: dict[str, tuple[bytes, Pixel]] = {
    "JPEG": (bad.saved(flat("RGB", (200, 100, 50)), "JPEG", quality=95), (200, 100, 50)),
    "grey JPEG": (bad.saved(flat("L", 77), "JPEG", quality=95), (77, 77, 77)),
    "CMYK JPEG, as Adobe inverts it": (
        bad.saved(flat("CMYK", (0, 255, 255, 0)), "JPEG", quality=95),
        RED,
    ),
    "CMYK JPEG, with black": (bad.saved(flat("CMYK", (0, 0, 0, 155)), "JPEG", quality=95), (100, 100, 100)),
    "AVIF": (bad.saved(flat("RGB", (200, 100, 50)), "AVIF", quality=95), (200, 100, 50)),
    "AVIF with alpha": (bad.saved(flat("RGBA", (255, 0, 0, 51)), "AVIF", quality=95), (255, 204, 204)),
    "HEIC": (bad.HEIC, RED),
    "HEIC of the brand mif1": (bad.HEIC[:8] + b"mif1" + bad.HEIC[12:], RED),
}


@pytest.mark.parametrize(("data", "wanted"), LOSSY.values(), ids=LOSSY.keys())
def test_a_lossy_picture_keeps_its_colour_nearly(data: bytes, wanted: Pixel) -> None:
    picture = read(data)
    assert picture.mode == "RGB"
    assert near(picture.getpixel((5, 5)), wanted, 3)


def test_rows_beyond_the_first_strip_are_converted_too() -> None:
    tall = Image.linear_gradient("L").resize((600, uploads.STRIP * 2 + 17))
    assert ImageChops.difference(read(bad.saved(tall.convert("LA"), "PNG")), tall.convert("RGB")).getbbox() is None


# Colour profiles


def fixed(*values: float) -> bytes:
    return struct.pack(f">{len(values)}i", *(round(value * 65_536) for value in values))


def profile(space: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    """A small ICC profile, version 2."""
    table, body, at = b"", b"", 132 + 12 * len(tags)
    for name, tag in tags.items():
        table += struct.pack(">4sII", name, at + len(body), len(tag))
        body += tag
    head = struct.pack(">I4sI4s4s4s", at + len(body), b"test", 0x02400000, b"mntr", space, connection)
    head += bytes(12) + b"acsp" + bytes(28) + fixed(0.9642, 1.0, 0.8249) + bytes(48)
    return head + struct.pack(">I", len(tags)) + table + body


def curve(gamma: float) -> bytes:
    return b"curv" + struct.pack(">IIHH", 0, 1, round(gamma * 256), 0)


RED_XYZ, GREEN_XYZ, BLUE_XYZ = (
    b"XYZ \0\0\0\0" + fixed(*xyz)
    for xyz in ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7139))
)
CURVES = {b"rTRC": curve(2.2), b"gTRC": curve(2.2), b"bTRC": curve(2.2)}
SWAPPED = profile(b"RGB ", b"XYZ ", {b"rXYZ": BLUE_XYZ, b"gXYZ": GREEN_XYZ, b"bXYZ": RED_XYZ, **CURVES})
LINEAR_GREY = profile(b"GRAY", b"XYZ ", {b"kTRC": curve(1.0)})
RAMP = bytes(range(256))
INK_BY_BLACK = bytes([255, 128, 128, 0, 128, 128]) * 8  # Lab of every ink at nothing and full: only black darkens
LUT = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + fixed(1, 0, 0, 0, 1, 0, 0, 0, 1) + RAMP * 4 + INK_BY_BLACK + RAMP * 3
ONLY_BLACK_INK = profile(b"CMYK", b"Lab ", {b"A2B0": LUT})


PROFILED: dict[str, tuple[bytes, Pixel]] = {
    "RGB": (bad.saved(flat("RGB", RED), "PNG", icc_profile=SWAPPED), BLUE),
    "RGB in a JPEG": (bad.saved(flat("RGB", RED), "JPEG", quality=95, icc_profile=SWAPPED), BLUE),
    "RGB in a WebP": (bad.saved(flat("RGB", RED), "WEBP", lossless=True, icc_profile=SWAPPED), BLUE),
    "RGB in an AVIF": (bad.saved(flat("RGB", RED), "AVIF", quality=95, icc_profile=SWAPPED), BLUE),
    "RGBA": (bad.saved(flat("RGBA", (255, 0, 0, 51)), "PNG", icc_profile=SWAPPED), (204, 204, 255)),
    "palette": (bad.saved(flat("RGB", RED).quantize(2), "PNG", icc_profile=SWAPPED), BLUE),
    "grey": (bad.saved(flat("L", 128), "JPEG", quality=95, icc_profile=LINEAR_GREY), (188, 188, 188)),
    "16-bit grey": (bad.saved(flat("I;16", 0x8080), "PNG", icc_profile=LINEAR_GREY), (188, 188, 188)),
    "grey under an RGB profile": (bad.saved(flat("L", 128), "PNG", icc_profile=SWAPPED), (129, 129, 129)),
    "CMYK": (bad.saved(flat("CMYK", (0, 255, 255, 0)), "JPEG", icc_profile=ONLY_BLACK_INK), WHITE),
}


@pytest.mark.parametrize(("data", "wanted"), PROFILED.values(), ids=PROFILED.keys())
def test_a_colour_profile_leads_to_srgb(data: bytes, wanted: Pixel) -> None:
    assert near(read(data).getpixel((5, 5)), wanted, 3)


@pytest.mark.parametrize("broken", [b"not a profile" * 20, SWAPPED[:200], ONLY_BLACK_INK], ids=["junk", "cut", "other"])
def test_a_broken_profile_is_ignored_with_a_line_in_the_log(broken: bytes, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    picture = read(bad.saved(flat("RGB", RED), "PNG", icc_profile=broken))
    assert picture.getpixel((5, 5)) == RED
    assert "colour profile ignored" in caplog.text


# The right way up


MARKED = Image.new("RGB", (160, 96), WHITE)
MARKED.paste(RED, (0, 0, 80, 48))
MARKED.paste(GREEN, (80, 0, 160, 48))
MARKED.paste(BLUE, (0, 48, 80, 96))
AS_HELD = {  # how the camera's memory holds what was seen, by EXIF orientation
    1: MARKED,
    2: MARKED.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    3: MARKED.transpose(Image.Transpose.ROTATE_180),
    4: MARKED.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
    5: MARKED.transpose(Image.Transpose.TRANSPOSE),
    6: MARKED.transpose(Image.Transpose.ROTATE_90),
    7: MARKED.transpose(Image.Transpose.TRANSVERSE),
    8: MARKED.transpose(Image.Transpose.ROTATE_270),
}


def corners(picture: Image.Image) -> list[Any]:
    right, bottom = picture.width - 9, picture.height - 9
    return [picture.getpixel(at) for at in ((8, 8), (right, 8), (8, bottom), (right, bottom))]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("orientation", AS_HELD)
def test_every_orientation_comes_out_upright(orientation: int, kind: str) -> None:
    exif = bad.exif_orientation(orientation)
    picture = read(bad.saved(AS_HELD[orientation], kind, exif=exif, quality=95))
    assert picture.size == MARKED.size
    assert all(near(a, b, 20) for a, b in zip(corners(picture), corners(MARKED), strict=True))


def test_a_heic_is_not_turned_twice() -> None:
    picture = read(bad.HEIC_TURNED)
    assert picture.size == (64, 96)
    assert all(near(a, b, 3) for a, b in zip(corners(picture), (BLUE, RED, BLUE, GREEN), strict=True))


@pytest.mark.parametrize("orientation", [0, 9, 65_535])
def test_an_impossible_orientation_is_ignored(orientation: int) -> None:
    assert read(bad.saved(MARKED, "PNG", exif=bad.exif_orientation(orientation))).size == MARKED.size


def test_an_orientation_that_motorola_wrote_is_read() -> None:
    tiff = b"MM\0*\0\0\0\x08\0\1" + struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0) + bytes(4)
    assert read(bad.jpeg(bad.segment(0xE1, b"Exif\0\0" + tiff))).size == (240, 320)


# Nothing but pixels


@pytest.mark.parametrize("name", ["mpo", "apng", "animated_webp", "animated_avif"])
def test_only_the_first_of_many_frames_is_taken(name: str) -> None:
    first = bad.photo()
    difference = ImageChops.difference(read(bad.odd()[name]()), first).convert("L")
    other = ImageChops.difference(first.rotate(180), first).convert("L")
    assert sum(difference.histogram()[64:]) < sum(other.histogram()[64:]) / 2


def full_of_secrets() -> dict[str, bytes]:
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = "a secret place"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSMapDatum] = "a secret place"
    jpeg = (
        bad.segment(0xFE, b"a secret place"),
        bad.segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0a secret place"),
    )
    text = (
        bad.chunk(b"tEXt", b"Comment\0a secret place"),
        bad.chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0a secret place"),
    )
    return {
        "JPEG": bad.jpeg(*jpeg, exif=exif, icc_profile=SWAPPED, comment=b"a secret place"),
        "PNG": bad.grey_png(100, 100, *text, bad.chunk(b"eXIf", exif.tobytes()[6:])),
        "WEBP": bad.saved(bad.photo(), "WEBP", exif=exif, xmp=b"a secret place", icc_profile=SWAPPED),
        "AVIF": bad.saved(bad.photo(), "AVIF", exif=exif, xmp=b"a secret place", icc_profile=SWAPPED),
        "HEIC": bad.HEIC_TURNED,
    }


@pytest.mark.parametrize(("kind", "data"), full_of_secrets().items(), ids=full_of_secrets().keys())
def test_no_metadata_comes_through(kind: str, data: bytes) -> None:
    assert kind in ("PNG", "WEBP", "AVIF") or b"secret" in data
    picture = read(data)
    assert type(picture) is Image.Image  # a file's own class would carry what the file carried
    assert picture.info == {}
    assert b"secret" not in stored(picture)


@pytest.mark.parametrize("name", [name for name in bad.odd() if "script" in name or "zip" in name])
def test_a_polyglot_loses_its_second_face(name: str) -> None:
    data = bad.odd()[name]()
    assert b"script" in data or b"evil.html" in data
    kept = stored(read(data))
    assert not any(trace in kept for trace in (b"script", b"evil", b"PK\x03\x04"))


def test_a_picture_is_stored_at_full_colour_and_quality() -> None:
    kept = stored(read(bad.jpeg()))
    opened, best = (Image.open(io.BytesIO(data)) for data in (kept, bad.saved(bad.photo(), "JPEG", quality=95)))
    assert isinstance(opened, JpegImagePlugin.JpegImageFile)
    assert isinstance(best, JpegImagePlugin.JpegImageFile)
    assert opened.quantization == best.quantization
    assert JpegImagePlugin.get_sampling(opened) == 0  # 4:4:4
    assert set(opened.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
