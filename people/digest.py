"""THE DOOR: the digest: one mail about all that is new to somebody and that they have not seen, once a day at most.

What is told is marked after the mail has gone, so whoever is killed before loses none; of two that look at once one
sends (outbox.py). Where the mail server is away, the next round tries again.
"""

import logging
from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from people import gathering, languages, letters, mailing, notices, outbox
from people.models import Notice, User

log = logging.getLogger(__name__)

EVERY: Final = timedelta(days=1)
SETTLED: Final = timedelta(minutes=30)  # what is read at once needs no mail, and what comes in a row is in one
TOO_LATE: Final = timedelta(days=7)
AT_ONCE, LOOKED_AT = 50, 500  # people in a round
ROWS, LINES = 1000, 30  # of one mail


def send_due() -> int:
    """How many digests were sent."""
    now = timezone.now()
    needless = Q(read_at__gt=F("at")) | Q(at__lt=now - TOO_LATE)
    Notice.objects.filter(needless, mailed_at=None).update(mailed_at=now)
    sent = 0
    for person in _due(now)[:LOOKED_AT]:
        try:
            sent += _settle(person, now)
        except letters.AWAY as trouble:
            log.warning("a digest was not sent, it is tried again: %s", trouble)
            if not isinstance(trouble, SMTPRecipientsRefused):  # the server is away, for everybody
                break
        if sent == AT_ONCE:
            break
    return sent


def _due(now: datetime) -> "QuerySet[User]":
    """Whoever has something to hear and has not had a digest today; who has waited longest comes first."""
    rested = Q(digest_at=None) | Q(digest_at__lte=now - EVERY)
    untold = Notice.objects.untold().filter(owner=OuterRef("pk"), at__lte=now - SETTLED)
    return User.objects.filter(rested, Exists(untold)).order_by(F("digest_at").asc(nulls_first=True), "pk")


def _settle(person: User, now: datetime) -> bool:
    with outbox.alone(f"digest {person.pk}") as nobody_else:
        if not nobody_else or not _due(now).filter(pk=person.pk).exists():
            return False
        person.refresh_from_db()
        rows = list(Notice.objects.untold().filter(owner=person).select_related("by").order_by("-pk")[:ROWS])
        told = [row for row in rows if _wants(person, row)]
        if told:
            _send(person, told)
        _mark(person, rows, now if told else None)
    return bool(told)


def _wants(person: User, row: Notice) -> bool:
    """Still: it may have been switched off since."""
    return person.is_active and notices.wants(person, Notice.Kind(row.kind), notices.IN_MAIL)


@transaction.atomic
def _mark(person: User, rows: list[Notice], sent_at: datetime | None) -> None:
    if sent_at:
        User.objects.filter(pk=person.pk).update(digest_at=sent_at)
    Notice.objects.filter(pk__in=[row.pk for row in rows]).update(mailed_at=timezone.now())


def _send(person: User, told: list[Notice]) -> None:
    switch = settings.SITE_URL + reverse("mail_digest_off", args=[mailing.digest_token_of(person)])
    lines, more = gathering.lines(told, LINES)
    with languages.of(person):
        page = settings.SITE_URL + reverse("feed:notices")
        facts = {"lines": lines, "more": more, "count": len(told), "url": page}
        subject, to = _("What is new for you · Ostagram"), str(person.email)
        mail = letters.written("people/mail/digest", subject, facts, to=to, switch=switch)
    mail.send()
