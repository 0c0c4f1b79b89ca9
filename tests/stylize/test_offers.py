"""What the page offers: for every number of iterations its price and wait, from the server alone."""

import html
import re

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from people.models import User
from stylize import line, offers, tiers, wording
from stylize.models import Job
from tests import make

ADDRESS = "/paint/"
HD = list(tiers.TIERS).index("hd")


def measured(owner: User, seconds_per_cost: float) -> None:
    """A kiln of a known speed."""
    make.worker(seconds_per_cost=seconds_per_cost)


def rows(page: str) -> list[tuple[str, ...]]:
    """The table that the browser reads: iterations, price, wait, and both in one line."""
    found = re.findall(r'<tr data-iterations="(.*?)" data-price="(.*?)" data-wait="(.*?)".*? data-total="(.*?)">', page)
    return [tuple(html.unescape(cell) for cell in row) for row in found]


def hd_price(page: str) -> str:
    """What stands on the card; without scripts a range stands there instead, for nothing would move the price."""
    found = re.search(r'<span data-shows="price">(.*?)</span><span class="tier__range">(.*?)</span>', page)
    assert found
    assert html.unescape(found[2]) == "50\u00a0₽ to 250\u00a0₽"
    return html.unescape(found[1])


def price(iterations: int) -> str:
    return wording.price(tiers.HD.price_minor(iterations, "RUB"), settings.CURRENCY)


@pytest.mark.django_db
@pytest.mark.parametrize("tier", tiers.TIERS.values(), ids=str)
def test_every_number_that_is_sold_is_offered_at_its_price(tier: tiers.Tier) -> None:
    (offer,) = [offer for offer in offers.all_tiers(None) if offer.tier == tier]
    assert [step.iterations for step in offer.steps] == list(tier.iterations)
    for step in offer.steps:
        assert step.price == wording.price(tier.price_minor(step.iterations, "RUB"), settings.CURRENCY)


def test_the_wait_grows_with_the_iterations(alice: User) -> None:
    measured(alice, seconds_per_cost=2.0)
    steps = offers.all_tiers(None)[HD].steps
    seconds = [step.ready_s for step in steps if step.ready_s is not None]
    assert len(seconds) == len(tiers.HD.iterations)
    assert seconds == sorted(set(seconds))
    assert seconds[-1] - seconds[0] == pytest.approx(2.0 * 900 * 1200 * 900 / 1e6)
    assert steps[0].wait == "about 4 minutes" and steps[-1].wait == "about 36 minutes"


def test_a_larger_job_finds_more_before_it(alice: User, bob: User) -> None:
    """A step's wait counts those who would be painted before this very step, not before the smallest."""
    measured(alice, seconds_per_cost=1.0)
    for _n in range(3):
        Job.objects.filter(pk=make.job(bob).pk).update(rank=100.0)
    cache.delete(line.SHARED)
    least, most = offers.all_tiers(None)[HD].steps[0], offers.all_tiers(None)[HD].steps[-1]
    assert (least.ahead, most.ahead) == (0, 3)


def test_with_an_empty_line_nobody_is_before_you(alice: User) -> None:
    assert {step.ahead for offer in offers.all_tiers(alice) for step in offer.steps} == {0}


@pytest.mark.django_db
def test_before_anything_was_measured_no_time_is_told() -> None:
    step = offers.all_tiers(None)[HD].chosen
    assert (step.wait, step.total) == ("not measured yet", price(300))


def test_the_line_beside_the_button_tells_price_and_wait(alice: User) -> None:
    measured(alice, seconds_per_cost=2.0)
    free, _premium, hd = offers.all_tiers(None, asked="300")
    assert free.chosen.total == "Free of charge · about 10 seconds"
    assert hd.chosen.total == f"{price(300)} · about 11 minutes"


def test_the_pages_table_is_the_tiers_own(anonymous: Client, alice: User) -> None:
    measured(alice, seconds_per_cost=2.0)
    steps = offers.all_tiers(None)[HD].steps
    told = [(str(step.iterations), step.price, step.wait, step.total) for step in steps]
    assert rows(anonymous.get(ADDRESS).content.decode()) == told
    assert [row[1] for row in told] == [price(iterations) for iterations in tiers.HD.iterations]


@pytest.mark.django_db
def test_the_page_begins_with_the_usual_number_and_its_price(anonymous: Client) -> None:
    page = anonymous.get(ADDRESS).content.decode()
    assert re.search(r'type="number"[^>]* name="iterations"[^>]* value="300"', page)
    assert re.search(r'type="range"[^>]* value="300"', page)
    assert hd_price(page) == price(300)


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [("450", 450), ("125", 150), ("99", 100), ("1050", 1000), ("-7", 100), ("many", 300), ("", 300), ("1e400", 300)],
)
def test_the_form_comes_back_with_one_price_and_the_slider_where_it_stands(
    as_alice: Client, asked: str, nearest: int
) -> None:
    answer = as_alice.post(ADDRESS, make.form(photo=None, tier="hd", iterations=asked))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert hd_price(page) == price(nearest)
    assert re.search(rf'type="range"[^>]* value="{nearest}"', page)
    assert re.search(rf'type="number"[^>]* value="{asked}"', page)
    (own,) = [html.unescape(total) for total in re.findall(r'value="hd"[^>]* data-total="(.*?)"', page)]
    assert own == price(nearest)
    wrong = re.search(r'data-trouble data-wanted="(.*?)">(.*?)</p>', page)
    assert wrong and wrong[1] == "Choose 100 to 1000 iterations in steps of 50."
    assert bool(wrong[2].strip()) is (asked != "450")
    assert bool(re.search('type="number"[^>]* aria-invalid="true"', page)) is (asked != "450")


def test_the_browser_is_told_no_formula(anonymous: Client, alice: User) -> None:
    _before, _, page = anonymous.get(ADDRESS).content.decode().partition("data-tiers")
    assert "data-total" in page and not re.search(r"data-(least|most|first|last)=", page)
