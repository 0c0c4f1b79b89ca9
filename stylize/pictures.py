"""THE BENCH: names, formats and sizes of pictures on disk; writing, serving, deleting."""

import contextlib
import io
import logging
import math
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import IO, Final

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404
from django.utils.translation import gettext as _
from PIL import Image

from stylize import uploads
from stylize.framing import Framing
from stylize.models import Job, Mask, Upload, new_key

log = logging.getLogger(__name__)

PUBLIC_MAX_AGE_S: Final = 24 * 3600
ROOM_BYTES: Final = 200 * 1024 * 1024
RESAMPLING: Final = Image.Resampling.LANCZOS


@dataclass(frozen=True)
class Variant:
    """One file of a picture: what its name ends with, its type, and the cap on its long side in px."""

    suffix: str
    content_type: str
    max_side: int | None = None
    quality: int = 86


MASTER: Final = Variant(".png", "image/png")
LARGE: Final = Variant("-1280.webp", "image/webp", 1280, 90)
CARD: Final = Variant("-640.webp", "image/webp", 640)
THUMB: Final = Variant("-320.webp", "image/webp", 320)
RESULT_VARIANTS: Final = {"master.png": MASTER, "large.webp": LARGE, "card.webp": CARD, "thumb.webp": THUMB}
UPLOAD_FULL: Final = Variant(".jpg", "image/jpeg")
MASK: Final = Variant(".png", "image/png")
UPLOAD_VARIANTS: Final = {"large.webp": LARGE, "card.webp": CARD, "thumb.webp": THUMB}


class StorageError(Exception):
    """The picture could not be written: the disk is full or away. Nothing of it is left."""


def store_upload(picture: Image.Image) -> str:
    """Write a checked picture at full size with its small copies; returns the files' common name."""
    return _store("uploads", {UPLOAD_FULL: partial(_bytes, picture, uploads.write)} | _copies(picture))


def store_framed(upload: Upload, framing: Framing) -> str:
    """Write the small copies of a photo as it is framed; what was cut away is not in them."""
    width, height = upload.width, upload.height
    scale = min(1.0, (LARGE.max_side or 0) / max(framing.size(width, height)))
    with default_storage.open(upload.file + UPLOAD_FULL.suffix, "rb") as file:
        photo = Image.open(file, formats=["JPEG"])
        photo.draft("RGB", (math.ceil(width * scale), math.ceil(height * scale)))  # decodes no more than is needed
        return _store("framed", _copies(framing.applied(photo)))


def store_mask(mask: Image.Image) -> str:
    return _store("masks", {MASK: partial(_bytes, mask, _write_png)})


def store_result(picture: Image.Image, fence: int) -> str:
    """Write a painting; the name cannot be guessed and carries the fence of the claim that made it."""
    return _store("results", {MASTER: partial(_bytes, picture, _write_png)} | _copies(picture), tail=f"-{fence}")


def open_upload(upload: Upload) -> Image.Image:
    with default_storage.open(upload.file + UPLOAD_FULL.suffix, "rb") as file:
        picture = Image.open(file, formats=["JPEG"])
        picture.load()
    return picture


def open_mask(mask: Mask) -> Image.Image:
    with default_storage.open(mask.file + MASK.suffix, "rb") as file:
        picture = Image.open(file, formats=["PNG"])
        picture.load()
    return picture


def all_files() -> Iterator[str]:
    """Every file of ours in the storage."""
    for part in ("uploads", "framed", "masks", "results"):
        yield from _below(part)


def common_name(path: str) -> str:
    """What the rows call the picture to which a file belongs."""
    suffixes = {variant.suffix for variant in (UPLOAD_FULL, *RESULT_VARIANTS.values())}
    return next((path.removesuffix(suffix) for suffix in sorted(suffixes) if path.endswith(suffix)), path)


def written_at(path: str) -> datetime:
    return default_storage.get_modified_time(path)


def has_room() -> bool:
    """Whether a painting can still be stored; a storage that is not a disk of ours always has room."""
    try:
        return shutil.disk_usage(default_storage.path("")).free >= ROOM_BYTES
    except (NotImplementedError, FileNotFoundError):
        return True


def delete_upload(name: str) -> None:
    _delete(name, (UPLOAD_FULL, *UPLOAD_VARIANTS.values()))


def delete_framed(name: str) -> None:
    _delete(name, tuple(UPLOAD_VARIANTS.values()))


def delete_mask(name: str) -> None:
    _delete(name, (MASK,))


def delete_result(name: str) -> None:
    _delete(name, tuple(RESULT_VARIANTS.values()))


def serve(name: str, variant: Variant, *, public: bool, download_as: str = "") -> FileResponse:
    """The file's bytes; whoever calls has checked that the visitor may see it."""
    try:
        file = default_storage.open(name + variant.suffix, "rb")
    except FileNotFoundError as error:
        log.error("a row names a file that is not there: %s%s", name, variant.suffix)
        raise Http404 from error
    response = FileResponse(
        file, content_type=variant.content_type, filename=download_as, as_attachment=bool(download_as)
    )
    response["Cache-Control"] = f"public, max-age={PUBLIC_MAX_AGE_S}" if public else "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def download_name(job: Job, variant: Variant) -> str:
    return _("ostagram-%(key)s") % {"key": job.key[:8].strip("-_") or "painting"} + variant.suffix


def webp(picture: Image.Image, variant: Variant) -> bytes:
    """A smaller copy, never an enlarged one."""
    small = picture.copy()
    if variant.max_side:
        small.thumbnail((variant.max_side, variant.max_side), RESAMPLING, reducing_gap=3.0)
    buffer = io.BytesIO()
    small.save(buffer, "WEBP", quality=variant.quality, method=4)
    return buffer.getvalue()


def _store(folder: str, files: Mapping[Variant, Callable[[], bytes]], tail: str = "") -> str:
    key = new_key()
    name = f"{folder}/{key[:2].lower()}/{key}{tail}"
    try:
        for variant, contents in files.items():
            default_storage.save(name + variant.suffix, ContentFile(contents()))
    except BaseException as error:
        _delete(name, tuple(files))
        if isinstance(error, OSError):
            raise StorageError(_("The picture could not be saved just now. Please try again in a while.")) from error
        raise
    return name


def _copies(picture: Image.Image) -> dict[Variant, Callable[[], bytes]]:
    return {variant: partial(webp, picture, variant) for variant in (LARGE, CARD, THUMB)}


def _bytes(picture: Image.Image, write: Callable[[Image.Image, IO[bytes]], None]) -> bytes:
    buffer = io.BytesIO()
    write(picture, buffer)
    return buffer.getvalue()


def _write_png(picture: Image.Image, file: IO[bytes]) -> None:
    picture.save(file, "PNG", optimize=False, compress_level=6)


def _below(folder: str) -> Iterator[str]:
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in files:
        yield f"{folder}/{name}"
    for name in folders:
        yield from _below(f"{folder}/{name}")


def _delete(name: str, variants: tuple[Variant, ...]) -> None:
    for variant in variants:
        with contextlib.suppress(FileNotFoundError):
            default_storage.delete(name + variant.suffix)
