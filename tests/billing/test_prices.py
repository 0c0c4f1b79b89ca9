"""What is charged and what is given back, as a table in every currency; pure."""

from typing import Any

import pytest
from django.conf import LazySettings

from billing import checks, dues
from billing.models import Payment
from stylize import repeats, tiers
from stylize.models import Job

SOLD = [(tier, currency) for tier in (tiers.PREMIUM, tiers.HD) for currency in tiers.CURRENCIES]
NAMES = [f"{tier.name} {currency}" for tier, currency in SOLD]
every_price = pytest.mark.parametrize(("tier", "currency"), SOLD, ids=NAMES)


def job(tier: tiers.Tier, iterations: int, begun: int = 0, **fields: Any) -> Job:
    return Job(tier=tier.name, iterations=iterations, begun=begun, status=Job.Status.DONE, **fields)


def payment(of: Job, currency: str) -> Payment:
    tier = tiers.named(of.tier)
    amount = tier.price_minor(of.iterations, currency) - tier.worth_minor(of.begun, currency)
    return Payment(tier=of.tier, iterations=of.iterations, amount_minor=amount, currency=currency)


@every_price
def test_more_iterations_are_never_worth_less_and_none_nothing(tier: tiers.Tier, currency: str) -> None:
    worth = [tier.worth_minor(number, currency) for number in range(tier.iterations[-1] + 200)]
    assert worth[0] == 0
    assert worth == sorted(worth)
    assert worth[-1] == tier.price_minor(tier.iterations[-1], currency)  # more than is sold is worth no more


@every_price
def test_where_a_number_is_sold_it_is_worth_its_price(tier: tiers.Tier, currency: str) -> None:
    for number in tier.iterations:
        assert tier.worth_minor(number, currency) == tier.price_minor(number, currency)


@every_price
def test_every_price_is_made_of_whole_steps_and_can_be_charged(tier: tiers.Tier, currency: str) -> None:
    known = tiers.CURRENCIES[currency]
    prices = [tier.price_minor(number, currency) for number in tier.iterations]
    assert all(price % known.step_minor == 0 and price >= known.least_charge_minor for price in prices)


@pytest.mark.parametrize("currency", tiers.CURRENCIES)
@pytest.mark.parametrize("tier", [tiers.FREE, tiers.PROOF], ids=["free", "proof"])
def test_what_is_free_is_worth_nothing_in_any_currency(tier: tiers.Tier, currency: str) -> None:
    assert {tier.worth_minor(number, currency) for number in range(20)} == {0}


@every_price
def test_what_is_left_is_between_nothing_and_what_was_paid(tier: tiers.Tier, currency: str) -> None:
    for iterations in tier.iterations:
        bought = job(tier, iterations)
        paid = payment(bought, currency)
        left = [dues.left_minor(paid, bought, done) for done in range(iterations + 50)]
        assert left[0] == paid.amount_minor
        assert left[iterations:] == [0] * 50
        assert left == sorted(left, reverse=True)


@pytest.mark.parametrize("currency", tiers.CURRENCIES)
def test_to_go_on_costs_the_difference_and_gives_back_no_more(currency: str) -> None:
    for begun in (1, 100, 137, 300, 550, 999):
        for iterations in [number for number in tiers.HD.iterations if number > begun]:
            more = job(tiers.HD, iterations, begun)
            paid = payment(more, currency)
            left = [dues.left_minor(paid, more, done) for done in range(begun, iterations + 1)]
            assert (left[0], left[-1]) == (paid.amount_minor, 0)
            assert left == sorted(left, reverse=True)
            first = tiers.HD.worth_minor(begun, currency)
            assert first + paid.amount_minor == tiers.HD.price_minor(iterations, currency)


@pytest.mark.parametrize("currency", tiers.CURRENCIES)
@pytest.mark.parametrize("done", [100, 250, 300, 940, 999, 1000])
def test_only_what_a_card_can_be_charged_with_is_offered_to_go_on(
    settings: LazySettings, currency: str, done: int
) -> None:
    settings.CURRENCY = currency
    finished, least = job(tiers.HD, 1000, iterations_done=done), tiers.CURRENCIES[currency].least_charge_minor
    offered = {choice.iterations for choice in repeats.further(finished)}
    for number in tiers.HD.iterations:
        is_charged = number > done and repeats.difference_minor(finished, number) >= least
        assert (number in offered) is is_charged


def test_a_table_that_has_changed_since_never_gives_back_more_than_was_paid(monkeypatch: pytest.MonkeyPatch) -> None:
    bought = job(tiers.HD, 1000)
    paid = payment(bought, "RUB")
    for factor in (0, 1, 3):
        worth = tiers.HD.worth_minor
        monkeypatch.setattr(tiers.Tier, "worth_minor", lambda tier, n, c, f=factor, w=worth: f * w(n, c))
        assert all(0 <= dues.left_minor(paid, bought, done) <= paid.amount_minor for done in range(0, 1001, 50))
        monkeypatch.undo()


# System checks --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("currency", tiers.CURRENCIES)
def test_the_table_can_be_charged_in_every_currency(settings: LazySettings, currency: str) -> None:
    settings.CURRENCY = currency
    assert checks.prices_can_be_charged(None) == []


def test_a_price_below_the_least_charge_is_an_error(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CURRENCY = "EUR"
    monkeypatch.setitem(tiers.CURRENCIES, "EUR", tiers.Currency(10, 91))
    errors = checks.prices_can_be_charged(None)
    assert [error.id for error in errors] == ["billing.E001"] * 2
    assert "premium" in errors[0].msg


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({}, None),
        ({"PRODUCTION": True, "TILL": True}, "practice till"),
        ({"STRIPE_SECRET_KEY": "pk_live_1"}, "no secret key"),
        ({"STRIPE_WEBHOOK_SECRET": ""}, "no signing secret"),
        ({"STRIPE_SECRET_KEY": "sk_live_1", "STRIPE_LIVE": True, "TILL": False}, "real money"),
        ({"PRODUCTION": True, "STRIPE_SECRET_KEY": "rk_live_1", "STRIPE_LIVE": True, "TILL": False}, None),
    ],
)
def test_keys_that_cannot_be_right_are_an_error(
    settings: LazySettings, changes: dict[str, Any], problem: str | None
) -> None:
    for name, value in changes.items():
        setattr(settings, name, value)
    found = checks.stripe_is_set_up(None)
    assert len(found) == (1 if problem else 0)
    assert all(problem and problem in error.msg for error in found)
