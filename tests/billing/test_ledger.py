"""The ledger as CSV: every movement once, signed and exact, and harmless to whatever opens it."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import Sum
from django.http import StreamingHttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from billing import ledger, refunds, rounds
from billing.models import Payment, Refund
from people.models import User
from tests import make
from tests.billing import buying
from tests.till import Till

FILE = "/staff/payments.csv"


@pytest.fixture
def boss(db: None) -> Client:
    client = Client()
    client.force_login(make.user("boss", is_staff=True, is_superuser=True))
    return client


def days(since: int = 1, until: int = 1) -> dict[str, str]:
    today = timezone.now().astimezone(UTC).date()
    return {"from": str(today - timedelta(days=since)), "to": str(today + timedelta(days=until))}


def taken_away(client: Client, period: dict[str, str] | None = None) -> list[dict[str, str]]:
    answer = client.get(FILE, days() if period is None else period)
    assert answer.status_code == 200 and isinstance(answer, StreamingHttpResponse)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"] and "no-store" in answer.headers["Cache-Control"]
    return list(csv.DictReader(io.StringIO(b"".join(_bytes(answer)).decode())))


def _bytes(answer: StreamingHttpResponse) -> Iterator[bytes]:
    for part in answer:
        assert isinstance(part, bytes)
        yield part


def test_payments_and_refunds_are_one_line_each(boss: Client, till: Till, alice: User) -> None:
    payment = buying.paid(till, alice)
    refund = refunds.ask(payment, 1005, Refund.Reason.STAFF, note="Sorry, Алиса.")
    rounds.go_round()
    refund.refresh_from_db()
    paid, back = taken_away(boss)
    assert (paid["movement"], paid["amount"], paid["currency"]) == ("payment", "+95.00", "RUB")
    assert (paid["payment"], paid["job"], paid["stripe_id"]) == (payment.key, payment.job_key, payment.session_id)
    assert paid["stripe_payment"] == payment.intent_id and paid["time"].endswith("Z") and paid["state"] == "paid"
    assert (back["movement"], back["amount"], back["refund"]) == ("refund", "-10.05", refund.key)
    assert (back["stripe_id"], back["reason"], back["note"]) == (refund.stripe_id, "staff", "Sorry, Алиса.")
    assert back["state"] == "done"


def test_it_sums_up_to_what_is_kept(boss: Client, till: Till, alice: User) -> None:
    for number in range(4):
        payment = buying.paid(till, alice)
        for part in range(number):
            refunds.ask(payment, 333 + part, Refund.Reason.STAFF)
    rounds.go_round()
    till.fail_refund(till.refunds()[0]["id"])
    refunds.mirror(till.refunds()[0]["id"])
    buying.opened(alice)
    lines = taken_away(boss)
    kept = Payment.objects.captured().aggregate(kept=Sum("amount_minor") - Sum("refunded_minor"))["kept"]
    assert sum(Decimal(line["amount"]) for line in lines) == Decimal(kept) / 100
    assert len(lines) == 4 + 6 - 1, "what nobody paid and what did not go through moved nothing"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("minor", "written"), [(0, "+0.00"), (5, "+0.05"), (-5, "-0.05"), (123456, "+1234.56"), (-100, "-1.00")]
)
def test_amounts(minor: int, written: str) -> None:
    assert ledger.amount(minor) == written


@pytest.mark.parametrize("note", ["=1+1", "+7", "-2", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0"])
def test_no_spreadsheet_reckons_out_what_somebody_wrote(boss: Client, till: Till, alice: User, note: str) -> None:
    refunds.ask(buying.paid(till, alice), 100, Refund.Reason.STAFF, note=note)
    assert taken_away(boss)[1]["note"] == f"'{note}"


def test_a_line_break_in_a_note_is_no_new_line(boss: Client, till: Till, alice: User) -> None:
    refunds.ask(buying.paid(till, alice), 100, Refund.Reason.STAFF, note='One\n"two", three')
    assert [line["note"] for line in taken_away(boss)] == ["", 'One\n"two", three']


def test_days_are_of_utc_and_both_are_included(boss: Client, till: Till, alice: User) -> None:
    payment = buying.paid(till, alice)
    for moment in ("2026-05-01T00:00:00+00:00", "2026-05-02T23:59:59.999+00:00"):
        Payment.objects.filter(pk=payment.pk).update(paid_at=datetime.fromisoformat(moment))
        assert len(taken_away(boss, {"from": moment[:10], "to": moment[:10]})) == 1
    assert taken_away(boss, {"from": "2026-05-01", "to": "2026-05-01"}) == []
    assert taken_away(boss, {"from": "2026-05-03", "to": "2026-05-04"}) == []


@pytest.mark.parametrize(
    "period",
    [{}, {"from": "2026-01-01"}, {"from": "x", "to": "y"}, {"from": "2026-02-01", "to": "2026-01-01"},
     {"from": "0001-01-01", "to": "9999-12-31"}, {"from": "2026-02-30", "to": "2026-03-01"}],
)  # fmt: skip
def test_bad_days_are_told_on_the_page(boss: Client, period: dict[str, str]) -> None:
    answer = boss.get(FILE, period, follow=True)
    assert answer.redirect_chain == [("/staff/payments/", 302)]
    assert "Give both days" in answer.content.decode()


def test_of_this_mode_alone(boss: Client, till: Till, alice: User) -> None:
    refunds.ask(buying.paid(till, alice), 100, Refund.Reason.STAFF)
    Payment.objects.update(is_live=True)
    assert taken_away(boss) == []


def test_it_is_read_with_a_cursor_and_in_one_question(boss: Client, till: Till, alice: User) -> None:
    for _number in range(3):
        refunds.ask(buying.paid(till, alice), 100, Refund.Reason.STAFF)
    since = timezone.now() - timedelta(days=1)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        lines = list(ledger.lines(since, since + timedelta(days=2)))
    assert len(lines) == 7
    assert len(asked) <= 1, "a server-side cursor: rows come in bunches"


@pytest.mark.parametrize("who", ["as_alice", "anonymous"])
def test_strangers_404(request: pytest.FixtureRequest, alice: User, who: str) -> None:
    client: Any = request.getfixturevalue(who)
    assert client.get(FILE, days()).status_code == 404


def test_wrong_method_405(boss: Client) -> None:
    assert boss.post(FILE, days()).status_code == 405
