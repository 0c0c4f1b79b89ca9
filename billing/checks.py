"""THE DESK: system checks: prices that can be charged, keys that are of one kind, and no till in production."""

import re
from typing import Any, Final

from django.conf import settings
from django.core.checks import CheckMessage, Error

from billing import workshop
from stylize import tiers

COUNTRY: Final = re.compile(r"[A-Z]{2}")  # ISO 3166, as Stripe takes them


def prices_can_be_charged(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    currency = settings.CURRENCY
    least = tiers.CURRENCIES[currency].least_charge_minor
    hint = "Stripe refuses smaller charges. Raise the price in stylize/tiers.py."
    return [
        Error(f"{tier.name} costs {cheapest} {currency} minor units, less than {least}.", hint=hint, id="billing.E001")
        for tier in tiers.TIERS.values()
        if tier.is_paid and (cheapest := tier.price_minor(tier.iterations[0], currency)) < least
    ]


def canvases_can_be_made(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    problems = [
        f"SHIP_TO names {code!r}, which is no country." for code in settings.SHIP_TO if not COUNTRY.fullmatch(code)
    ]
    try:
        workshop.printer()
    except Exception as error:  # whatever an adapter of somebody else's raises
        problems.append(f"PRINTER is {settings.PRINTER}: {error!r}")
    hint = "See docs/operations.md, The workshop."
    return [Error(problem, hint=hint, id="billing.E003") for problem in problems]


def stripe_is_set_up(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    problems = []
    if settings.PRODUCTION and settings.TILL:
        problems.append("STRIPE_SECRET_KEY is that of the practice till, which takes no money.")
    if not settings.STRIPE_SECRET_KEY.startswith(("sk_live_", "rk_live_", "sk_test_", "rk_test_")):
        problems.append(
            "STRIPE_SECRET_KEY is no secret key of Stripe's: those begin with sk_live_, rk_live_ or sk_test_."
        )
    if not settings.STRIPE_WEBHOOK_SECRET.startswith("whsec_"):
        problems.append("STRIPE_WEBHOOK_SECRET is no signing secret: those begin with whsec_.")
    if not settings.PRODUCTION and settings.STRIPE_LIVE:
        problems.append("STRIPE_SECRET_KEY takes real money, and local mode is for practice.")
    return [Error(problem, hint="See docs/operations.md, Money.", id="billing.E002") for problem in problems]
