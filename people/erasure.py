"""THE DOOR: erasure: a person who leaves takes everything along. `begin` hides it at once; the house does the rest.

Each part says with `on_leaving` what it hides and what it deletes. Deleting is done again from the start until nothing
is left, so whoever is killed in between loses nothing; the person's row goes last, and only when no part has a row.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Final, NamedTuple

from django.contrib.auth import SESSION_KEY as SIGNED_IN
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Model, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from people import guests, letters, outbox
from people.models import Notice, User, new_handle

log = logging.getLogger(__name__)

MAIL_WAITS: Final = timedelta(days=1)  # for a mail server that is away; then they go without a word
CHUNK: Final = 500
Do = Callable[[User], None]


class NotYet(Exception):
    """Something of theirs is needed for a while; `str()` says what. The house looks again."""


class Part(NamedTuple):
    erase: Do  # again and again without harm; may raise NotYet
    hide: Do | None
    rows: tuple[type[Model], ...]  # whose `owner` it has to be rid of, because files or counts hang on them


_parts: list[Part] = []


def on_leaving(erase: Do, *, hide: Do | None = None, rows: tuple[type[Model], ...] = ()) -> None:
    """Register a part (from AppConfig.ready). Floors above go first: their rows name those below."""
    if not any(part.erase == erase for part in _parts):
        _parts.append(Part(erase, hide, rows))


@transaction.atomic
def begin(person: User) -> bool:
    """From now on nobody sees anything of theirs, and nobody is signed in as them. False: they are leaving already."""
    leaving = User.objects.select_for_update().filter(pk=person.pk, leaving_at=None).first()
    if leaving is None:
        return False
    for part in reversed(_parts):
        if part.hide:
            part.hide(leaving)
    leaving.leaving_at, leaving.is_active = timezone.now(), False
    leaving.is_staff = leaving.is_superuser = False
    leaving.handle, leaving.about = new_handle(), ""  # the old one leads nowhere
    leaving.set_unusable_password()  # which ends every session
    leaving.save()
    log.info("person %d: is leaving", leaving.pk)
    return True


def finish_due() -> int:
    """Delete what is left of everybody who is leaving; how many are gone."""
    leaving = User.objects.filter(leaving_at__isnull=False).order_by("leaving_at").values_list("pk", flat=True)
    return sum(_finish(pk) for pk in list(leaving))


def _finish(pk: int) -> bool:
    with outbox.alone(f"leaving {pk}") as nobody_else:
        person = User.objects.filter(pk=pk, leaving_at__isnull=False).first() if nobody_else else None
        if person is None:
            return False
        try:
            for part in reversed(_parts):
                part.erase(person)
            return _tell(person) and _go(person)
        except NotYet as reason:
            log.info("person %d: cannot go yet: %s", pk, reason)
        except Exception:
            log.exception("person %d: could not be deleted, it is tried again", pk)  # and holds up nobody else
    return False


def forget(person: User) -> None:
    """This part's own: sessions anywhere, and what others were told about them."""
    Notice.objects.filter(Q(by=person) | Q(owner=person)).delete()
    for session in Session.objects.iterator(chunk_size=CHUNK):
        known = session.get_decoded()
        if known.get(SIGNED_IN) == str(person.pk) or known.get(guests.SESSION_KEY) == person.pk:
            session.delete()


def hide(person: User) -> None:
    Notice.objects.filter(by=person).delete()


def _tell(person: User) -> bool:
    """That it is done; addresses and what they signed in with go with the row. False: the mail has to wait."""
    if not person.email or not _is_bare(person):
        return True
    subject = _("Your account is deleted · Ostagram")
    sent = letters.send(person.email, person.language, "account/mail/left", subject, {})
    assert person.leaving_at
    return sent or person.leaving_at < timezone.now() - MAIL_WAITS


@transaction.atomic
def _go(person: User) -> bool:
    """With the row locked nothing new can name it; what has come in a moment before is deleted with the next try."""
    leaving = User.objects.select_for_update().filter(pk=person.pk).first()
    if leaving is None or not _is_bare(leaving):
        return False
    leaving.delete()
    log.info("person %d: is gone", person.pk)
    return True


def _is_bare(person: User) -> bool:
    rows = [model for part in _parts for model in part.rows]
    return not any(model._default_manager.filter(owner=person).exists() for model in rows)
