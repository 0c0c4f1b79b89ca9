"""THE BENCH: packs what people.export collects into one zip, keeps it for a week for its owner alone, and removes it.

Nothing is held in memory but a piece of a file: rows are written as they are read, pictures are copied in pieces.
"""

import logging
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import IO, Any, Final

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from people import export, languages, letters, outbox
from people.export import Copy, Sheet
from people.models import Export, User
from stylize import storage
from stylize.materials import new_key

log = logging.getLogger(__name__)

FOLDER: Final = "exports"
LIVES: Final = timedelta(days=7)
PIECE: Final = 256 * 1024  # bytes
AT_ONCE: Final = 2
MAIL_WAITS: Final = timedelta(days=1)


def ask(person: User) -> Export | None:
    """Have it collected; the file of an older one goes. None: they are leaving."""
    wanted, old = export.ask(person)
    if old:
        storage.delete(old)
    return wanted


def collect_due() -> int:
    """Pack what was asked for; how many. Where the storage is away, the next round tries again."""
    waiting = Export.objects.filter(file="", owner__leaving_at=None).select_related("owner").order_by("asked_at")
    packed = 0
    for wanted in waiting[:AT_ONCE]:
        try:
            packed += _collect(wanted)
        except storage.StorageError as trouble:
            log.warning("what was asked for cannot be collected just now: %s", trouble.__cause__)
    _tell_due()
    return packed


def current(person: User) -> Export | None:
    """One that is being collected, or can be downloaded."""
    found = export.of(person)
    return None if found is None or is_over(found) else found


def is_over(found: Export) -> bool:
    return found.ready_at is not None and found.ready_at < timezone.now() - LIVES


def expire() -> int:
    """Delete those that have served their time; how many."""
    old = Export.objects.filter(ready_at__lt=timezone.now() - LIVES)
    return sum(_delete(one) for one in old)


def drop(person: User) -> None:
    """Their owner leaves."""
    for one in Export.objects.filter(owner=person):
        _delete(one)


def drop_row(guest: User) -> Callable[[], None]:
    """A guest has become somebody else; what is to be done once that is committed."""
    files = list(Export.objects.filter(owner=guest).exclude(file="").values_list("file", flat=True))
    Export.objects.filter(owner=guest).delete()
    return partial(storage.delete, *files)


def lost(pk: int, name: str) -> bool:
    """For the sweep: one without its file is asked for anew."""
    return bool(Export.objects.filter(pk=pk, file=name).delete()[0])


def _delete(one: Export) -> int:
    """The row first: what is left without one, the sweep finds."""
    rows, _by_model = Export.objects.filter(pk=one.pk, key=one.key).delete()
    if one.file:
        storage.delete(one.file)
    return rows


# Packing --------------------------------------------------------------------------------------------------------------


def _collect(wanted: Export) -> bool:
    with outbox.alone(f"export {wanted.key}") as nobody_else, tempfile.TemporaryFile() as packed:
        if not nobody_else or not Export.objects.filter(pk=wanted.pk, file="").exists():
            return False
        write(packed, wanted.owner)
        size, key = packed.tell(), new_key()
        name = f"{FOLDER}/{key[:2].lower()}/{key}.zip"
        packed.seek(0)
        storage.save_from(name, packed)
        if not export.ready(wanted, name, size):  # its owner has left meanwhile
            storage.delete(name)
            return False
    log.info("data of person %d collected, %d bytes", wanted.owner_id, size)
    return True


def write(file: IO[bytes], person: User) -> None:
    """All that is theirs. Raises storage.StorageError."""
    missing = []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, languages.of(person):
        archive.writestr("README.txt", render_to_string("account/export.txt", {"person": person}))
        for item in export.items(person):
            if isinstance(item, Sheet):
                _write_sheet(archive, item.name, item.rows)
            elif not _copy(archive, item):
                missing.append({"file": item.name})
        if missing:
            _write_sheet(archive, "missing.json", missing)


def _write_sheet(archive: zipfile.ZipFile, name: str, rows: Iterable[Mapping[str, Any]]) -> None:
    encoder = DjangoJSONEncoder(ensure_ascii=False, indent=1)
    with archive.open(name, "w", force_zip64=True) as sheet:
        sheet.write(b"[")
        for place, row in enumerate(rows):
            sheet.write((",\n" if place else "\n").encode() + encoder.encode(row).encode("utf-8", "replace"))
        sheet.write(b"\n]\n")


def _copy(archive: zipfile.ZipFile, item: Copy) -> bool:
    """False: it is not in the storage any more."""
    try:
        with _opened(item.file) as source:
            about = zipfile.ZipInfo(item.name, timezone.now().timetuple()[:6])
            about.external_attr = 0o644 << 16  # a picture is packed already: stored, not deflated
            with archive.open(about, "w", force_zip64=True) as copy:
                shutil.copyfileobj(source, copy, PIECE)
    except FileNotFoundError:
        return False
    return True


@contextmanager
def _opened(name: str) -> Iterator[IO[bytes]]:
    file, _size = storage.stream(name)
    try:
        yield file
    finally:
        file.close()


# Telling --------------------------------------------------------------------------------------------------------------


def _tell_due() -> None:
    for ready in Export.objects.filter(ready_at__isnull=False, told_at=None).select_related("owner")[:AT_ONCE]:
        with outbox.alone(f"export mail {ready.key}") as nobody_else:
            untold = Export.objects.filter(pk=ready.pk, told_at=None)
            if nobody_else and untold.exists() and (_tell(ready) or _is_too_late(ready)):
                untold.update(told_at=timezone.now())


def _tell(ready: Export) -> bool:
    if not ready.owner.email:
        return True  # the page shows it
    facts = {"url": settings.SITE_URL + reverse("stylize:data"), "days": LIVES.days}
    subject = _("Your data is ready · Ostagram")
    return letters.send(ready.owner.email, ready.owner.language, "account/mail/data", subject, facts)


def _is_too_late(ready: Export) -> bool:
    return ready.ready_at is not None and ready.ready_at < timezone.now() - MAIL_WAITS
