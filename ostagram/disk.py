"""THE FRAME: pictures on a disk of ours: a name in the database never leads to half a file."""

import os
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage


class DurableFileSystemStorage(FileSystemStorage):
    """Writes under another name, to the disk itself, and only then gives the file its own name."""

    def _save(self, name: str, content: File) -> str:  # type: ignore[type-arg]
        draft = super()._save(f"{name}.part", content)  # type: ignore[misc]
        path = Path(self.path(draft))
        try:
            with path.open("rb") as written:
                os.fsync(written.fileno())
            path.rename(self.path(name))
        except OSError:
            path.unlink(missing_ok=True)
            raise
        return name
