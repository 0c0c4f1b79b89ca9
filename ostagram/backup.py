"""THE FRAME: the whole site in one folder, and back: the database as Postgres dumps it, the pictures with their hashes.

The database comes first: whatever a row of the dump names was there before. A picture that is deleted while the backup
runs is missing in it, and the sweep says so after the restoring. An earlier backup in the folder stays whole until the
next one is ready.
"""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.utils import timezone

from ostagram.embedded import binaries
from ostagram.embedded.process import EmbeddedError
from stylize import storage

DATABASE, PICTURES, MANIFEST, RECORD = "database.dump", "pictures", "manifest.jsonl", "backup.json"
PIECE: Final = 1024 * 1024
WHOSE: Final = ("--no-owner", "--no-privileges")  # it may be restored under another name
FROM_NOTHING: Final = "DROP SCHEMA public CASCADE; CREATE SCHEMA public;"


class BackupError(Exception):
    """The backup or the restoring cannot be done; says why, and that nothing was changed where that is so."""


@dataclass(frozen=True)
class Picture:
    """A line of the manifest."""

    name: str
    size: int
    sha256: str


def make(folder: Path) -> dict[str, Any]:
    """Write everything below `folder`; again into the same one, only new pictures are copied. What it holds then."""
    dump, manifest = folder / f"{DATABASE}.new", folder / f"{MANIFEST}.new"
    folder.mkdir(parents=True, exist_ok=True)
    if {path.name for path in folder.iterdir()} - {DATABASE, PICTURES, MANIFEST, RECORD, dump.name, manifest.name}:
        raise BackupError(f"{folder} holds something else. Name an empty folder, or that of an earlier backup.")
    folder.chmod(0o700)  # the dump holds everybody's address and password hash
    _run("pg_dump", "--format=custom", *WHOSE, f"--file={dump}")
    count, size, surplus = _copy_pictures(folder, manifest)
    record = {
        "made_at": timezone.now().isoformat(), "database_sha256": _hash_of(dump),
        "manifest_sha256": _hash_of(manifest), "pictures": count, "bytes": size,
    }  # fmt: skip
    (folder / RECORD).unlink(missing_ok=True)  # what is half one and half the other is no backup
    dump.rename(folder / DATABASE)
    manifest.rename(folder / MANIFEST)
    (folder / RECORD).write_text(json.dumps(record, indent=1))
    for name in surplus:  # deleted since the earlier backup
        (folder / PICTURES / name).unlink(missing_ok=True)
    return record


def check(folder: Path) -> dict[str, Any]:
    """Read every byte of a backup; what it holds. Raises BackupError where anything is missing or altered."""
    try:
        record: dict[str, Any] = json.loads((folder / RECORD).read_text())
        altered = [
            name for name, key in ((DATABASE, "database_sha256"), (MANIFEST, "manifest_sha256"))
            if _hash_of(folder / name) != record[key]
        ]  # fmt: skip
        altered = altered or [
            picture.name
            for picture in _manifest(folder)
            if _hash_of(folder / PICTURES / picture.name) != picture.sha256
        ]
    except (OSError, ValueError, KeyError) as error:
        raise BackupError(f"{folder} holds no whole backup: {error!r}") from error
    if altered:
        raise BackupError(f"The backup is damaged: {', '.join(altered[:5])}. Nothing was changed.")
    return record


def restore(folder: Path, *, replace: bool = False) -> dict[str, Any]:
    """Bring back what the backup holds: first the pictures, which harm nobody, then the database in one transaction.

    A site that has people is not replaced unless `replace` says so.
    """
    record = check(folder)
    if not replace and _has_people():
        raise BackupError("This site is not empty: restoring would replace all of it. If you mean it: --replace")
    for picture in _manifest(folder):
        storage.save(picture.name, (folder / PICTURES / picture.name).read_bytes())
    connection.close()
    _load(folder / DATABASE)
    return record


def _copy_pictures(folder: Path, manifest: Path) -> tuple[int, int, list[str]]:
    """How many there are, of how many bytes; and the names of those that only the earlier backup knew."""
    count = size = 0
    known = {picture.name: picture for picture in _manifest(folder)} if (folder / MANIFEST).exists() else {}
    with manifest.open("w") as lines:
        for entry in storage.entries(""):
            picture = known.pop(entry.name, None)
            if entry.name.endswith(storage.DRAFT):
                continue
            if picture is None or not _is_current(folder / PICTURES / entry.name, entry):
                picture = None
                with suppress(FileNotFoundError):  # deleted meanwhile
                    picture = _copy(entry.name, folder)
            if picture:
                lines.write(json.dumps(asdict(picture)) + "\n")
                count, size = count + 1, size + picture.size
    return count, size, list(known)


def _is_current(copy: Path, entry: storage.Entry) -> bool:
    try:
        state = copy.stat()
    except FileNotFoundError:
        return False
    return state.st_size == entry.size and state.st_mtime > entry.written_at.timestamp()


def _copy(name: str, folder: Path) -> Picture:
    target = folder / PICTURES / name
    target.parent.mkdir(parents=True, exist_ok=True)
    draft, seen = target.with_name(f"{target.name}.new"), hashlib.sha256()
    source, size = storage.stream(name)
    with source, draft.open("wb") as copy:
        while piece := source.read(PIECE):
            seen.update(piece)
            copy.write(piece)
        written = copy.tell()
    if written != size:
        raise BackupError(f"{name} broke off after {written} of {size} bytes.")
    draft.rename(target)
    return Picture(name, size, seen.hexdigest())


def _manifest(folder: Path) -> Iterator[Picture]:
    with (folder / MANIFEST).open() as lines:
        yield from (Picture(**json.loads(line)) for line in lines)


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _has_people() -> bool:
    with connection.cursor() as cursor:
        if "people_user" not in connection.introspection.table_names(cursor):
            return False
        cursor.execute("SELECT EXISTS (SELECT FROM people_user)")
        return bool(cursor.fetchone()[0])


def _load(dump: Path) -> None:
    """All of it or nothing. What the dump does not know is gone afterwards; a site still in use is not waited for."""
    environ = _environ() | {"PGOPTIONS": "-c lock_timeout=10s"}
    script = subprocess.Popen(  # noqa: S603
        [_program("pg_restore"), *WHOSE, "--file=-", str(dump)], stdout=subprocess.PIPE, env=environ
    )
    load = [_program("psql"), "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"]
    with script:
        done = subprocess.run(  # noqa: S603
            [*load, f"--command={FROM_NOTHING}", "--file=-"],
            stdin=script.stdout, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environ, text=True,
        )  # fmt: skip
    if done.returncode or script.returncode:
        raise BackupError(f"The database is as it was; the pictures are back. Postgres says:\n{done.stderr}")


def _run(program: str, *arguments: str) -> None:
    done = subprocess.run([_program(program), *arguments], env=_environ(), capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        raise BackupError(f"{program} says:\n{done.stderr}")


def _program(name: str) -> str:
    """From the wheel; else the machine's own."""
    try:
        return str(binaries.folder(needs_copy=False) / name)
    except EmbeddedError:
        found = shutil.which(name)
    if found is None:
        raise BackupError(f"{name} is not installed: it comes with Postgres' client programs.")
    return found


def _environ() -> dict[str, str]:
    """How Postgres' own programs find the database; a command line could be read by everybody."""
    database = settings.DATABASES["default"]
    named = {f"PG{name.upper()}": str(value) for name, value in database["OPTIONS"].items()}
    named |= {f"PG{name}": str(database[name]) for name in ("HOST", "PORT", "USER", "PASSWORD")}
    named["PGDATABASE"] = str(connection.settings_dict["NAME"])
    return os.environ | {name: value for name, value in named.items() if value}
