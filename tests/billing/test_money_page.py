"""The staff's page of takings: what it counts, on which day, and the answer in words."""

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from billing import refunds, sales
from billing.models import Payment, Refund
from people.models import User
from stylize import plots
from stylize.models import Job
from tests import make
from tests.billing import buying
from tests.ostagram.test_russian_pages import assert_russian
from tests.till import Till

pytestmark = pytest.mark.django_db
PAGE = "/staff/money/"


@pytest.fixture
def boss(settings: LazySettings) -> Client:
    settings.GPU_HOUR_COST_MINOR, settings.STRIPE_FEE_PERCENT, settings.STRIPE_FEE_FIXED_MINOR = 36000, 3.0, 100
    client = Client()
    client.force_login(make.user("boss", is_staff=True, is_superuser=True))
    return client


def page(client: Client) -> str:
    answer = client.get(PAGE)
    assert answer.status_code == 200
    return unescape(" ".join(answer.content.decode().split())).replace("\u00a0", " ")


def finished(owner: User, number: int, seconds: float, **fields: Any) -> None:
    for _number in range(number):
        make.done_job(owner, seconds=seconds, **fields)


def test_an_empty_house(boss: Client) -> None:
    shown = page(boss)
    assert "free pictures and sales are both needed" in shown and "Nothing has been painted or sold." in shown


def test_the_question_of_2016_is_answered(boss: Client, till: Till, alice: User) -> None:
    finished(alice, 9, 10.0)  # 1 ₽ each
    payment = buying.paid(till, alice)  # 95 ₽, of which the fee takes 3.85
    Job.objects.filter(key=payment.job_key).update(status="done", result="x", seconds=61.5, finished_at=timezone.now())
    shown = page(boss)
    for words in (
        "A free picture costs 1 ₽ to paint",
        "A sold picture brings 95 ₽; the fee takes 3.85 ₽ and its painting 6.15 ₽: it leaves 85 ₽.",
        "One sale pays for 85 free pictures.",
        "So 1.2 of 100 pictures must be sold; 10.0 were.",
        "The site has earned 76 ₽.",
    ):
        assert words in shown, words


def test_when_a_sale_leaves_nothing_it_is_said(boss: Client, till: Till, alice: User) -> None:
    finished(alice, 2, 10.0)
    payment = buying.paid(till, alice)
    done = {"status": "done", "result": "x", "seconds": 4000.0, "finished_at": timezone.now()}
    Job.objects.filter(key=payment.job_key).update(**done)
    assert "no number of sales would pay" in page(boss)


def test_proofs_and_samples_cost_and_are_no_pictures(boss: Client, alice: User) -> None:
    finished(alice, 2, 10.0)
    finished(alice, 1, 20.0, sample=True)
    balance = sales.last_days(30).balance()
    assert balance.free.done == 2 and balance.free.device_s == pytest.approx(40)


def test_each_thing_counts_on_its_own_day(boss: Client, till: Till, alice: User) -> None:
    payment = buying.paid(till, alice)
    refunds.ask(payment, 1000, Refund.Reason.STAFF)
    Payment.objects.update(paid_at=timezone.now() - timedelta(days=2))
    sold = sales.last_days(30)
    days = [sold.balance(day).sold for day in sold.days]
    assert [(day.taken_minor, day.back_minor) for day in days[-3:]] == [(9500, 0), (0, 0), (0, 1000)]
    assert sold.balance().sold.net_minor == payment.amount_minor - 1000
    assert len(sold.days) == 30 and sold.of("hd").payments == 1


def test_what_a_bank_took_back_is_disputed_and_counted_once(boss: Client, till: Till, alice: User) -> None:
    payment = buying.paid(till, alice)
    refunds.ask(payment, 1000, Refund.Reason.STAFF)
    Payment.objects.update(status="disputed")
    sold = sales.last_days(30).balance().sold
    assert (sold.taken_minor, sold.back_minor, sold.disputed_minor, sold.net_minor) == (9500, 1000, 8500, 0)


@pytest.mark.parametrize(
    "change",
    [{"is_live": True}, {"currency": "EUR"}, {"paid_at": timezone.now() - timedelta(days=40)}, {"status": "expired"}],
)
def test_what_is_not_counted(boss: Client, till: Till, alice: User, change: dict[str, Any]) -> None:
    buying.paid(till, alice)
    Payment.objects.update(**change)
    assert sales.last_days(30).balance().sold.taken_minor == 0


def test_failed_refunds_gave_nothing_back(boss: Client, till: Till, alice: User) -> None:
    refunds.ask(buying.paid(till, alice), 1000, Refund.Reason.STAFF)
    Refund.objects.update(status="failed")
    assert sales.last_days(30).balance().sold.back_minor == 0


def test_every_plot_has_its_table(boss: Client, till: Till, alice: User) -> None:
    finished(alice, 1, 10.0)
    buying.paid(till, alice)
    shown = page(boss)
    assert shown.count('class="plot"') == shown.count("As a table") == 4


@pytest.mark.parametrize("zone", ["UTC", "Asia/Vladivostok", "America/New_York"])
def test_days_are_those_of_the_sites_clock(
    boss: Client, till: Till, alice: User, settings: LazySettings, zone: str
) -> None:
    finished(alice, 1, 10.0)
    buying.paid(till, alice)
    with timezone.override(zone):
        sold = sales.last_days(30)
        today = sold.balance(sold.days[-1])
    assert (today.free.done, today.sold.payments) == (1, 1)


def test_the_number_of_queries_does_not_grow(
    boss: Client, till: Till, alice: User, django_assert_max_num_queries: Any
) -> None:
    for _number in range(3):
        refunds.ask(buying.paid(till, alice), 1000, Refund.Reason.STAFF)
        finished(alice, 2, 10.0)
    with django_assert_max_num_queries(5):
        boss.get(PAGE)


def test_in_russian(boss: Client, till: Till, alice: User) -> None:
    assert_russian(boss, PAGE)
    finished(alice, 1, 10.0)
    buying.paid(till, alice)
    assert_russian(boss, PAGE)


def test_wrong_method_405(boss: Client) -> None:
    assert boss.post(PAGE).status_code == 405


# The plots, pure ------------------------------------------------------------------------------------------------------


def test_what_is_below_nought_hangs_from_its_line() -> None:
    days = [timezone.now() - timedelta(days=1), timezone.now()]
    gain, loss = plots.Series("Gain", "is-first", [30, None]), plots.Series("Loss", "is-bad", [None, -10])
    drawn = plots.daily("P", days, [gain, loss], plots.count)
    up, down = drawn.bars
    line = drawn.ticks[1].at
    assert [tick.label for tick in drawn.ticks] == ["-10", "0", "40"]
    assert float(up.y) + float(up.height) == pytest.approx(float(line), abs=0.1)
    assert down.y == line and float(down.y) + float(down.height) == pytest.approx(plots.BOTTOM)
    assert [values for _day, values in drawn.rows] == [["–", "-10"], ["30", "–"]]


def test_a_month_of_losses_and_one_of_nothing() -> None:
    days = [timezone.now() - timedelta(days=back) for back in range(3)]
    loss = plots.daily("P", days, [plots.Series("Loss", "is-bad", [-1, -2, None])], plots.count)
    assert [tick.label for tick in loss.ticks] == ["-2", "0"]
    nothing = plots.daily("P", days, [plots.Series("Gain", "is-first", [None] * 3)], plots.count)
    assert nothing.bars == [] and len(nothing.ticks) == 3 and nothing.of == "Day"
