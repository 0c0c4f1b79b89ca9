"""THE BENCH: names, formats and sizes of pictures; writing, serving, deleting. storage.py is its door to the files."""

import contextlib
import io
import logging
import math
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import IO, Any, Final

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from PIL import Image

from stylize import storage, uploads
from stylize.framing import Framing
from stylize.models import Job, Mask, Upload, new_key
from stylize.storage import StorageError as StorageError

log = logging.getLogger(__name__)

PUBLIC_MAX_AGE_S: Final = 24 * 3600  # in browsers that were shown it
SHARED_MAX_AGE_S: Final = 300  # in proxies, which would show it to others when it is hidden or gone
PUBLIC: Final = f"public, max-age={PUBLIC_MAX_AGE_S}, s-maxage={SHARED_MAX_AGE_S}"
ROOM_BYTES: Final = 200 * 1024 * 1024
RETRY_AFTER_S: Final = "30"  # while the storage is away
RESAMPLING: Final = Image.Resampling.LANCZOS


@dataclass(frozen=True)
class Variant:
    """One file of a picture: what its name ends with, its type, and the cap on its long side in px."""

    suffix: str
    content_type: str
    max_side: int | None = None
    quality: int = 86


WEBP: Final = "image/webp"
AVIF: Final = "image/avif"
JPEG: Final = "image/jpeg"
ENCODERS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    WEBP: ("WEBP", {"method": 4}),
    # Speed 9 is five times as quick as 7 and no larger. Full colour resolution: a painting is made of colour edges.
    AVIF: ("AVIF", {"speed": 9, "subsampling": "4:4:4", "max_threads": 1}),
    JPEG: ("JPEG", {"progressive": True, "optimize": True}),
}

MASTER: Final = Variant(".png", "image/png")
LARGE: Final = Variant("-1280.webp", WEBP, 1280, 90)
MEDIUM: Final = Variant("-960.webp", WEBP, 960)
CARD: Final = Variant("-640.webp", WEBP, 640)
THUMB: Final = Variant("-320.webp", WEBP, 320)
MINI: Final = Variant("-96.webp", WEBP, 96)
SHARE: Final = Variant("-1200.jpg", JPEG, 1200)  # for other sites that show a link to a public picture
AT_ONCE: Final = (LARGE, CARD, THUMB)  # written with the picture; its other copies soon after, or when asked for
RESULT_VARIANTS: Final = {
    "master.png": MASTER, "large.webp": LARGE, "medium.webp": MEDIUM, "card.webp": CARD, "thumb.webp": THUMB,
    "large.avif": Variant("-1280.avif", AVIF, 1280, 70), "medium.avif": Variant("-960.avif", AVIF, 960, 64),
    "card.avif": Variant("-640.avif", AVIF, 640, 64), "thumb.avif": Variant("-320.avif", AVIF, 320, 62),
    "share.jpg": SHARE,
}  # fmt: skip
PROOFS: Final = tuple(Variant(f"-proof-{number}.webp", WEBP, quality=90) for number in range(9))
AVATARS: Final = {256: Variant("-256.webp", WEBP, 256), 64: Variant("-64.webp", WEBP, 64)}  # by their side in px
UPLOAD_FULL: Final = Variant(".jpg", JPEG)
MASK: Final = Variant(".png", "image/png")
UPLOAD_VARIANTS: Final = {"large.webp": LARGE, "card.webp": CARD, "thumb.webp": THUMB, "mini.webp": MINI}

_one_copy_at_a_time = threading.Lock()  # so that a page full of old pictures takes one core, not all


def store_upload(picture: Image.Image) -> str:
    """Write a checked picture at full size with its small copies; returns the files' common name."""
    return store_files("uploads", {UPLOAD_FULL: partial(_bytes, picture, uploads.write)} | _copies(picture))


def store_framed(upload: Upload, framing: Framing) -> str:
    """Write the small copies of a photo as it is framed; what was cut away is not in them."""
    width, height = upload.width, upload.height
    scale = min(1.0, (LARGE.max_side or 0) / max(framing.size(width, height)))
    with storage.open(upload.file + UPLOAD_FULL.suffix) as file:
        photo = Image.open(file, formats=["JPEG"])
        photo.draft("RGB", (math.ceil(width * scale), math.ceil(height * scale)))  # decodes no more than is needed
        return store_files("framed", _copies(framing.applied(photo)))


def store_mask(mask: Image.Image) -> str:
    return store_files("masks", {MASK: partial(_bytes, mask, _write_png)})


def store_result(picture: Image.Image, fence: int) -> str:
    """Write a painting; the name cannot be guessed and carries the fence of the claim that made it."""
    return store_files("results", {MASTER: partial(_bytes, picture, _write_png)} | _copies(picture), tail=f"-{fence}")


def store_proofs(sheet: Image.Image, proofs: Sequence[Image.Image], fence: int) -> str:
    """Write nine small paintings, each for itself and all on one sheet."""
    each = {variant: partial(encoded, proof, variant) for variant, proof in zip(PROOFS, proofs, strict=True)}
    return store_files("proofs", _copies(sheet) | each, tail=f"-{fence}")


def store_print(picture: Image.Image, fence: int) -> str:
    """Write a print, or the proof of one, with one small copy for its owner."""
    files = {MASTER: partial(png, picture), LARGE: partial(encoded, picture, LARGE)}
    return store_files("prints", files, tail=f"-{fence}")


def open_upload(upload: Upload) -> Image.Image:
    with storage.open(upload.file + UPLOAD_FULL.suffix) as file:
        picture = Image.open(file, formats=["JPEG"])
        picture.load()
    return picture


def open_mask(mask: Mask) -> Image.Image:
    with storage.open(mask.file + MASK.suffix) as file:
        picture = Image.open(file, formats=["PNG"])
        picture.load()
    return picture


def copies(content_type: str, width: int, height: int) -> list[tuple[str, int]]:
    """The copies of one kind that a painting of this size is shown by, as (name, width in px), smallest first.

    The caps hold the long side, whichever that is; the first copy that has the painting's own size is the last.
    """
    named = []
    for name, variant in sorted(RESULT_VARIANTS.items(), key=lambda item: item[1].max_side or 0):
        if variant.content_type == content_type and variant.max_side:
            scale = min(1.0, variant.max_side / max(width, height))
            named.append((name, max(1, round(width * scale))))
            if scale == 1.0:
                break
    return named


def complete(name: str, width: int, height: int) -> int:
    """Make those copies of a painting that its pages will ask for and that are not there yet; how many."""
    wanted = [RESULT_VARIANTS[copy] for kind in (AVIF, WEBP) for copy, _width in copies(kind, width, height)]
    return make_missing(name, wanted)


def make_missing(name: str, wanted: Iterable[Variant]) -> int:
    """Make those of the copies that are not there, from the largest file that is; how many."""
    there = set(storage.names(name))
    missing = [variant for variant in wanted if name + variant.suffix not in there]
    try:
        picture = _open_largest(name, LARGE) if missing else None
    except FileNotFoundError:  # deleted meanwhile
        return 0
    for variant in missing:
        assert picture
        _keep(name, variant, encoded(picture, variant))
    return len(missing)


def common_name(path: str) -> str:
    """What the rows call the picture to which a file belongs."""
    suffixes = {
        variant.suffix for variant in (UPLOAD_FULL, MINI, *AVATARS.values(), *RESULT_VARIANTS.values(), *PROOFS)
    }
    return next((path.removesuffix(suffix) for suffix in sorted(suffixes) if path.endswith(suffix)), path)


def has_room() -> bool:
    """Whether a painting can still be stored: a disk has room for some, a bucket answers."""
    return storage.has_room(ROOM_BYTES)


def delete_upload(name: str) -> None:
    delete_files(name, (UPLOAD_FULL, *UPLOAD_VARIANTS.values()))


def delete_framed(name: str) -> None:
    delete_files(name, tuple(UPLOAD_VARIANTS.values()))


def delete_mask(name: str) -> None:
    delete_files(name, (MASK,))


def delete_result(name: str) -> None:
    delete_files(name, (*RESULT_VARIANTS.values(), *PROOFS))


class Served(FileResponse):
    """A file on its way out, in pieces that suit a network."""

    block_size = 64 * 1024


def serve(name: str, variant: Variant, *, public: bool, download_as: str = "") -> HttpResponseBase:
    """The file's bytes; whoever calls has checked that the visitor may see it."""
    try:
        file, size = _open_or_make(name, variant)
    except FileNotFoundError as error:
        log.error("a row names a file that is not there: %s%s", name, variant.suffix)
        raise Http404 from error
    except StorageError:
        return HttpResponse(status=503, headers={"Retry-After": RETRY_AFTER_S, "Cache-Control": "no-store"})
    response = Served(file, content_type=variant.content_type, filename=download_as, as_attachment=bool(download_as))
    response["Content-Length"] = str(size)
    response["Cache-Control"] = PUBLIC if public else "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def download_name(job: Job, variant: Variant) -> str:
    return _("ostagram-%(key)s") % {"key": job.key[:8].strip("-_") or "painting"} + variant.suffix


def encoded(picture: Image.Image, variant: Variant) -> bytes:
    """A smaller copy, never an enlarged one."""
    small = picture.copy()
    if variant.max_side:
        small.thumbnail((variant.max_side, variant.max_side), RESAMPLING, reducing_gap=3.0)
    kind, options = ENCODERS[variant.content_type]
    buffer = io.BytesIO()
    small.save(buffer, kind, quality=variant.quality, **options)
    return buffer.getvalue()


def _open_or_make(name: str, variant: Variant) -> tuple[IO[bytes], int]:
    """A file of a picture, and its size; a copy that is not there yet is made, once, and kept.

    Raises FileNotFoundError and StorageError.
    """
    with contextlib.suppress(FileNotFoundError):
        return storage.stream(name + variant.suffix)
    if variant.max_side is None:
        raise FileNotFoundError(name + variant.suffix)
    with _one_copy_at_a_time:
        with contextlib.suppress(FileNotFoundError):  # somebody else has made it meanwhile
            return storage.stream(name + variant.suffix)
        copy = encoded(_open_largest(name, variant), variant)
        _keep(name, variant, copy)
        return io.BytesIO(copy), len(copy)


def _keep(name: str, variant: Variant, copy: bytes) -> None:
    """Without leaving anything behind when the picture is deleted meanwhile: its largest files go first."""
    try:
        storage.save(name + variant.suffix, copy)
        if not _largest(name):
            storage.delete(name + variant.suffix)
    except StorageError as error:  # it is made again when asked for
        log.warning("a copy could not be kept: %s%s: %s", name, variant.suffix, error.__cause__)


def _open_largest(name: str, variant: Variant) -> Image.Image:
    """The picture, no smaller than the variant. Raises FileNotFoundError."""
    largest = _largest(name)
    if largest is None:
        raise FileNotFoundError(name)
    with storage.open(largest) as file:
        picture = Image.open(file, formats=["PNG", "JPEG", "WEBP"])
        if variant.max_side:
            picture.draft("RGB", (variant.max_side, variant.max_side))  # a JPEG need not be decoded in full
        picture.load()
    return picture


def _largest(name: str) -> str | None:
    fulls = (name + variant.suffix for variant in (MASTER, UPLOAD_FULL, LARGE))
    return next((full for full in fulls if storage.exists(full)), None)


def store_files(folder: str, files: Mapping[Variant, Callable[[], bytes]], tail: str = "") -> str:
    key = new_key()
    name = f"{folder}/{key[:2].lower()}/{key}{tail}"
    try:
        for variant, contents in files.items():
            storage.save(name + variant.suffix, contents())
    except BaseException:
        delete_files(name, tuple(files))
        raise
    return name


def _copies(picture: Image.Image) -> dict[Variant, Callable[[], bytes]]:
    return {variant: partial(encoded, picture, variant) for variant in AT_ONCE}


def png(picture: Image.Image) -> bytes:
    return _bytes(picture, _write_png)


def _bytes(picture: Image.Image, write: Callable[[Image.Image, IO[bytes]], None]) -> bytes:
    buffer = io.BytesIO()
    write(picture, buffer)
    return buffer.getvalue()


def _write_png(picture: Image.Image, file: IO[bytes]) -> None:
    picture.save(file, "PNG", optimize=False, compress_level=6)


def delete_files(name: str, variants: tuple[Variant, ...]) -> None:
    storage.delete(*(name + variant.suffix for variant in variants))
