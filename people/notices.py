"""THE DOOR: notices: every part tells here what has happened to somebody, once, and only what they want to know."""

from typing import Final

from django.utils import timezone

from people.models import Notice, User

Kind = Notice.Kind
ON_SITE, IN_MAIL = "site", "mail"
ALWAYS: Final = frozenset({Kind.TAKEN_DOWN})  # nobody can switch these off


def tell(owner: User, kind: Kind, *, by: User | None = None, key: str = "", words: str = "") -> None:
    """Write a notice down, unless they did this themselves, want neither notice nor mail of it, or know already."""
    on_site, in_mail = wants(owner, kind, ON_SITE), wants(owner, kind, IN_MAIL)
    if owner == by or not (on_site or in_mail):
        return
    now = timezone.now()
    Notice.objects.bulk_create(
        [
            Notice(
                owner=owner,
                kind=kind,
                by=by,
                key=key,
                words=words[:500],
                at=now,
                read_at=None if on_site else now,
                mailed_at=None if in_mail else now,
            )
        ],
        ignore_conflicts=True,
    )


def wants(person: User, kind: Kind, way: str) -> bool:
    """Whether to tell this person of such things, on the site or in the digest; a guest has no address."""
    if way == IN_MAIL and not person.email:
        return False
    return kind in ALWAYS or f"{way}:{kind}" not in person.muted


def unread(person: User) -> int:
    return Notice.objects.filter(owner=person, read_at=None).count()
