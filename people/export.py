"""THE DOOR: export: all that is somebody's, in words that programs read too, and their pictures. One file at a time.

Each part tells with `on_export` what it has: sheets of rows and files of the storage. Rows come one by one, so a part
yields them from an iterator and never holds them all.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.utils import timezone

from people.models import Export, Notice, User


@dataclass(frozen=True)
class Sheet:
    """A file of JSON: a list with one object for each row."""

    name: str  # within the zip
    rows: Iterable[Mapping[str, Any]]


@dataclass(frozen=True)
class Copy:
    """A file of the storage."""

    name: str  # within the zip
    file: str  # in the storage


Part = Callable[[User], Iterable[Sheet | Copy]]
_parts: list[Part] = []


def on_export(part: Part) -> None:
    """Register a part (from AppConfig.ready)."""
    if part not in _parts:
        _parts.append(part)


def items(person: User) -> Iterator[Sheet | Copy]:
    for part in _parts:
        yield from part(person)


@transaction.atomic
def ask(person: User) -> tuple[Export | None, str]:
    """The export that is wanted, and the file of an older one that it takes the place of. None: they are leaving."""
    owner = User.objects.select_for_update(no_key=True).filter(pk=person.pk, leaving_at=None).first()
    if owner is None:
        return None, ""
    earlier = Export.objects.filter(owner=owner).first()
    if earlier and not earlier.file:
        return earlier, ""
    if earlier:
        earlier.delete()
    return Export.objects.create(owner=owner), earlier.file if earlier else ""


def of(person: User) -> Export | None:
    return Export.objects.filter(owner=person).first()


def ready(export: Export, file: str, size: int) -> bool:
    """It lies in the storage. False: it is not wanted any more, or somebody else has collected it."""
    waiting = Export.objects.filter(pk=export.pk, file="")
    return waiting.update(file=file, size=size, ready_at=timezone.now()) == 1


def own(person: User) -> Iterator[Sheet]:
    """This part's own: who they are, and what they were told."""
    yield Sheet("profile.json", [_profile(person)])
    notices = Notice.objects.filter(owner=person).order_by("id").select_related("by")
    yield Sheet("notices.json", (_notice(notice) for notice in notices.iterator()))


def _profile(person: User) -> dict[str, Any]:
    addresses = EmailAddress.objects.filter(user=person).values("email", "verified", "primary")
    elsewhere = SocialAccount.objects.filter(user=person).values("provider", "uid", "date_joined", "extra_data")
    return {
        "handle": person.handle, "email": person.email, "addresses": list(addresses),
        "signs_in_with": list(elsewhere), "about": person.about,
        "language": person.language, "mail_when_done": person.mail_when_done, "muted": person.muted,
        "is_guest": person.is_guest, "created_at": person.created_at, "last_login": person.last_login,
    }  # fmt: skip


def _notice(notice: Notice) -> dict[str, Any]:
    return {
        "kind": notice.kind, "by": notice.by.handle if notice.by else None, "picture": notice.key,
        "words": notice.words, "at": notice.at, "read_at": notice.read_at,
    }  # fmt: skip
