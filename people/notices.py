"""THE DOOR: notices: every part tells here what has happened to somebody, once, and only what they want to know."""

from typing import Final

from django.utils import timezone

from people.models import Notice, User

Kind = Notice.Kind
ON_SITE, IN_MAIL = "site", "mail"
ALWAYS: Final = frozenset({Kind.TAKEN_DOWN})  # nobody can switch these off
AT_ONCE: Final = frozenset({Kind.DONE, Kind.FAILED})  # have a mail of their own: stylize/notices.py
MANY: Final = 100  # unread: nobody wants to know how many more


def tell(owner: User, kind: Kind, *, by: User | None = None, key: str = "", words: str = "") -> None:
    """Write a notice down, unless they did this themselves, want neither notice nor mail of it, or know already.

    Nobody is told who cannot sign in, such as the house that owns the samples.
    """
    on_site, in_mail = wants(owner, kind, ON_SITE), wants(owner, kind, IN_MAIL)
    if owner == by or not owner.is_active or not (on_site or in_mail):
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


def untell(owner: User, kind: Kind, *, by: User, key: str, words: str) -> None:
    """What was said is not there any more, nor what was told of it."""
    Notice.objects.filter(owner=owner, kind=kind, by=by, key=key, words=words[:500]).delete()


def wants(person: User, kind: Kind, way: str) -> bool:
    """Whether to tell this person of such things, on the site or in the digest; a guest has no address."""
    if way == IN_MAIL and (not person.email or kind in AT_ONCE):
        return False
    return kind in ALWAYS or f"{way}:{kind}" not in person.muted


def choose(person: User, muted: list[str], *, mail_when_done: bool) -> None:
    """What to tell this person of from now on: `muted` as User.muted has it."""
    person.muted, person.mail_when_done = muted, mail_when_done
    person.save(update_fields=["muted", "mail_when_done"])


def no_digest(person: User) -> None:
    """Whatever can be switched off in it is."""
    mail = {f"{IN_MAIL}:{kind}" for kind in Kind if kind not in ALWAYS | AT_ONCE}
    person.muted = sorted(mail.union(person.muted))
    person.save(update_fields=["muted"])


def unread(person: User) -> int:
    """At most MANY; as it was read with the person, where accounts.Backend has."""
    known: int | None = getattr(person, "unread_notices", None)
    return Notice.objects.filter(owner=person, read_at=None)[:MANY].count() if known is None else known


def seen(person: User, first: int, last: int) -> None:
    """They have looked at their notices between these two."""
    looked_at = Notice.objects.filter(owner=person, read_at=None, pk__gte=first, pk__lte=last)
    looked_at.update(read_at=timezone.now())


def seen_picture(person: User, key: str) -> None:
    """They have looked at what has become of this picture of theirs."""
    ended = Notice.objects.filter(owner=person, read_at=None, key=key, kind__in=AT_ONCE)
    ended.update(read_at=timezone.now())


def forget_picture(owner: User, key: str) -> None:
    """It is deleted, and so is what others said about it."""
    Notice.objects.filter(owner=owner, key=key).delete()


def hand_over(guest: User, user: User) -> None:
    """A guest's notices go to the account that the guest signs in to, but for those of what the account did itself."""
    Notice.objects.filter(owner=guest, by=user).delete()
    Notice.objects.filter(owner=guest).update(owner=user)
