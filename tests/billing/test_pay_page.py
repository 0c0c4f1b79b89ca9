"""Paying on the job's page: what is told before, on the way and afterwards; and the way back from the checkout."""

import re
from html import unescape
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from billing import dues, payments, refunds, rounds, telling
from billing.models import Payment, Refund
from people import guests
from people.models import User
from stylize import jobs, progress
from stylize.models import Job
from tests import make
from tests.billing import buying
from tests.test_query_counts import queries
from tests.till import Till

pytestmark = pytest.mark.django_db
TAGS = re.compile(r"<[^>]+>")


def address(job: Job) -> str:
    return reverse("stylize:job", args=[job.key])


def button(job: Job) -> str:
    return f'<form method="post" action="{reverse("billing:pay", args=[job.key])}">'


def back(payment: Payment) -> str:
    return reverse("billing:back", args=[payment.key])


def page(client: Client, where: str) -> str:
    answer = client.get(where)
    assert answer.status_code == 200
    return unescape(answer.content.decode()).replace("\u00a0", " ")


def words(client: Client, where: str) -> str:
    return " ".join(TAGS.sub(" ", page(client, where)).split())


@pytest.fixture(autouse=True)
def _at_an_address_that_stripe_takes(settings: LazySettings) -> None:
    settings.ALLOWED_HOSTS = ["testserver", "localhost"]


@pytest.fixture
def unpaid(alice: User) -> Job:
    return make.job(alice, tier="hd", iterations=300)


# Before and on the way -----------------------------------------------------------------------------------------------


def test_the_page_tells_the_price_what_is_got_and_that_money_comes_back(as_alice: Client, unpaid: Job) -> None:
    shown, said = page(as_alice, address(unpaid)), words(as_alice, address(unpaid))
    assert button(unpaid) in shown and "Pay 95 ₽" in said
    assert f"300 iterations, {unpaid.width} × {unpaid.height} px" in said
    assert "all of it comes back by itself" in said
    assert "not connected" not in said


def test_the_button_leads_to_the_checkout(as_alice: Client, unpaid: Job, till: Till) -> None:
    answer = as_alice.post(reverse("billing:pay", args=[unpaid.key]), headers={"Host": "localhost"})
    assert answer.headers["Location"].startswith(till.url)


@pytest.mark.parametrize(("practice", "said"), [(True, 1), (False, 0)])
def test_only_the_practice_till_says_that_it_plays(
    as_alice: Client, unpaid: Job, settings: LazySettings, practice: bool, said: int
) -> None:
    settings.TILL = practice
    assert words(as_alice, address(unpaid)).count("no money moves") == said


def test_money_on_its_way_is_told_and_nothing_can_be_paid_twice(as_alice: Client, alice: User, till: Till) -> None:
    payment = buying.opened(alice)
    till.pay_later(buying.session_of(payment))
    payments.fulfil(payment)
    job = buying.job_of(payment)
    assert "Your payment of 95 ₽ is on its way" in words(as_alice, address(job))
    assert button(job) not in page(as_alice, address(job))


def test_a_payment_that_failed_is_told_and_the_button_is_back(as_alice: Client, alice: User, till: Till) -> None:
    payment = buying.opened(alice)
    till.pay_later(buying.session_of(payment))
    till.fail(buying.session_of(payment))
    payments.fulfil(payment)
    job = buying.job_of(payment)
    assert "The last payment did not go through, and nothing was charged" in words(as_alice, address(job))
    assert button(job) in page(as_alice, address(job))


def test_a_session_that_nobody_paid_is_told_and_the_button_is_back(as_alice: Client, alice: User, till: Till) -> None:
    payment = buying.opened(alice)
    payments.close(payment)
    job = buying.job_of(payment)
    assert "not finished in time" in words(as_alice, address(job))
    assert button(job) in page(as_alice, address(job))


def test_a_job_that_costs_nothing_says_nothing_of_money(as_alice: Client, alice: User) -> None:
    shown = page(as_alice, address(make.running_job(alice, iterations=1)))
    assert "money.css" not in shown and "go back" not in shown


def test_the_page_asks_as_often_whatever_was_paid_and_given_back(as_alice: Client, alice: User, till: Till) -> None:
    payment = buying.paid(till, alice)
    job = buying.job_of(payment)
    few = len(queries(lambda: as_alice.get(address(job))))
    for _refund in range(3):
        refunds.ask(payment, 100, Refund.Reason.STAFF)
    assert len(queries(lambda: as_alice.get(address(job)))) <= few


# What would come back ------------------------------------------------------------------------------------------------


def test_before_it_is_begun_all_comes_back_and_the_page_says_so(as_alice: Client, alice: User, till: Till) -> None:
    job = buying.job_of(buying.paid(till, alice))
    shown = page(as_alice, address(job))
    assert "all of its price, 95 ₽, goes back to you" in shown
    assert re.search(r"<span data-during hidden>", shown) and re.search(r"<span data-before>", shown)
    assert "The price stays the same" not in shown


def tell(job: Job, iteration: int) -> None:
    told: dict[str, Any] = {"status": "running", "fraction": 0.5, "phase": "paint"}
    progress.write(job.key, progress.Snapshot(**told, iteration=iteration, iterations=job.iterations))


@pytest.mark.parametrize("iteration", [0, 40, 150, 299])
@pytest.mark.parametrize("way", ["cancel", "end"])
def test_what_is_told_before_the_click_is_what_comes_back(
    as_alice: Client, alice: User, till: Till, iteration: int, way: str
) -> None:
    payment = buying.paid(till, alice)
    job = buying.claimed(payment)
    tell(job, iteration)
    shown = page(as_alice, address(job))
    promised = set(re.findall(r"<b data-left>([^<]+)</b>", shown))
    as_alice.post(reverse(f"stylize:{way}", args=[job.key]))
    if way == "end":
        assert Job.objects.get(pk=job.pk).finish_early
        jobs.finish(job, jobs.Result("files", 1.0, "1", 1, iterations=max(iteration, 1)))
    dues.settle_all()
    given = sum(amount_minor for amount_minor, _reason in buying.owed(payment))
    if iteration or way == "cancel":  # one iteration at least is in a picture
        assert promised == {f"{given // 100} ₽"}


def test_the_poll_names_the_iteration_by_which_the_page_knows_what_comes_back(
    as_alice: Client, alice: User, till: Till
) -> None:
    job = buying.claimed(buying.paid(till, alice))
    tell(job, 150)
    poll = as_alice.get(reverse("stylize:watch", args=[progress.token_of(job.key)])).json()
    assert poll["iteration"] == 150
    ending = telling.of_job(job, 150).ending
    assert ending
    assert ending.steps[0] == (0, "95\u00a0₽") and ending.steps[-1][1] == "0\u00a0₽"
    reached = [left for first, left in ending.steps if first <= poll["iteration"]][-1]
    assert reached == ending.now


def test_what_staff_released_without_money_promises_none(as_alice: Client, unpaid: Job) -> None:
    jobs.release(unpaid)
    shown = page(as_alice, address(unpaid))
    assert "data-left" not in shown and "goes back" not in shown


# Afterwards ----------------------------------------------------------------------------------------------------------


def test_the_way_of_the_money_back_is_told_step_by_step(as_alice: Client, alice: User, till: Till) -> None:
    till.trouble(refunds="pending")
    payment = buying.paid(till, alice)
    where = address(buying.job_of(payment))
    as_alice.post(reverse("stylize:cancel", args=[payment.job_key]))
    at_once = words(as_alice, where)
    assert "95 ₽ paid" in at_once and "95 ₽ go back to you: they are on their way" in at_once
    assert "It was cancelled before it was begun." in at_once
    rounds.go_round()
    assert "they are on their way" in words(as_alice, where)
    (refund,) = Refund.objects.all()
    till.settle_refund(str(refund.stripe_id))
    refunds.mirror(str(refund.stripe_id))
    assert "95 ₽ were given back on" in words(as_alice, where)
    till.fail_refund(str(refund.stripe_id))
    refunds.mirror(str(refund.stripe_id))
    assert "95 ₽ could not be given back. We have been told and see to it." in words(as_alice, where)


def test_a_failed_painting_tells_that_the_money_comes_back(as_alice: Client, alice: User, till: Till) -> None:
    payment = buying.paid(till, alice)
    jobs.fail(buying.claimed(payment), Job.Failure.ERROR)
    said = words(as_alice, address(buying.job_of(payment)))
    assert "95 ₽ go back to you" in said and "The painting failed." in said


def test_a_finished_one_tells_what_was_paid_with_the_receipt(as_alice: Client, alice: User, till: Till) -> None:
    payment = buying.paid(till, alice)
    jobs.finish(buying.claimed(payment), jobs.Result("files", 1.0, "1", 1))
    shown = page(as_alice, address(buying.job_of(payment)))
    assert "95 ₽ paid" in shown and reverse("billing:receipt", args=[payment.key]) in shown
    assert "go back" not in shown


def test_a_lost_picture_tells_until_when_it_is_looked_for(as_alice: Client, alice: User, till: Till) -> None:
    payment = buying.paid(till, alice)
    job = buying.claimed(payment)
    jobs.finish(job, jobs.Result("files", 1.0, "1", 1))
    jobs.lose(job)
    assert "within three days" in words(as_alice, address(job))


def test_what_was_refunded_by_hand_instead_of_by_us_alarms_nobody(as_alice: Client, alice: User, till: Till) -> None:
    payment = buying.paid(till, alice)
    till.refund_by_hand(buying.intent_of(payment))
    as_alice.post(reverse("stylize:cancel", args=[payment.job_key]))
    rounds.go_round()
    assert Refund.objects.filter(status=Refund.Status.FAILED).count() == 1
    said = words(as_alice, address(buying.job_of(payment)))
    assert "95 ₽ were given back" in said and "could not be given back" not in said
    assert "By our staff." in said and "Made at Stripe" not in said


# The way back from the checkout --------------------------------------------------------------------------------------


def test_back_from_the_checkout_the_picture_is_in_line(as_alice: Client, alice: User, till: Till) -> None:
    payment = buying.opened(alice)
    watch = reverse("stylize:watch", args=[progress.token_of(payment.job_key)])
    assert as_alice.get(watch).json()["status"] == "unpaid"
    till.pay(buying.session_of(payment))
    answer = as_alice.get(back(payment), follow=True)
    assert answer.redirect_chain == [(address(buying.job_of(payment)), 302)]
    assert 'data-status="queued"' in answer.content.decode()
    assert as_alice.get(watch).json()["status"] == "queued"


@pytest.mark.parametrize("who", ["as_bob", "anonymous"])
def test_another_browser_is_thanked_and_learns_nothing(
    request: pytest.FixtureRequest, alice: User, till: Till, who: str
) -> None:
    payment = buying.opened(alice)
    till.pay(buying.session_of(payment), email="secret@example.org")
    shown = page(request.getfixturevalue(who), back(payment))
    assert "Thank you" in shown and "the mail with the receipt has the link" in shown
    for private in ("secret@example.org", alice.email, payment.job_key, "95"):
        assert str(private) not in shown.partition("<main")[2].partition("</main")[0]
    assert buying.job_of(payment).status == Job.Status.QUEUED


def test_another_browser_is_told_that_nothing_is_paid(anonymous: Client, alice: User, till: Till) -> None:
    payment = buying.opened(alice)
    assert "Nothing is paid yet" in page(anonymous, back(payment))
    till.pay_later(buying.session_of(payment))
    assert "on its way from your bank" in page(anonymous, back(payment))


@pytest.mark.parametrize("fate", ["cancelled", "deleted"])
def test_money_that_came_too_late_is_told_to_go_back(
    anonymous: Client, as_alice: Client, alice: User, till: Till, fate: str
) -> None:
    payment = buying.opened(alice)
    as_alice.post(reverse(f"stylize:{'cancel' if fate == 'cancelled' else 'delete'}", args=[payment.job_key]))
    till.pay(buying.session_of(payment))
    assert "Your money goes back to you" in page(anonymous, back(payment))
    landed = as_alice.get(back(payment), follow=True)
    assert "95\u00a0₽ go back to you" in landed.content.decode()


def test_while_stripe_is_away_the_landing_page_waits(
    as_alice: Client, anonymous: Client, alice: User, till: Till
) -> None:
    payment = buying.opened(alice)
    till.trouble(api="away")
    assert "is being checked" in as_alice.get(back(payment), follow=True).content.decode()
    assert "is being checked" in page(anonymous, back(payment))


def test_the_landing_page_of_no_payment_404(as_alice: Client) -> None:
    assert as_alice.get(reverse("billing:back", args=["nowhere"])).status_code == 404


def test_the_landing_page_wrong_method_405(as_alice: Client, alice: User, till: Till) -> None:
    assert as_alice.post(back(buying.opened(alice))).status_code == 405


def test_a_guest_is_shown_the_same(anonymous: Client, till: Till) -> None:
    guest = make.guest()
    payment = buying.opened(guest)
    session = anonymous.session
    session[guests.SESSION_KEY] = guest.pk
    session.save()
    assert button(buying.job_of(payment)) in page(anonymous, address(buying.job_of(payment)))
    till.pay(buying.session_of(payment))
    assert anonymous.get(back(payment)).headers["Location"] == address(buying.job_of(payment))
