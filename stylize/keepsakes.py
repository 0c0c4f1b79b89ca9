"""THE BENCH: what a painting leaves in the storage on its way: checkpoints for its next run, frames for its owner."""

import hashlib
from functools import partial
from typing import Final

from PIL import Image

from stylize import pictures, storage
from stylize.pictures import Variant

CHECKPOINT: Final = Variant("", "application/octet-stream")
FRAME_VARIANTS: Final = {"master.png": pictures.MASTER, "thumb.webp": pictures.THUMB, "large.webp": pictures.LARGE}
DIGEST_BYTES: Final = 32


class Damaged(Exception):
    """The checkpoint is not what was saved, or not there at all: the painting begins again."""


def store_checkpoint(contents: bytes, fence: int) -> str:
    """Raises pictures.StorageError."""
    sealed = hashlib.sha256(contents).digest() + contents
    return pictures.store_files("checkpoints", {CHECKPOINT: lambda: sealed}, tail=f"-{fence}")


def read_checkpoint(name: str) -> bytes:
    """Raises Damaged and storage.StorageError."""
    try:
        with storage.open(name) as file:
            sealed = file.read()
    except OSError as error:
        raise Damaged(name) from error
    contents = sealed[DIGEST_BYTES:]
    if hashlib.sha256(contents).digest() != sealed[:DIGEST_BYTES]:
        raise Damaged(name)
    return bytes(contents)


def delete_checkpoint(name: str) -> None:
    pictures.delete_files(name, (CHECKPOINT,))


def store_frame(picture: Image.Image, fence: int) -> str:
    """Write a frame at full size with the small copy of the film strip. Raises pictures.StorageError."""
    files = {
        pictures.MASTER: partial(pictures.png, picture),
        pictures.THUMB: partial(pictures.encoded, picture, pictures.THUMB),
    }
    return pictures.store_files("frames", files, tail=f"-{fence}")


def open_frame(name: str) -> Image.Image:
    """Raises FileNotFoundError and storage.StorageError."""
    with storage.open(name + pictures.MASTER.suffix) as file:
        picture = Image.open(file, formats=["PNG"])
        picture.load()
    return picture


def delete_frame(name: str) -> None:
    pictures.delete_files(name, tuple(FRAME_VARIANTS.values()))


def is_there(name: str) -> bool:
    """Whether the full size of a frame or a painting can still be opened. Raises storage.StorageError."""
    return bool(name) and storage.exists(name + pictures.MASTER.suffix)
