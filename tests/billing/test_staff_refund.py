"""Staff give money back: in full, in part, with a reason, once; and two of them at the same moment."""

from functools import partial
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from billing import forms, refunds, rounds
from billing.models import Payment, Refund
from people.models import User
from stylize.materials import new_key
from tests import make, together
from tests.billing import buying
from tests.till import Till

Status = Refund.Status


def boss(name: str = "boss") -> Client:
    client = Client()
    found = User.objects.filter(email=f"{name}@example.org").first()
    client.force_login(found or make.user(name, is_staff=True, is_superuser=True))
    return client


def form(**fields: str) -> dict[str, str]:
    return {"key": new_key(), "amount": "20", "note": "We are sorry.", **fields}


def send(client: Client, payment: Payment, given: dict[str, str], **options: Any) -> str:
    address = reverse("billing:staff_refund", args=[payment.key])
    return unescape(client.post(address, given, follow=True, **options).content.decode()).replace("\u00a0", " ")


@pytest.fixture
def paid(db: None, till: Till, alice: User) -> Payment:
    return buying.paid(till, alice)


# The form -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "minor"),
    [
        ("12.50", 1250), ("12,50", 1250), ("12,5", 1250), ("12", 1200), (" 12 ", 1200), ("0.05", 5), ("0", 0),
        ("012", 1200),
        ("", None), ("1 250", None), ("1,250.00", None), ("1.250", None), ("12.", None), (".5", None), ("-5", None),
        ("+5", None), ("5₽", None), ("1e3", None), ("٣", None), ("12.50\n1", None), ("99999999", None), ("NaN", None),
    ],
)  # fmt: skip
def test_amounts_are_read_strictly(written: str, minor: int | None) -> None:
    assert forms.minor(written) == minor


@pytest.mark.parametrize("amount", [0, 5, 1250, 9500, 123456789])
def test_what_the_form_proposes_it_reads(amount: int) -> None:
    assert forms.minor(forms.major(amount)) == amount


def test_the_page_proposes_all_that_is_left(paid: Payment) -> None:
    refunds.ask(paid, 1005, Refund.Reason.STAFF)
    page = boss().get(reverse("billing:staff_payment", args=[paid.key])).content.decode()
    assert 'value="84.95"' in page


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"amount": ""}, "This field is required."), ({"amount": "12.345"}, "Write an amount like 12.50."),
        ({"amount": "0"}, "Write an amount like 12.50."), ({"amount": "95.01"}, "Only 95 ₽ are left."),
        ({"note": ""}, "This field is required."), ({"note": "   "}, "This field is required."),
        ({"key": ""}, "This field is required."), ({"key": "no key!"}, "Please load the page again."),
        ({"note": "x" * 301}, "at most 300"),
    ],
)  # fmt: skip
def test_bad_input_shows_the_form_again_and_nothing_is_lost(paid: Payment, fields: dict[str, str], said: str) -> None:
    page = send(boss(), paid, form(**fields))
    assert said in page and not Refund.objects.exists()
    kept = {"amount": "20", "note": "We are sorry."} | fields
    assert f'value="{kept["amount"]}"' in page or not kept["amount"]
    assert kept["note"].strip() in page


# What it does ---------------------------------------------------------------------------------------------------------


def test_a_part_goes_back_with_its_reason(till: Till, paid: Payment) -> None:
    assert "20 ₽ go back within seconds." in send(boss(), paid, form())
    rounds.go_round()
    refund = Refund.objects.get()
    assert (refund.amount_minor, refund.reason, refund.note, refund.status) == (2000, "staff", "We are sorry.", "done")
    assert refund.by and refund.by.email == "boss@example.org"
    assert [one["amount"] for one in till.refunds()] == [2000]


def test_all_of_it(till: Till, paid: Payment) -> None:
    send(boss(), paid, form(amount="95,00"))
    rounds.go_round()
    paid.refresh_from_db()
    assert paid.kept_minor == 0
    assert "Give money back" not in boss().get(reverse("billing:staff_payment", args=[paid.key])).content.decode()


@pytest.mark.parametrize("amount", ["20", "95"])
def test_sent_twice_it_is_given_back_once(till: Till, paid: Payment, amount: str) -> None:
    given = form(amount=amount)
    pages = [send(boss(), paid, given) for _time in range(2)]
    assert all(f"{amount} ₽ go back within seconds." in page for page in pages), "the second click is no error"
    rounds.go_round()
    assert [one["amount"] for one in till.refunds()] == [int(amount) * 100]


def test_two_forms_are_two_refunds(till: Till, paid: Payment) -> None:
    for _time in range(2):
        send(boss(), paid, form())
    rounds.go_round()
    assert [one["amount"] for one in till.refunds()] == [2000, 2000]


def test_one_that_failed_is_tried_again_as_a_new_one(till: Till, paid: Payment) -> None:
    till.trouble(refunds="fail")
    send(boss(), paid, form(amount="95"))
    rounds.go_round()
    refunds.mirror(till.refunds()[0]["id"])
    till.trouble(refunds="succeed")
    send(boss(), paid, form(amount="95"))
    rounds.go_round()
    assert list(Refund.objects.values_list("status", flat=True)) == [Status.FAILED, Status.DONE]


@pytest.mark.parametrize("status", ["pending", "expired", "failed", "disputed"])
def test_what_is_not_paid_is_not_given_back(paid: Payment, status: str) -> None:
    Payment.objects.update(status=status)
    assert "Nothing was given back" in send(boss(), paid, form())
    assert not Refund.objects.exists()


# Two at once ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def bought(transactional_db: None, till: Till) -> Payment:
    return buying.paid(till, make.user("alice"))


def test_ten_clicks_at_once_on_one_form_give_it_back_once(till: Till, bought: Payment) -> None:
    given, clients = form(), [boss() for _number in range(10)]
    pages = together.at_once([partial(send, client, bought, given) for client in clients])
    assert all("20 ₽ go back within seconds." in page for page in pages)
    rounds.go_round()
    assert [one["amount"] for one in till.refunds()] == [2000]


def test_two_of_the_staff_at_once_give_back_no_more_than_was_paid(till: Till, bought: Payment) -> None:
    for _round in range(5):
        payment = buying.paid(till, make.guest())
        clients = [boss("boss"), boss("helper")]
        pages = together.at_once([partial(send, client, payment, form(amount="60")) for client in clients])
        assert sum("60 ₽ go back" in page for page in pages) == 1
        assert sum("less is left of it" in page or "Only 35 ₽ are left" in page for page in pages) == 1
    rounds.go_round()
    assert {one["amount"] for one in till.refunds()} == {6000}


def test_control_without_the_forms_key_ten_clicks_give_it_back_again_and_again(till: Till, bought: Payment) -> None:
    clients = [boss() for _number in range(10)]
    together.at_once([partial(send, client, bought, form()) for client in clients])  # each with a key of its own
    rounds.go_round()
    assert len(till.refunds()) == 4, "as often as 20 go into 95"
