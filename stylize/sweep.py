"""THE BENCH: finds files without rows and rows without files, and mends both.

The rows of a column and the files of its folder are walked side by side in one order, so that memory does not grow
with the site. The walk only suspects: every row and file is looked at once more before anything is changed. When very
much is wrong, the storage or the database is the wrong one, and nothing is mended unless somebody says so.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final, NamedTuple

from django.db.models import F, Model
from django.db.models.functions import Collate
from django.utils import timezone

from stylize import mending, pictures, storage
from stylize.models import Frame, Job, Mask, Upload

log = logging.getLogger(__name__)

SPARED: Final = timedelta(days=1)  # younger files may belong to a row that is just being written
CHUNK: Final = 1000
FEW: Final = 20  # so many may always be mended; beyond, at most this share of all:
SHARE: Final = 0.1


class TooMuch(Exception):
    """So much is wrong that the storage or the database must be the wrong one."""


@dataclass(frozen=True)
class Shelf:
    """A folder of the storage, and the column whose rows name the pictures in it."""

    folder: str
    model: type[Model]
    column: str
    full: str | None  # how the name of the one file ends that nothing else can replace
    at_once: tuple[str, ...]  # the copies that are written with it
    gone: Callable[[int, str], bool] | None  # mends a row without any file; whether it changed something
    bare: Callable[[int, str], bool] | None = None  # mends a row whose copies are not all there
    back: Callable[[int, str], bool] | None = None  # mends a row that was given up, and whose file is there again


COPIES: Final = tuple(variant.suffix for variant in pictures.AT_ONCE)
SHELVES: Final = [
    Shelf("uploads", Upload, "file", pictures.UPLOAD_FULL.suffix, COPIES, mending.lost_upload, mending.bare_picture),
    Shelf("framed", Job, "framed", None, COPIES, mending.lost_framed, mending.lost_framed),
    Shelf("masks", Mask, "file", pictures.MASK.suffix, (), mending.lost_mask),
    Shelf(
        "results", Job, "result", pictures.MASTER.suffix, COPIES,
        mending.lost_painting, mending.bare_picture, mending.painting_found,
    ),
    Shelf("proofs", Job, "result", None, (), mending.lost_painting),
    Shelf("prints", Job, "result", pictures.MASTER.suffix, (), mending.lost_painting, None, mending.painting_found),
    Shelf("frames", Frame, "file", pictures.MASTER.suffix, (), mending.lost_frame),
    Shelf("checkpoints", Job, "checkpoint", None, (), mending.lost_checkpoint),
]  # fmt: skip


def add(shelf: Shelf) -> None:
    """Register a part's own shelf (from AppConfig.ready)."""
    SHELVES.append(shelf)


class Row(NamedTuple):
    pk: int
    name: str
    given_up: bool


class Files(NamedTuple):
    name: str  # what they have in common
    paths: list[str]
    newest: datetime


class Finding(NamedTuple):
    """`what`: orphan (files without a row), gone, faded (only copies left), bare (copies missing), back, or well."""

    what: str
    row: Row | None
    files: Files | None


def run(*, mend: bool = True, even_much: bool = False, spared: timedelta = SPARED) -> Counter[str]:
    """Look at everything, then mend it; how often what was found, by shelf. Raises TooMuch and storage.StorageError."""
    told: Counter[str] = Counter()
    for shelf in SHELVES:
        counts = Counter(finding.what for finding in _findings(shelf, spared))
        told.update({f"{shelf.folder} {what}": count for what, count in counts.items()})
        wrong = {what: counts[what] for what in ("orphan", "gone") if counts[what]}
        if not mend or not counts.keys() - {"well"}:
            continue
        if not even_much and any(count > max(FEW, SHARE * counts.total()) for count in wrong.values()):
            raise TooMuch(f"{shelf.folder}: {sentence(counts)}. Is this the right storage, and the right database?")
        for finding in _findings(shelf, spared):
            _mend(shelf, finding)
    return told


def _findings(shelf: Shelf, spared: timedelta) -> Iterator[Finding]:
    limit = timezone.now() - spared
    for row, files in _side_by_side(_rows(shelf), _files(shelf)):
        if row is None:
            assert files
            if files.newest < limit:
                yield Finding("orphan", None, files)
        else:
            yield Finding(_state(shelf, row, files), row, files)


def _state(shelf: Shelf, row: Row, files: Files | None) -> str:
    there = {path.removeprefix(row.name) for path in files.paths} if files else set()
    if row.given_up:
        return "back" if shelf.full in there else "well"
    if not there:
        return "gone"
    if shelf.full and shelf.full not in there:
        return "faded"
    return "well" if there.issuperset(shelf.at_once) else "bare"


def _mend(shelf: Shelf, finding: Finding) -> None:
    what, row, files = finding
    if what == "orphan":
        assert files
        if not shelf.model._default_manager.filter(**{shelf.column: files.name}).exists():
            log.info("no row names %s: deleted", files.name)
            storage.delete(*files.paths)
        return
    if row is None or what == "well":
        return
    if what == "faded":
        log.warning("the original of %s is gone, its copies are still shown", row.name)
        return
    still = shelf.model._default_manager.filter(**{"pk": row.pk, shelf.column: row.name})
    if what == "gone" and (any(storage.names(row.name)) or not still.exists()):  # it has changed since, or was deleted
        return
    mend: Callable[[int, str], bool] | None = getattr(shelf, what)
    done = bool(mend and mend(row.pk, row.name))
    if what == "gone":
        log.error("every file of %s is gone%s", row.name, ": mended as far as it can be" if done else "")
    elif done:
        log.info("%s was %s: mended", row.name, what)


def _rows(shelf: Shelf) -> Iterator[Row]:
    """In the order of the names' bytes, whatever the database's own order is."""
    rows: Any = shelf.model._default_manager.filter(**{f"{shelf.column}__startswith": f"{shelf.folder}/"})
    ordered = rows.order_by(Collate(F(shelf.column), "C")).values_list("pk", shelf.column, *_failure(shelf))
    for pk, name, *failure in ordered.iterator(chunk_size=CHUNK):
        yield Row(pk, name, given_up=failure == [Job.Failure.GONE])


def _failure(shelf: Shelf) -> tuple[str, ...]:
    return ("failure",) if shelf.back else ()


def _files(shelf: Shelf) -> Iterator[Files]:
    """The files of each picture; then, one by one, drafts and what else lies between them and is no picture's."""
    strangers: list[storage.Entry] = []

    def of_pictures() -> Iterator[storage.Entry]:
        for entry in storage.entries(f"{shelf.folder}/"):
            if pictures.common_name(entry.name) == entry.name:
                strangers.append(entry)
            else:
                yield entry

    for name, group in groupby(of_pictures(), key=lambda entry: pictures.common_name(entry.name)):
        found = list(group)
        yield Files(name, [entry.name for entry in found], max(entry.written_at for entry in found))
        yield from _alone(strangers)
    yield from _alone(strangers)


def _alone(strangers: list[storage.Entry]) -> Iterator[Files]:
    yield from (Files(entry.name, [entry.name], entry.written_at) for entry in strangers)
    strangers.clear()


def _side_by_side(rows: Iterator[Row], found: Iterator[Files]) -> Iterator[tuple[Row | None, Files | None]]:
    """Each row with its files; None where one side has nothing."""
    row, files = next(rows, None), next(found, None)
    while row or files:
        if files is None or (row and row.name < files.name):
            yield row, None
            row = next(rows, None)
        elif row is None or files.name < row.name:
            yield None, files
            files = next(found, None)
        else:
            yield row, files
            row, files = next(rows, None), next(found, None)


def sentence(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
