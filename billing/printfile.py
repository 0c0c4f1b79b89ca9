"""THE DESK: a print file looked at again: what its head says, and small copies for the staff's page and the slip."""

import io
import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageCms, JpegImagePlugin

from billing import finishing, master
from billing.canvases import Size
from billing.models import CanvasOrder
from stylize import pictures, storage

log = logging.getLogger(__name__)

SAMPLING: Final = {0: "4:4:4", 1: "4:2:2", 2: "4:2:0"}
MEGA: Final = 1_000_000


@dataclass(frozen=True)
class Facts:
    """What a file says of itself, and what of that is not as it should be."""

    px: Size
    dpi: int
    profile: str
    sampling: str
    megabytes: float
    complaints: list[str]


def facts(order: CanvasOrder) -> Facts | None:
    """None: there is no file, or it cannot be reached now."""
    name = order.master + finishing.FILE.suffix
    if not order.master:
        return None
    try:
        with storage.open(name) as file:
            return _facts(file.read(), order)
    except (FileNotFoundError, storage.StorageError) as trouble:
        log.warning("canvas %s: its print file cannot be looked at: %s", order.key, trouble)
        return None


def small(order: CanvasOrder, side: int) -> Image.Image | None:
    """Front and edges, where there is a print file; else its render, else the picture. None: nothing is there."""
    names = [order.master + finishing.FILE.suffix] if order.master else []
    names += [job.result + pictures.LARGE.suffix for job in (order.render, order.picture) if job and job.result]
    for name in names:
        with suppress(FileNotFoundError, storage.StorageError), storage.open(name) as file:
            picture = Image.open(file, formats=["JPEG", "WEBP"])
            picture.draft("RGB", (side, side))  # of a JPEG an eighth is read in a blink
            picture.thumbnail((side, side))
            return picture.convert("RGB")
    return None


def as_jpeg(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def _facts(contents: bytes, order: CanvasOrder) -> Facts:
    try:
        picture = Image.open(io.BytesIO(contents), formats=["JPEG"])
    except OSError as error:
        return Facts((0, 0), 0, "–", "–", len(contents) / MEGA, [f"it cannot be read: {error}"])
    return Facts(
        px=picture.size, dpi=round(picture.info.get("dpi", (0, 0))[0]), profile=_profile(picture),
        sampling=SAMPLING.get(JpegImagePlugin.get_sampling(picture), "–"), megabytes=len(contents) / MEGA,
        complaints=list(master.formal(picture, order.whole_px, order.dpi)),
    )  # fmt: skip


def _profile(picture: Image.Image) -> str:
    if "icc_profile" not in picture.info:
        return "–"
    try:
        return ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(picture.info["icc_profile"]))).strip()
    except ImageCms.PyCMSError:
        return "–"
