"""One's own payments and their receipts: the litany, the pages, and how often they ask."""

from html import unescape

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from billing import payments, refunds, rounds, views
from billing.models import Payment, Refund
from people import guests
from people.models import User
from stylize import housekeeping
from tests import make
from tests.billing import buying
from tests.test_query_counts import MOST_FOR_A_PAGE, shown
from tests.till import Till

pytestmark = pytest.mark.django_db
MINE = "/payments/"


def receipt(payment: Payment) -> str:
    return reverse("billing:receipt", args=[payment.key])


def page(client: Client, where: str = MINE) -> str:
    answer = client.get(where)
    assert answer.status_code == 200
    return unescape(answer.content.decode()).replace("\u00a0", " ")


@pytest.fixture
def bought(alice: User, till: Till) -> Payment:
    return buying.paid(till, alice)


# The list ------------------------------------------------------------------------------------------------------------


def test_what_was_paid_is_listed_with_picture_state_and_receipt(as_alice: Client, bought: Payment) -> None:
    listed = page(as_alice)
    assert "A painting, HD, 300 iterations" in listed and "95 ₽" in listed and "Paid" in listed
    assert reverse("stylize:job", args=[bought.job_key]) in listed and receipt(bought) in listed
    assert "noindex" in listed


def test_what_went_back_is_listed(as_alice: Client, bought: Payment) -> None:
    as_alice.post(reverse("stylize:cancel", args=[bought.job_key]))
    rounds.go_round()
    assert "95 ₽ were given back on" in page(as_alice)


@pytest.mark.parametrize(
    ("way", "state"),
    [("later", "On its way"), ("failed", "Failed, nothing was charged"), ("open", "Not paid yet"), ("closed", "")],
)
def test_every_state_in_words_and_none_of_what_nobody_paid(
    as_alice: Client, alice: User, till: Till, way: str, state: str
) -> None:
    payment = buying.opened(alice)
    if way in ("later", "failed"):
        till.pay_later(buying.session_of(payment))
    if way == "failed":
        till.fail(buying.session_of(payment))
    payments.close(payment) if way == "closed" else payments.fulfil(payment)
    listed = page(as_alice)
    assert (state in listed) if state else ("Nothing paid yet" in listed)
    assert receipt(payment) not in listed


def test_it_stays_when_the_picture_is_deleted(as_alice: Client, bought: Payment) -> None:
    housekeeping.delete_job(buying.job_of(bought))
    listed = page(as_alice)
    assert "The picture is deleted." in listed
    assert reverse("stylize:job", args=[bought.job_key]) not in listed
    assert "deleted since" in page(as_alice, receipt(bought))


def test_a_disputed_one_says_so(as_alice: Client, bought: Payment, till: Till) -> None:
    dispute = till.dispute(buying.intent_of(bought))
    assert dispute
    payments.mirror_dispute(till.disputes()[0]["id"])
    assert "Disputed: your bank has taken it back" in page(as_alice)
    assert "Your bank has taken this payment back" in page(as_alice, receipt(bought))


def test_a_guest_has_the_same_list(anonymous: Client, till: Till) -> None:
    guest = make.guest()
    payment = buying.paid(till, guest)
    session = anonymous.session
    session[guests.SESSION_KEY] = guest.pk
    session.save()
    assert receipt(payment) in page(anonymous) and "Sign up" in page(anonymous)
    assert payment.key in page(anonymous, receipt(payment))


@pytest.mark.parametrize("who", ["as_bob", "anonymous"])
def test_nobody_sees_those_of_others(request: pytest.FixtureRequest, bought: Payment, who: str) -> None:
    client = request.getfixturevalue(who)
    assert "Nothing paid yet" in page(client)
    assert client.get(receipt(bought)).status_code == 404


def test_payments_of_the_other_mode_are_not_told(as_alice: Client, bought: Payment) -> None:
    Payment.objects.update(is_live=True)
    assert "Nothing paid yet" in page(as_alice)
    assert as_alice.get(receipt(bought)).status_code == 404


def test_page_by_page(as_alice: Client, alice: User, bought: Payment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "PAGE", 2)
    made = [bought, *(copy_of(bought) for _payment in range(2))]
    first = page(as_alice)
    assert [receipt(one) in first for one in made] == [False, True, True]
    older = page(as_alice, f"{MINE}?before={made[1].pk}")
    assert [receipt(one) in older for one in made] == [True, False, False]
    assert "Nothing older than this" in page(as_alice, f"{MINE}?before={made[0].pk}")
    assert 'rel="next"' in page(as_alice, f"{MINE}?before=x")


def copy_of(payment: Payment) -> Payment:
    twin = Payment.objects.get(pk=payment.pk)
    job = make.done_job(payment.owner or make.guest())
    twin.pk, twin.key, twin.session_id, twin.intent_id, twin.job = None, f"{job.key[:20]}x", None, None, job
    twin.save(force_insert=True)
    return twin


def test_the_list_does_not_ask_more_often_the_longer_it_is(as_alice: Client, bought: Payment) -> None:
    few = shown(as_alice, MINE)
    for _payment in range(4):
        refunds.ask(copy_of(bought), 100, Refund.Reason.STAFF)
    assert len(shown(as_alice, MINE)) == len(few) <= MOST_FOR_A_PAGE
    assert len(shown(as_alice, receipt(bought))) <= MOST_FOR_A_PAGE


@pytest.mark.parametrize("where", ["list", "receipt"])
def test_wrong_method_405(as_alice: Client, bought: Payment, where: str) -> None:
    assert as_alice.post(MINE if where == "list" else receipt(bought)).status_code == 405


def test_account_and_pictures_lead_there(as_alice: Client, bought: Payment) -> None:
    assert page(as_alice, "/mine/").count(f'href="{MINE}"') == 2
    assert f'href="{MINE}"' in page(as_alice, "/")


# The receipt ---------------------------------------------------------------------------------------------------------


def test_a_receipt_has_number_date_what_sums_and_who_runs_the_site(
    as_alice: Client, bought: Payment, settings: LazySettings
) -> None:
    settings.OPERATOR_NAME, settings.CONTACT_EMAIL = "Jo <Example>", "jo@ostagram.example"
    refunds.ask(bought, 4500, Refund.Reason.STAFF, note="A spot in the sky.")
    said = page(as_alice, receipt(bought))
    for fact in (bought.key, "Jo <Example>", "jo@ostagram.example", "HD, 300 iterations", "95 ₽", "−45 ₽", "50 ₽"):
        assert fact in said
    assert "By our staff." in said and "A spot in the sky." in said
    assert "visitor@example.org" in said and "noindex" in said and "For practice" in said


@pytest.mark.parametrize("way", ["open", "closed"])
def test_what_was_not_paid_has_no_receipt(as_alice: Client, alice: User, till: Till, way: str) -> None:
    payment = buying.opened(alice)
    if way == "closed":
        payments.close(payment)
    assert as_alice.get(receipt(payment)).status_code == 404
