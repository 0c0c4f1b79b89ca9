"""THE FRAME: pictures on a disk of ours: a name in the database never leads to half a file."""

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage


class DurableFileSystemStorage(FileSystemStorage):
    """Writes under another name, to the disk itself, and only then gives the file its own name."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """The name itself: a file of the same name is replaced, as in a bucket."""
        return name

    def _save(self, name: str, content: File) -> str:  # type: ignore[type-arg]
        draft = f"{name}.{secrets.token_hex(4)}.part"
        path = Path(self.path(draft))
        try:
            super()._save(draft, content)  # type: ignore[misc]
            with path.open("rb") as written:
                os.fsync(written.fileno())
            path.rename(self.path(name))
        except OSError:
            path.unlink(missing_ok=True)
            raise
        return name

    def stream(self, name: str) -> tuple[IO[bytes], int]:
        file = Path(self.path(name)).open("rb")  # noqa: SIM115  # whoever reads it closes it
        return file, os.fstat(file.fileno()).st_size

    def entries(self, prefix: str) -> Iterator[tuple[str, int, datetime]]:
        """Name, size and time of every file whose name begins like this, in the order of the names' bytes."""
        return self._below(prefix.rpartition("/")[0], prefix)

    def room(self) -> int | None:
        """Free bytes; None before the first file is written."""
        try:
            return shutil.disk_usage(self.location).free
        except FileNotFoundError:
            return None

    def _below(self, folder: str, prefix: str) -> Iterator[tuple[str, int, datetime]]:
        try:
            found = os.listdir(self.path(folder))
        except (FileNotFoundError, NotADirectoryError):
            return
        paths = [f"{folder}/{name}".lstrip("/") for name in found]
        folders = {path for path in paths if os.path.isdir(self.path(path))}
        for path in sorted(f"{path}/" if path in folders else path for path in paths):
            if path.endswith("/") and (path.startswith(prefix) or prefix.startswith(path)):
                yield from self._below(path[:-1], prefix)
            elif path.startswith(prefix):
                with contextlib.suppress(FileNotFoundError):  # deleted meanwhile
                    state = os.stat(self.path(path))
                    yield path, state.st_size, datetime.fromtimestamp(state.st_mtime, UTC)
