"""The digest: all that is new in one mail, once a day at most, lost by nobody's death, and easily switched off."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from threading import Barrier, BrokenBarrierError

import pytest
from django.conf import LazySettings
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from feed import talk
from people import digest, mailing, notices, outbox, tasks
from people.models import Notice, User
from tests import elsewhere, make, together

Kind = notices.Kind


def age(by: timedelta = timedelta(hours=1)) -> None:
    """Let all that has happened have happened longer ago."""
    Notice.objects.update(at=F("at") - by, read_at=F("read_at") - by, mailed_at=F("mailed_at") - by)
    User.objects.update(digest_at=F("digest_at") - by)


def told(person: User, kind: Kind = Kind.COMMENTED, **fields: str) -> None:
    by = User.objects.filter(handle="bob-paints").first() or make.user("bob")
    notices.tell(person, kind, by=by, **{"key": "a-picture"} | fields)
    age()


def parts() -> tuple[EmailMultiAlternatives, str, str]:
    (sent,) = mail.outbox
    assert isinstance(sent, EmailMultiAlternatives)
    ((page, _kind),) = sent.alternatives
    return sent, str(sent.body), str(page)


def test_all_that_is_new_is_in_one_mail_with_the_ways_to_it_and_the_way_out(
    alice: User, bob: User, settings: LazySettings
) -> None:
    settings.SITE_URL = "https://paint.example"
    post = make.post(alice)
    talk.like(post, bob)
    talk.like(post, make.user("carol"))
    talk.say(post, bob, "A <b>fine</b> sky & more")
    talk.follow(alice, bob)
    age()
    tasks.tell()
    sent, words, page = parts()
    assert sent.to == [alice.email] and "Ostagram" in sent.subject
    off = "https://paint.example" + reverse("mail_digest_off", args=[mailing.digest_token_of(alice)])
    for address in (f"/p/{post.job.key}/", f"/p/{post.job.key}/#talk", f"/people/{bob.handle}/", "/notices/"):
        assert f"https://paint.example{address}" in words and f'href="https://paint.example{address}"' in page
    assert off in words and f'href="{off}"' in page
    assert sent.extra_headers["List-Unsubscribe"] == f"<{off}>"
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "carol-paints and 1 more like" in words and "A <b>fine</b> sky & more" in words
    assert "&lt;b&gt;fine" in page and "{" not in words


def test_once_and_the_next_day_only_what_is_new_since(alice: User) -> None:
    told(alice, words="the first")
    assert [digest.send_due(), digest.send_due()] == [1, 0]
    told(alice, words="the second")
    assert digest.send_due() == 0  # not twice on one day
    mail.outbox.clear()
    age(digest.EVERY)
    assert digest.send_due() == 1
    _sent, words, _page = parts()
    assert "the second" in words and "the first" not in words


def test_what_has_just_happened_waits_a_little(alice: User, bob: User) -> None:
    notices.tell(alice, Kind.COMMENTED, by=bob)
    assert digest.send_due() == 0
    age()
    assert digest.send_due() == 1


def test_what_was_read_needs_no_mail(alice: User, as_alice: Client) -> None:
    told(alice)
    as_alice.get("/notices/")
    assert digest.send_due() == 0
    assert not Notice.objects.filter(mailed_at=None).exists()


def test_what_is_not_wanted_on_the_site_may_be_wanted_in_the_mail(alice: User) -> None:
    alice.muted = ["site:commented"]
    alice.save()
    told(alice)
    assert digest.send_due() == 1


@pytest.mark.parametrize("how", ["switched off", "since", "guest", "inactive", "done", "failed", "long ago"])
def test_nobody_is_told_who_need_not_be(alice: User, how: str) -> None:
    person = make.guest() if how == "guest" else alice
    if how == "switched off":
        notices.no_digest(person)
    told(person, Kind(how) if how in ("done", "failed") else Kind.COMMENTED)
    if how == "since":
        notices.no_digest(person)
    if how == "inactive":
        User.objects.filter(pk=alice.pk).update(is_active=False)
    if how == "long ago":
        age(digest.TOO_LATE)
    assert digest.send_due() == 0
    assert not mail.outbox
    User.objects.update(muted=[], is_active=True)
    assert digest.send_due() == 0  # nor later


def test_what_was_taken_down_is_told_whatever_is_switched_off(alice: User) -> None:
    notices.no_digest(alice)
    told(alice, Kind.TAKEN_DOWN, words="It shows somebody without their leave")
    assert digest.send_due() == 1
    assert "without their leave" in parts()[1]


def test_in_the_recipients_language(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(language="ru")
    told(alice)
    digest.send_due()
    assert 'lang="ru"' in parts()[2]


# Trouble -------------------------------------------------------------------------------------------------------------


def test_a_mail_server_that_is_away_is_tried_again_and_nothing_is_lost(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(alice)
    tried = []

    def away(message: EmailMultiAlternatives) -> None:
        tried.append(message)
        raise SMTPServerDisconnected

    told(make.user("carol"))
    with monkeypatch.context() as patch:
        patch.setattr(EmailMultiAlternatives, "send", away)
        assert digest.send_due() == 0
        assert len(tried) == 1  # it is not asked for everybody in turn
    assert digest.send_due() == 2


def test_an_address_that_is_refused_keeps_nobody_else_waiting(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    told(alice)
    told(make.user("carol"))
    send = EmailMultiAlternatives.send

    def refuse_alice(message: EmailMultiAlternatives) -> int:
        if message.to == [alice.email]:
            raise SMTPRecipientsRefused({})
        return send(message)

    monkeypatch.setattr(EmailMultiAlternatives, "send", refuse_alice)
    assert digest.send_due() == 1
    assert parts()[0].to == ["carol@example.org"]


@contextmanager
def beside_others(mail: str) -> Iterator[bool]:
    """In the place of `outbox.alone`."""
    yield True


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
def test_two_that_look_at_once_send_one(monkeypatch: pytest.MonkeyPatch, guarded: bool) -> None:
    told(make.user("alice"))
    if not guarded:
        monkeypatch.setattr(outbox, "alone", beside_others)
    send, both = digest._send, Barrier(2)

    def side_by_side(person: User, rows: list[Notice]) -> None:
        with suppress(BrokenBarrierError):
            both.wait(0.5)
        send(person, rows)

    monkeypatch.setattr(digest, "_send", side_by_side)

    together.at_once([digest.send_due] * 2)
    assert len(mail.outbox) == (1 if guarded else 2)


SENDING = f"""
import time
from people import digest
def hang(person, rows):
    if not GUARDED:
        digest._mark(person, rows, digest.timezone.now())  # before it is gone
    print("{elsewhere.SAID}", flush=True)
    time.sleep(60)
digest._send = hang
digest.send_due()
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
def test_a_house_that_is_killed_while_it_sends_loses_nothing(guarded: bool) -> None:
    told(make.user("alice"))
    with elsewhere.running(f"GUARDED = {guarded}\n{SENDING}") as house:
        assert digest.send_due() == 0  # it is in good hands
        house.kill()
        house.wait()
        give_up_at = time.monotonic() + (5 if guarded else 0.5)
        while not digest.send_due() and time.monotonic() < give_up_at:
            time.sleep(0.05)
    assert len(mail.outbox) == (1 if guarded else 0)


# Switching it off ----------------------------------------------------------------------------------------------------


def off(user: User) -> str:
    return reverse("mail_digest_off", args=[mailing.digest_token_of(user)])


def test_the_link_asks_and_the_button_does_without_signing_in(alice: User) -> None:
    strict = Client(enforce_csrf_checks=True)  # a mail program has no cookie
    assert "No more mail about what is new" in strict.get(off(alice)).content.decode()
    alice.refresh_from_db()
    assert not alice.muted  # programs that follow links change nothing
    assert "switched off" in strict.post(off(alice), {"List-Unsubscribe": "One-Click"}).content.decode()
    alice.refresh_from_db()
    assert set(alice.muted) == {"mail:liked", "mail:commented", "mail:followed"}
    assert alice.mail_when_done  # which is another mail's switch


def test_one_mails_link_is_no_leave_for_the_other(alice: User) -> None:
    for name, token in (("mail_off", mailing.digest_token_of(alice)), ("mail_digest_off", mailing.token_of(alice))):
        assert Client().post(reverse(name, args=[token])).status_code == 404


@pytest.mark.parametrize("token", ["1", "1:forged", "x"])
def test_a_forged_link_is_404(alice: User, token: str) -> None:
    assert Client().post(reverse("mail_digest_off", args=[token])).status_code == 404


def test_wrong_method_405(alice: User) -> None:
    assert Client().put(off(alice)).status_code == 405


def test_a_digest_goes_once_a_day_by_the_row_and_not_by_luck(alice: User) -> None:
    """Where all that yesterday's digest told of is deleted meanwhile, it was sent all the same."""
    told(alice)
    assert digest.send_due() == 1
    Notice.objects.all().delete()
    told(alice)
    assert digest.send_due() == 0
    alice.refresh_from_db()
    assert alice.digest_at and alice.digest_at < timezone.now()
