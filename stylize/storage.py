"""THE BENCH: the one door to the files of pictures, on a disk of ours or in S3-compatible storage.

Names are made by whoever writes; they look like results/ab/abc. A file appears whole or not at all, and one of the
same name is replaced. Which storage it is, the settings say (ostagram.disk, ostagram.bucket).
"""

import contextlib
import logging
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Final, NamedTuple, Protocol, cast

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

log = logging.getLogger(__name__)

DRAFT: Final = ".part"  # how the name of a file ends that is just being written
AWAY: Final = (ConnectionError, TimeoutError)


class StorageError(Exception):
    """The storage is full or away. Of what could not be written nothing is left. Says so to people."""


class Entry(NamedTuple):
    """A file as a listing shows it."""

    name: str
    size: int  # bytes
    written_at: datetime


class _Backend(Protocol):
    """What both storages can do besides what Django asks of them."""

    def entries(self, prefix: str) -> Iterator[tuple[str, int, datetime]]: ...
    def stream(self, name: str) -> tuple[IO[bytes], int]: ...
    def room(self) -> int | None: ...


def save(name: str, content: bytes) -> None:
    """Write a file, durably. Raises StorageError."""
    try:
        default_storage.save(name, ContentFile(content))
    except OSError as error:
        raise StorageError(_("The picture could not be saved just now. Please try again in a while.")) from error


def save_from(name: str, file: IO[bytes]) -> None:
    """Write what is in an open file, piece by piece. Raises StorageError."""
    try:
        default_storage.save(name, File(file))
    except OSError as error:
        raise StorageError(_("This could not be saved just now. Please try again in a while.")) from error


def open(name: str) -> IO[bytes]:
    """A file to read and to seek in. Raises FileNotFoundError and StorageError."""
    with _reached():
        return cast("IO[bytes]", default_storage.open(name, "rb"))


def stream(name: str) -> tuple[IO[bytes], int]:
    """A file to read from beginning to end, and its size in bytes. Raises FileNotFoundError and StorageError."""
    with _reached():
        return _backend().stream(name)


def exists(name: str) -> bool:
    """Raises StorageError."""
    with _reached():
        return default_storage.exists(name)


def delete(*names: str) -> None:
    """Delete what is there of these. What cannot be reached now is left for the sweep: no row names it any more."""
    try:
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                default_storage.delete(name)
    except AWAY as error:
        log.warning("the storage is away, the sweep deletes %s later: %s", ", ".join(names), error)


def names(prefix: str) -> Iterator[str]:
    """The files whose name begins like this, in the order of their bytes, without drafts. Raises StorageError."""
    return (entry.name for entry in entries(prefix) if not entry.name.endswith(DRAFT))


def entries(prefix: str) -> Iterator[Entry]:
    """All files whose name begins like this, drafts too, in the order of their bytes. Raises StorageError."""
    with _reached():
        for found in _backend().entries(prefix):
            yield Entry(*found)


def has_room(least_bytes: int) -> bool:
    """Whether so much can be written: a disk has the space, a bucket answers."""
    try:
        free = _backend().room()
    except OSError as error:
        log.error("the storage is away: %s", error)
        return False
    return free is None or free >= least_bytes


def _backend() -> _Backend:
    return cast("_Backend", default_storage)


@contextlib.contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except AWAY as error:
        log.error("the storage is away: %s", error)
        raise StorageError(_("The pictures cannot be reached just now. Please try again in a while.")) from error
