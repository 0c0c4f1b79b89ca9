"""Mail when a picture is done or has failed: to whom, when, once, and how it is switched off."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from smtplib import SMTPServerDisconnected
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people import mailing, outbox
from people.models import User
from stylize import jobs, notices, tasks
from stylize.models import Job
from tests import elsewhere, make, together


def ended(owner: User, status: str = "done", *, after: timedelta = timedelta(minutes=5), **fields: Any) -> Job:
    job = make.in_status(owner, status)
    now = timezone.now()
    Job.objects.filter(pk=job.pk).update(**{"queued_at": now - after, "finished_at": now} | fields)
    job.refresh_from_db()
    return job


def parts() -> tuple[EmailMultiAlternatives, str, str]:
    (sent,) = mail.outbox
    assert isinstance(sent, EmailMultiAlternatives)
    ((page, _kind),) = sent.alternatives
    return sent, str(sent.body), str(page)


@pytest.mark.parametrize(("status", "subject"), [("done", "is ready"), ("failed", "failed")])
def test_the_owner_is_told_with_the_way_to_it_and_the_way_out(
    alice: User, settings: LazySettings, status: str, subject: str
) -> None:
    settings.SITE_URL = "https://paint.example"
    job = ended(alice, status)
    tasks.tell()
    sent, words, page = parts()
    assert sent.to == [alice.email]
    assert subject in sent.subject
    off = "https://paint.example" + reverse("mail_off", args=[mailing.token_of(alice)])
    for address in (f"https://paint.example/jobs/{job.key}/", off):
        assert address in words and f'href="{address}"' in page
    assert sent.extra_headers["List-Unsubscribe"] == f"<{off}>"
    assert "{" not in words and "<" not in words
    if status == "failed":
        assert str(job.get_failure_display()) in words and str(job.get_failure_display()) in page


def test_once(alice: User) -> None:
    ended(alice)
    assert [notices.send_due(), notices.send_due()] == [1, 0]
    assert len(mail.outbox) == 1


@contextmanager
def beside_others(mail: str) -> Iterator[bool]:
    """In the place of `outbox.alone`."""
    yield True


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
def test_two_that_look_at_once_send_one(monkeypatch: pytest.MonkeyPatch, guarded: bool) -> None:
    job = ended(make.user("alice"))
    if not guarded:
        monkeypatch.setattr(outbox, "alone", beside_others)
    send, both = notices._send, Barrier(2)

    def side_by_side(job: Job) -> None:
        with suppress(BrokenBarrierError):
            both.wait(0.5)
        send(job)

    monkeypatch.setattr(notices, "_send", side_by_side)

    together.at_once([notices.send_due] * 2)
    assert len(mail.outbox) == (1 if guarded else 2)
    job.refresh_from_db()
    assert job.mailed_at


SENDING = f"""
import time
from stylize import notices
from stylize.models import Job
def hang(job):
    if not GUARDED:
        Job.objects.filter(pk=job.pk).update(mailed_at=job.finished_at)  # before it is gone
    print("{elsewhere.SAID}", flush=True)
    time.sleep(60)
notices._send = hang
notices.send_due()
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
def test_a_house_that_is_killed_while_it_sends_loses_no_mail(guarded: bool) -> None:
    ended(make.user("alice"))
    with elsewhere.running(f"GUARDED = {guarded}\n{SENDING}") as house:
        assert notices.send_due() == 0  # it is in good hands
        house.kill()
        house.wait()
        give_up_at = time.monotonic() + (5 if guarded else 0.5)  # Postgres sees at once that the connection is gone
        while not notices.send_due() and time.monotonic() < give_up_at:
            time.sleep(0.05)
    assert len(mail.outbox) == (1 if guarded else 0)
    assert notices.send_due() == 0


def test_a_job_that_is_tried_again_while_its_mail_goes_is_told_of_anew(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, send = ended(alice, "failed"), notices._send

    def send_and_retry(told: Job) -> None:
        send(told)
        assert jobs.retry(told)

    monkeypatch.setattr(notices, "_send", send_and_retry)
    assert notices.send_due() == 1
    job.refresh_from_db()
    assert (job.status, job.mailed_at) == (Job.Status.QUEUED, None)


def test_a_mail_server_that_is_away_is_tried_again(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    ended(alice)

    def away(message: EmailMultiAlternatives) -> None:
        raise SMTPServerDisconnected

    with monkeypatch.context() as patch:
        patch.setattr(EmailMultiAlternatives, "send", away)
        assert notices.send_due() == 0
    assert notices.send_due() == 1


@pytest.mark.parametrize("how", ["switched off", "quick", "sample", "long ago", "guest", "cancelled", "running"])
def test_nobody_is_told_who_need_not_be(alice: User, how: str) -> None:
    if how == "switched off":
        User.objects.update(mail_when_done=False)
    owner = make.guest() if how == "guest" else alice
    ended(
        owner,
        how if how in ("cancelled", "running") else "done",
        after=timedelta(seconds=5) if how == "quick" else timedelta(minutes=5),
        sample=how == "sample",
        **({"finished_at": timezone.now() - timedelta(days=3)} if how == "long ago" else {}),
    )
    assert notices.send_due() == 0
    assert not mail.outbox
    User.objects.filter(is_guest=False).update(mail_when_done=True)
    assert notices.send_due() == 0  # nor later


def test_a_quick_failure_is_told_all_the_same(alice: User) -> None:
    ended(alice, "failed", after=timedelta(seconds=2))
    assert notices.send_due() == 1


def test_in_the_recipients_language(alice: User) -> None:
    User.objects.update(language="ru")
    ended(alice)
    notices.send_due()
    sent, words, page = parts()
    assert 'lang="ru"' in page
    assert "Ваша картина" in sent.subject
    assert "Больше не писать" in words


# Switching it off ----------------------------------------------------------------------------------------------------


def off(user: User) -> str:
    return reverse("mail_off", args=[mailing.token_of(user)])


def test_the_link_asks_and_the_button_does_without_signing_in(alice: User) -> None:
    strict = Client(enforce_csrf_checks=True)  # a mail program has no cookie
    assert "No more mail" in strict.get(off(alice)).content.decode()
    alice.refresh_from_db()
    assert alice.mail_when_done  # programs that follow links change nothing
    assert "switched off" in strict.post(off(alice), {"List-Unsubscribe": "One-Click"}).content.decode()
    alice.refresh_from_db()
    assert not alice.mail_when_done


@pytest.mark.parametrize("token", ["1", "1:forged", "x"])
def test_a_forged_link_is_404(alice: User, token: str) -> None:
    assert Client().post(reverse("mail_off", args=[token])).status_code == 404
    alice.refresh_from_db()
    assert alice.mail_when_done


def test_a_link_of_somebody_who_has_gone_is_404(alice: User) -> None:
    address = off(alice)
    alice.delete()
    assert Client().get(address).status_code == 404


def test_the_page_of_notices_has_the_switch(as_alice: Client, alice: User) -> None:
    switches = reverse("feed:switches")
    assert 'name="mail_when_done" checked' in as_alice.get(switches).content.decode()
    assert as_alice.post(switches).headers["Location"] == switches
    assert 'name="mail_when_done">' in as_alice.get(switches).content.decode()
    as_alice.post(switches, {"mail_when_done": "on"})
    alice.refresh_from_db()
    assert alice.mail_when_done
