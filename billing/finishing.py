"""THE DESK: from a render that is done to the print file in the storage, or to what is wrong with it."""

from functools import partial
from typing import Final

from PIL import Image

from billing import canvases, master
from billing.canvases import Wrap
from billing.models import CanvasOrder
from stylize import pictures, storage

FOLDER: Final = "masters"
FILE: Final = pictures.Variant(".jpg", pictures.JPEG)


def make(order: CanvasOrder) -> tuple[str, list[str]]:
    """Store the print file of a canvas whose render is done; its name, and what is wrong with it.

    With complaints nothing stays stored. Raises FileNotFoundError and storage.StorageError.
    """
    assert order.render
    with storage.open(order.render.result + pictures.MASTER.suffix) as file:
        painted = Image.open(file, formats=["PNG"]).convert("RGB")
    edge, liked = canvases.edge_px(order.dpi), _liked(order)
    front = (0, 0, *order.whole_px) if order.wrap == Wrap.PICTURE else master.inner(order.whole_px, edge)
    contents = master.encoded(master.wrapped(painted, order.wrap, order.wrap_colour, edge), order.dpi)
    del painted
    complaints = master.check(contents, size=order.whole_px, dpi=order.dpi, painted=front, liked=liked)
    if complaints:
        return "", complaints
    return pictures.store_files(FOLDER, {FILE: partial(bytes, contents)}), []


def delete(name: str) -> None:
    pictures.delete_files(name, (FILE,))


def _liked(order: CanvasOrder) -> Image.Image | None:
    """What was ordered of the finished picture; None where that is deleted."""
    if order.picture is None:
        return None
    try:
        with storage.open(order.picture.result + pictures.MASTER.suffix) as file:
            finished = Image.open(file, formats=["PNG"]).convert("RGB")
    except FileNotFoundError:
        return None
    (width, height), crop = finished.size, order.crop
    left, top = round(crop.x * width), round(crop.y * height)
    return finished.crop((left, top, left + round(crop.width * width), top + round(crop.height * height)))
