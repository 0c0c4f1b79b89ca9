"""The staff's pages of payments: who may see them, what is found, and how often they ask."""

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing import payments, refunds, rounds, staff
from billing.models import Payment, Refund
from people.models import User
from stylize import housekeeping
from tests import make
from tests.billing import buying
from tests.ostagram.test_russian_pages import assert_russian
from tests.till import Till

pytestmark = pytest.mark.django_db
LIST = "/staff/payments/"
VERBS = ["refund", "ask", "seen"]
MANY = 100_000


@pytest.fixture
def boss() -> Client:
    client = Client()
    client.force_login(make.user("boss", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def paid(till: Till, alice: User) -> Payment:
    return buying.paid(till, alice)


def address(verb: str, payment: Payment) -> str:
    return reverse(f"billing:staff_{verb}", args=[payment.key])


def page(client: Client, where: str = LIST, **query: str) -> str:
    answer = client.get(where, query)
    assert answer.status_code == 200
    return unescape(" ".join(answer.content.decode().split())).replace("\u00a0", " ")


def one(client: Client, payment: Payment) -> str:
    return page(client, address("payment", payment))


# The list -------------------------------------------------------------------------------------------------------------


def test_an_empty_house(boss: Client) -> None:
    assert "Nobody has paid yet." in page(boss)
    assert "Nothing is found." in page(boss, q="nobody")


def test_what_who_how_much_and_what_went_back(boss: Client, paid: Payment) -> None:
    refunds.ask(paid, 1000, Refund.Reason.STAFF)
    shown = page(boss)
    for words in (paid.key, "HD, 300", "visitor@example.org", "95 ₽", "10 ₽", "state--paid", address("payment", paid)):
        assert words in shown


@pytest.mark.parametrize(
    "by", ["key", "job_key", "session_id", "intent_id", "email", "owner", "handle", "refund", "re"]
)
def test_it_is_found_by_every_name_it_has(boss: Client, till: Till, paid: Payment, bob: User, by: str) -> None:
    other = buying.opened(bob)
    refund = refunds.ask(paid, 1000, Refund.Reason.STAFF)
    rounds.go_round()
    refund.refresh_from_db()
    assert paid.owner
    names = {"owner": "ALICE@example.org", "handle": paid.owner.handle, "refund": refund.key, "re": refund.stripe_id}
    shown = page(boss, q=f" {names.get(by) or getattr(paid, by)} ")
    assert paid.key in shown and other.key not in shown


@pytest.mark.parametrize("q", ["%", "_", "'", "\x00", "a" * 400, "alice", "=1"])
def test_what_is_nobodys_name_finds_nothing_and_breaks_nothing(boss: Client, paid: Payment, q: str) -> None:
    shown = page(boss, q=q)
    assert (address("payment", paid) in shown) is (q == "\x00" or len(q) > 254), (
        "what cannot be a name is not asked for"
    )


def test_by_state_and_those_in_need_of_a_hand(boss: Client, till: Till, paid: Payment, bob: User) -> None:
    pending = buying.opened(bob)
    shown = page(boss, state="pending")
    assert pending.key in shown and paid.key not in shown
    Payment.objects.filter(pk=paid.pk).update(trouble="Refund abc: Stripe says no")
    shown = page(boss, state="trouble")
    assert paid.key in shown and pending.key not in shown and "Refund abc" in shown
    assert "1 payment needs a hand" in page(boss)
    assert pending.key in page(boss, state="nonsense")


def test_pages_follow_each_other_and_keep_what_was_looked_for(
    boss: Client, paid: Payment, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staff, "PAGE", 2)
    others = [buying.opened(bob) for _number in range(2)]
    first = page(boss, state="")
    assert paid.key not in first and all(other.key in first for other in others)
    assert f"?state=&before={others[0].pk}" in first
    second = page(boss, before=str(others[0].pk))
    assert paid.key in second and "Newest" in second and "Older" not in second
    assert others[1].key in page(boss, before="x"), "no place at all is the first page"


def test_money_of_the_other_mode_is_not_shown(boss: Client, paid: Payment) -> None:
    Payment.objects.update(is_live=True)
    assert paid.key not in page(boss)
    assert boss.get(address("payment", paid)).status_code == 404


def test_the_list_asks_no_more_often_for_more_payments(
    boss: Client, till: Till, alice: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(6):
        refunds.ask(buying.paid(till, alice), 1000 + number, Refund.Reason.STAFF)
    with django_assert_max_num_queries(4):
        boss.get(LIST)
    with django_assert_max_num_queries(6):
        boss.get(LIST, {"q": "alice@example.org", "state": "paid"})
    payment = Payment.objects.earliest("id")
    for number in range(6):
        refunds.ask(payment, 100 + number, Refund.Reason.STAFF, by=alice)
    with django_assert_max_num_queries(9):
        boss.get(address("payment", payment))


@pytest.fixture
def crowd(paid: Payment) -> Payment:
    """A hundred thousand payments beside one."""
    names = "key, job_key, tier, iterations, amount_minor, currency, is_live, session_id, intent_id, email, status"
    rest = (
        "session_url, expires_at, language, return_to, is_on_its_way, is_fulfilled, refunded_minor, created_at, paid_at"
    )
    last = "look_at, trouble, order_key, size"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO billing_payment ({names}, {rest}, {last}) SELECT 'k' || n, 'j' || n, tier, iterations,"
            " amount_minor, currency, is_live, 'cs_' || n, 'pi_' || n, 'v' || n || '@example.org', status, session_url,"
            " expires_at, language, return_to, false, false, 0, created_at, paid_at, look_at, '', '', ''"
            " FROM billing_payment, generate_series(1, %s) n", [MANY],
        )  # fmt: skip
        cursor.execute("ANALYZE billing_payment")
    return paid


def test_among_100_000_every_look_reads_an_index(boss: Client, crowd: Payment) -> None:
    every = Payment.objects.of_this_mode().select_related("owner").order_by("-id")
    names = ("k77", "pi_9", "a@b.example")
    looks = {
        "newest": every, "state": every.filter(status="disputed"), "trouble": every.in_trouble(),
        "page": every.filter(pk__lt=MANY // 2), **{name: every.known_as(name) for name in names},
    }  # fmt: skip
    plans = {name: look[: staff.PAGE].explain() for name, look in looks.items()}
    assert not {name: plan for name, plan in plans.items() if "Seq Scan on billing_payment" in plan}
    assert "billing_payment_status" in plans["state"] and "billing_payment_trouble" in plans["trouble"]
    assert "billing_payment_email" in plans["a@b.example"]


def test_in_russian(boss: Client, till: Till, paid: Payment, bob: User) -> None:
    assert_russian(boss, LIST)
    refund = refunds.ask(paid, 1000, Refund.Reason.STAFF)
    now = timezone.now()
    Payment.objects.filter(pk=paid.pk).update(lost_since=now, settled_at=now, receipt_sent_at=now)
    Refund.objects.filter(pk=refund.pk).update(status="failed", ended_at=timezone.now())
    for where in (LIST, f"{LIST}?q=nobody", address("payment", paid), address("payment", buying.opened(bob))):
        assert_russian(boss, where)


# One payment ----------------------------------------------------------------------------------------------------------


def test_all_that_is_known_and_what_happened(boss: Client, till: Till, paid: Payment, alice: User) -> None:
    refunds.ask(paid, 1000, Refund.Reason.STAFF, note="The sky was green.", by=alice)
    rounds.go_round()
    till.fail_refund(till.refunds()[0]["id"])
    refunds.mirror(till.refunds()[0]["id"])
    shown = one(boss, paid)
    for words in (
        "Opened", "joined the line", "10 ₽ to be given back", "The sky was green.", "By alice@example.org",
        "10 ₽ did not go back", "lost_or_stolen_card", "It needs a hand.", "The receipt was sent",
        str(paid.session_id), str(paid.intent_id), paid.job_key, f"{till.url}/",
    ):  # fmt: skip
        assert words in shown, words


def test_what_came_too_late_is_told(boss: Client, till: Till, paid: Payment) -> None:
    Payment.objects.update(is_fulfilled=False)
    assert "did not wait for money any more" in one(boss, paid)


def test_it_outlives_picture_and_owner(boss: Client, paid: Payment, alice: User) -> None:
    housekeeping.delete_job(buying.job_of(paid))
    Payment.objects.update(owner=None)
    assert one(boss, paid).count("deleted") >= 2


@pytest.mark.parametrize(
    ("live", "leads_to"),
    [(False, "stripe.com/test/payments/pi_"), (True, "stripe.com/payments/pi_")],
)
def test_the_way_to_stripes_dashboard(
    boss: Client, paid: Payment, settings: LazySettings, live: bool, leads_to: str
) -> None:
    settings.TILL, settings.STRIPE_LIVE = False, live
    Payment.objects.update(is_live=live)
    assert leads_to in one(boss, paid)


def test_a_disputed_one_cannot_be_given_back(boss: Client, till: Till, paid: Payment) -> None:
    till.dispute(buying.intent_of(paid))
    payments.mirror_dispute(till.disputes()[0]["id"])
    shown = one(boss, paid)
    assert "Give money back" not in shown and "has taken it back" in shown and "needs_response" in shown


# Its buttons but one --------------------------------------------------------------------------------------------------


def test_asking_stripe_again_brings_what_was_missed(boss: Client, till: Till, paid: Payment) -> None:
    till.refund_by_hand(buying.intent_of(paid))
    assert "This is what Stripe says" in unescape(boss.post(address("ask", paid), follow=True).content.decode())
    paid.refresh_from_db()
    assert paid.kept_minor == 0


@pytest.mark.parametrize("api", ["500", "away"])
def test_while_stripe_is_away_it_is_said(boss: Client, till: Till, paid: Payment, api: str) -> None:
    till.trouble(api=api)
    assert "Stripe does not answer" in boss.post(address("ask", paid), follow=True).content.decode()


def test_what_differs_is_said(boss: Client, till: Till, paid: Payment) -> None:
    Payment.objects.update(amount_minor=1)
    shown = unescape(boss.post(address("ask", paid), follow=True).content.decode())
    assert "Stripe's session" in shown and "It needs a hand." in shown


def test_what_was_seen_to_needs_no_hand_any_more(boss: Client, paid: Payment) -> None:
    Payment.objects.update(trouble="Look!")
    assert "Seen to." in boss.post(address("seen", paid), {"trouble": "Look!"}, follow=True).content.decode()
    assert "needs a hand." not in one(boss, paid)


@pytest.mark.parametrize("told", ["Look", "", "Something else"])
def test_trouble_that_came_since_is_not_wiped_away(boss: Client, paid: Payment, told: str) -> None:
    Payment.objects.update(trouble="Look!")
    shown = boss.post(address("seen", paid), {"trouble": told}, follow=True).content.decode()
    assert "another one by now" in shown and Payment.objects.get().trouble == "Look!"


# Who may --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["as_alice", "anonymous"])
def test_strangers_404(request: pytest.FixtureRequest, paid: Payment, who: str) -> None:
    client = request.getfixturevalue(who)
    before = buying.ledger()
    for where in (LIST, "/staff/money/", address("payment", paid)):
        assert client.get(where).status_code == 404
    for verb in VERBS:
        assert client.post(address(verb, paid), {"trouble": ""}).status_code == 404
    assert buying.ledger() == before


def test_staff_need_the_permission_to_look_and_another_to_act(paid: Payment) -> None:
    helper = make.user("helper", is_staff=True)
    client = Client()
    client.force_login(helper)
    assert client.get(LIST).status_code == client.get(address("payment", paid)).status_code == 404
    assert "/staff/payments/" not in page(client, "/staff/")
    helper.user_permissions.add(Permission.objects.get(codename="view_payment"))
    assert "/staff/payments/" in page(client, "/staff/")
    assert "Give money back" not in one(client, paid) and "Ask Stripe again" not in one(client, paid)
    assert [client.post(address(verb, paid)).status_code for verb in VERBS] == [404] * 3
    helper.user_permissions.add(Permission.objects.get(codename="change_payment"))
    assert "Give money back" in one(client, paid)


@pytest.mark.parametrize("verb", VERBS)
def test_wrong_method_405(boss: Client, paid: Payment, verb: str) -> None:
    assert boss.get(address(verb, paid)).status_code == 405
    assert boss.post(LIST).status_code == boss.post(address("payment", paid)).status_code == 405


@pytest.mark.parametrize("verb", VERBS)
def test_an_unknown_payment_404(boss: Client, verb: str) -> None:
    assert boss.post(f"{LIST}nothing/{verb}").status_code == 404
    assert boss.get(f"{LIST}nothing/").status_code == 404


def test_nothing_is_kept_by_browsers(boss: Client, paid: Payment) -> None:
    for where in (LIST, address("payment", paid), "/staff/money/"):
        assert "no-store" in boss.get(where).headers["Cache-Control"]


def test_a_payment_of_long_ago_is_shown_by_its_day(boss: Client, paid: Payment) -> None:
    Payment.objects.update(paid_at=timezone.now() - timedelta(days=400))
    assert paid.key in page(boss)
