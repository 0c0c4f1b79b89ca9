"""THE BENCH: the essence of a file: only what a decoder needs reaches it, no comments, no tails, no lies. Pure."""

import logging
import re
import struct
import zlib
from collections.abc import Iterator

log = logging.getLogger(__name__)

# What a decoder may be made to walk through. Real files stay far below; without a limit 340 KB of empty JPEG
# scans cost 34 s, and 25 MB of empty segments 850 MB.
MAX_JPEG_SEGMENTS = 2_000
MAX_JPEG_SCANS = 100
MAX_PNG_CHUNKS = 50_000
MAX_HEIF_ITEMS = 2_000

JPEG_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC8} | {0xDA, 0xDB, 0xDC, 0xDD}
JPEG_APP_BLOCKS = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}  # they decide the colours
JPEG_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")  # not stuffing, fill or restart: those are pixel data
PNG_CHUNKS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"iCCP", b"IDAT", b"IEND"})
HEIF_PICTURES = frozenset({b"hvc1", b"av01", b"grid", b"iden", b"iovl"})  # items; all others are about pictures
HEIF_TYPE_AT = {0: 0, 1: 0, 2: 12, 3: 14}  # where an "infe" box names its type, by version; old ones do not

ORIENTATION_TAG = 0x0112


def of(data: bytes, kind: str) -> tuple[bytes, bytes]:
    """(only what a decoder needs, the EXIF block): what else a file may carry can hurt nobody unread."""
    if kind == "JPEG":
        return _jpeg(data)
    if kind == "PNG":
        return _png(data)
    if kind == "AVIF":
        return _heif(data), b""
    return data, b""


def _jpeg(data: bytes) -> tuple[bytes, bytes]:
    kept, exif, scans = [data[:2]], b"", 0
    for marker, piece in _jpeg_segments(data):
        wanted = JPEG_APP_BLOCKS.get(marker)
        if marker in JPEG_FRAME_MARKERS or (wanted and piece.startswith(wanted, 4)):
            kept.append(piece)
        elif marker == 0xE1 and not exif and piece.startswith(b"Exif\0\0", 4):
            exif = piece[4:]
        scans += marker == 0xDA
        if scans > MAX_JPEG_SCANS:
            raise ValueError("too many JPEG scans")
    return b"".join([*kept, b"\xff\xd9"]), exif


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(marker, segment) up to the end of the first frame; a scan comes with the pixel data behind its header."""
    found = JPEG_MARKER.search(data, 2)
    for _count in range(MAX_JPEG_SEGMENTS):
        if found is None:
            raise ValueError("no end of image")  # said before a decoder takes memory for all of it
        start, marker = found.start(), found[0][1]
        if marker == 0xD9:
            return
        length = int.from_bytes(data[start + 2 : start + 4])
        found = JPEG_MARKER.search(data, start + 2 + length)
        yield marker, data[start : found.start() if found else None]
    raise ValueError("too many JPEG segments")


def _png(data: bytes) -> tuple[bytes, bytes]:
    view, exif, at = memoryview(data), b"", 8
    kept = [view[:at]]
    for _count in range(MAX_PNG_CHUNKS):
        length, kind = struct.unpack_from(">I4s", data, at)
        chunk = view[at : at + length + 12]
        at += length + 12
        if kind in PNG_CHUNKS:
            if zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:]):
                raise ValueError(f"bad checksum in {kind!r}")
            kept.append(chunk)
        elif kind == b"eXIf":
            exif = bytes(chunk[8:-4])
        if kind == b"IEND":
            return b"".join(kept), exif
    raise ValueError("too many PNG chunks")


def _heif(data: bytes) -> bytes:
    """An AVIF or HEIC whose EXIF, XMP and other side items go by the unknown type "skip".

    Their EXIF does not turn the picture. Pillow would read all of what it claims, and pi_heif 1.4 dies of a
    segmentation fault when the type of such an item is not UTF-8.
    """
    essence, at = bytearray(data), -1
    for _count in range(MAX_HEIF_ITEMS):
        at = data.find(b"infe", at + 1)
        if at < 0:
            return bytes(essence)
        kind = HEIF_TYPE_AT.get(data[at + 4])
        if kind is not None and data[at + kind : at + kind + 4] not in HEIF_PICTURES:
            essence[at + kind : at + kind + 4] = b"skip"
    raise ValueError("too many HEIF items")


def orientation(exif: bytes) -> int:
    """EXIF's orientation, 1 to 8. Only that tag is looked at: one directory can claim gigabytes."""
    tiff = exif.removeprefix(b"Exif\0\0")
    order = ">" if tiff.startswith(b"MM") else "<"
    try:
        (directory,) = struct.unpack_from(order + "I", tiff, 4)
        (entries,) = struct.unpack_from(order + "H", tiff, directory)
        for at in range(directory + 2, directory + 2 + 12 * entries, 12):
            tag, kind, _count, value = struct.unpack_from(order + "HHIH", tiff, at)
            if tag == ORIENTATION_TAG and kind == 3:
                return int(value)
    except struct.error:
        if tiff:
            log.info("upload: broken EXIF ignored")
    return 1
