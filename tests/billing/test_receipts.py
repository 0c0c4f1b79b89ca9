"""Mail about money: to whom, what it says, once, and that none is lost."""

import contextlib
import re
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from threading import Barrier

import pytest
from django.conf import LazySettings
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import timezone, translation

from billing import dues, notices, payments, refunds, rounds
from billing.models import Payment, Refund
from people import claims
from people.models import User
from stylize import jobs
from stylize import notices as pictures_notices
from stylize.models import Job
from tests import make, together
from tests.billing import buying
from tests.till import Till

pytestmark = pytest.mark.django_db


def sent() -> list[EmailMultiAlternatives]:
    return [one for one in mail.outbox if isinstance(one, EmailMultiAlternatives)]


def parts(one: EmailMultiAlternatives) -> tuple[str, str]:
    ((page, _kind),) = one.alternatives
    return str(one.body).replace("\u00a0", " "), str(page).replace("\u00a0", " ")


def whole(one: EmailMultiAlternatives, *wanted: str) -> None:
    """Both parts say it, and the text is nothing but text."""
    text, page = parts(one)
    for words in wanted:
        assert words in text and words in page, words
    assert not re.search(r"[<{]|&#|&amp;|\n\n\n\n", text)


# The receipt ---------------------------------------------------------------------------------------------------------


def test_whoever_pays_gets_a_receipt_once(alice: User, till: Till, settings: LazySettings) -> None:
    settings.SITE_URL, settings.OPERATOR_NAME = "https://paint.example", "Jo"
    User.objects.update(mail_when_done=False)  # which is about pictures, not about money
    payment = buying.paid(till, alice)
    rounds.go_round()
    assert rounds.go_round()["mailed"] == 0
    (one,) = sent()
    assert one.to == ["visitor@example.org"] and one.subject == "Receipt · Ostagram"
    picture = f"https://paint.example/jobs/{payment.job_key}/"
    whole(one, "95 ₽", payment.key, "A painting, HD, 300 iterations", "Jo, paint.example", picture)
    assert "/claim/" not in parts(one)[0]


def test_without_an_address_of_the_checkout_it_goes_to_the_account(alice: User, till: Till) -> None:
    payment = buying.paid(till, alice)
    Payment.objects.filter(pk=payment.pk).update(email="")
    notices.send_due()
    assert [one.to for one in sent()] == [[alice.email]]


def test_where_there_is_nobody_to_write_to_it_is_not_tried_for_ever(till: Till) -> None:
    payment = buying.paid(till, make.guest())
    Payment.objects.filter(pk=payment.pk).update(email="")
    assert notices.send_due() == 0
    payment.refresh_from_db()
    assert payment.receipt_sent_at


def test_a_guests_receipt_has_the_claim_link(till: Till, settings: LazySettings) -> None:
    settings.SITE_URL = "https://paint.example"
    guest = make.guest()
    buying.paid(till, guest)
    notices.send_due()
    whole(sent()[0], "https://paint.example" + reverse("claim", args=[claims.token_of(guest)]))


def test_money_that_came_too_late_has_a_receipt_that_says_it_goes_back(alice: User, till: Till) -> None:
    payment = buying.opened(alice)
    jobs.cancel(buying.job_of(payment))
    till.pay(buying.session_of(payment))
    payments.fulfil(payment)
    rounds.go_round()
    receipt, given_back = sent()
    whole(receipt, "All of it goes back to you by itself")
    assert "joined the line" not in parts(receipt)[0]
    whole(given_back, "95 ₽ go back to you", "was not waiting for it any more")


def test_in_the_language_of_the_checkout(alice: User, till: Till) -> None:
    payment = buying.paid(till, alice)
    Payment.objects.filter(pk=payment.pk).update(language="ru")
    notices.send_due()
    refunds.ask(payment, 1000, Refund.Reason.STAFF)
    rounds.go_round()
    assert ['lang="ru"' in parts(one)[1] for one in sent()] == [True, True]
    with translation.override("ru"):
        whole(sent()[1], str(Refund.Reason.STAFF.label))


def test_mail_goes_out_while_stripe_is_away(alice: User, till: Till) -> None:
    buying.paid(till, alice)
    buying.opened(alice)
    Payment.objects.update(look_at=timezone.now())
    till.trouble(api="away")
    assert rounds.go_round() == {"settled": 0, "closed": 0, "refunded": 0, "mailed": 1}


# Money that goes back ------------------------------------------------------------------------------------------------


def test_what_was_given_back_is_told_with_sum_and_reason(alice: User, till: Till) -> None:
    payment = buying.paid(till, alice)
    job = buying.claimed(payment)
    jobs.cancel(job, seen=150)
    till.trouble(refunds="pending")
    rounds.go_round()
    assert len(sent()) == 1  # the receipt; the money is on its way
    (refund,) = Refund.objects.all()
    till.settle_refund(str(refund.stripe_id))
    refunds.mirror(str(refund.stripe_id))
    notices.send_due()
    notices.send_due()
    (_receipt, one) = sent()
    whole(one, f"{refund.amount_minor // 100} ₽ go back to you", "stopped while it was painted", "some days")


def test_the_staffs_note_is_told(alice: User, till: Till) -> None:
    payment = buying.paid(till, alice)
    refunds.ask(payment, 1000, Refund.Reason.STAFF, note="A spot in the sky; sorry.")
    rounds.go_round()
    whole(sent()[-1], "10 ₽ go back to you", "By our staff.", "A spot in the sky; sorry.")


def test_what_did_not_go_through_is_told_even_after_it_was_told_to_be_given_back(alice: User, till: Till) -> None:
    payment = buying.paid(till, alice)
    refunds.ask(payment, 1000, Refund.Reason.STAFF)
    rounds.go_round()
    (refund,) = Refund.objects.all()
    till.fail_refund(str(refund.stripe_id))
    refunds.mirror(str(refund.stripe_id))
    rounds.go_round()
    rounds.go_round()
    assert [one.subject.partition(" · ")[0] for one in sent()] == [
        "Receipt", "Your money goes back to you", "Your money could not be given back",
    ]  # fmt: skip
    whole(sent()[-1], "10 ₽ could not be given back yet", "see to it")


def test_a_refund_by_hand_in_the_place_of_ours_is_told_alone(alice: User, till: Till) -> None:
    payment = buying.paid(till, alice)
    till.refund_by_hand(buying.intent_of(payment))
    jobs.cancel(buying.job_of(payment))
    dues.settle_all()
    rounds.go_round()
    assert [one.subject.partition(" · ")[0] for one in sent()] == ["Receipt", "Your money goes back to you"]
    assert not Refund.objects.filter(told_at=None).exists()


@pytest.mark.parametrize("paid", [True, False])
def test_the_mail_about_a_failed_painting_tells_of_the_money_where_there_was_some(
    alice: User, till: Till, paid: bool
) -> None:
    payment = buying.paid(till, alice) if paid else buying.opened(alice)
    job = buying.job_of(payment)
    if not paid:
        jobs.release(job)
    jobs.fail(buying.claimed(payment), Job.Failure.ERROR)
    pictures_notices.send_due()
    (one,) = sent()
    assert ("What you have paid for it goes back" in parts(one)[0]) is paid
    assert ("What you have paid for it goes back" in parts(one)[1]) is paid


# Once, and none is lost ----------------------------------------------------------------------------------------------


def test_a_mail_server_that_is_away_is_tried_again(alice: User, till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    buying.paid(till, alice)

    def away(message: EmailMultiAlternatives) -> None:
        raise SMTPServerDisconnected

    with monkeypatch.context() as patch:
        patch.setattr(EmailMultiAlternatives, "send", away)
        assert notices.send_due() == 0
    assert notices.send_due() == 1


def test_an_address_that_takes_no_mail_holds_up_nobody(
    alice: User, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    buying.paid(till, alice)
    buying.paid(till, alice)
    good, calls = EmailMultiAlternatives.send, []

    def refuse_the_first(message: EmailMultiAlternatives) -> int:
        calls.append(message)
        if len(calls) == 1:
            raise SMTPRecipientsRefused({message.to[0]: (550, b"no such user")})
        return good(message)

    monkeypatch.setattr(EmailMultiAlternatives, "send", refuse_the_first)
    assert [notices.send_due(), notices.send_due()] == [1, 0]


def test_whoever_is_killed_while_sending_loses_no_mail(
    alice: User, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    buying.paid(till, alice)

    def killed(message: EmailMultiAlternatives) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(EmailMultiAlternatives, "send", killed)
        with pytest.raises(KeyboardInterrupt):
            notices.send_due()
    assert notices.send_due() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "the control"])
def test_two_that_look_at_once_send_one(till: Till, monkeypatch: pytest.MonkeyPatch, guarded: bool) -> None:
    payment = buying.paid(till, make.user("alice"))
    both, send = Barrier(2), notices._send

    def slowly(*given: object) -> bool:
        if not guarded:
            both.wait(10)
        return send(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(notices, "_send", slowly)
    if not guarded:
        monkeypatch.setattr(notices, "_alone", lambda _mail: contextlib.nullcontext(True))

    together.at_once([lambda: notices._receipt(payment)] * 2)
    assert len(mail.outbox) == (1 if guarded else 2)
