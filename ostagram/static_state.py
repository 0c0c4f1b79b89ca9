"""THE FRAME: whether the static files changed since they were last collected, which takes seconds."""

import hashlib
from importlib import metadata
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders


def is_stale() -> bool:
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    try:
        return not manifest.exists() or _path().read_text() != _fingerprint()
    except OSError:
        return True


def remember() -> None:
    _path().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _path().write_text(_fingerprint())


def _path() -> Path:
    return settings.VAR_DIR / "run" / "static-files"


def _fingerprint() -> str:
    """Of the name, size and time of every source file, and of where and how they are collected."""
    parts = [str(settings.STATIC_ROOT), str(settings.STORAGES["staticfiles"]), metadata.version("whitenoise")]
    for finder in get_finders():
        for name, storage in finder.list([]):
            state = Path(storage.path(name)).stat()
            parts.append(f"{name} {state.st_size} {state.st_mtime_ns}")
    return hashlib.sha256("\n".join(sorted(parts)).encode()).hexdigest()
