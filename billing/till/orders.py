"""THE DESK: what the practice till checks of a new checkout session beyond its types: sums, addresses, times."""

from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email

from billing.till import sessions, trouble
from billing.till.books import Books, Object
from billing.till.refusal import Refusal

LEAST: Final = {"usd": 50, "eur": 50, "gbp": 30, "rub": 5000}  # minor units; docs.stripe.com/currencies, Minimum
MOST: Final = 99_999_999
SOONEST_S: Final = 30 * 60
LATEST_S: Final = 24 * 3600
PLACE: Final = "{CHECKOUT_SESSION_ID}"
_is_url: Final = URLValidator(schemes=["http", "https"])


def create(books: Books, asked: Object) -> Object:
    if asked.get("mode") != "payment":
        raise _wrong("The practice till knows the mode payment alone.", "mode")
    for name in ("success_url", "line_items"):
        if not asked.get(name):
            raise Refusal(f"Missing required param: {name}.", code="parameter_missing", param=name)
    for name in ("success_url", "cancel_url"):
        _check_url(name, asked.get(name))
    _check_email(asked.get("customer_email"))
    _check_time(asked.get("expires_at"))
    check_metadata(asked)
    check_metadata(asked.get("payment_intent_data", {}))
    if len(asked.get("client_reference_id", "")) > 200:
        raise _wrong("client_reference_id has more than 200 characters.", "client_reference_id")
    items = [_item(number, line) for number, line in enumerate(asked["line_items"])]
    _check_sum(items)
    return sessions.open_one(books, asked, items)


def check_metadata(asked: Object) -> None:
    metadata: dict[str, str] = asked.get("metadata", {})
    if len(metadata) > 50 or any(len(key) > 40 or len(value) > 500 for key, value in metadata.items()):
        raise _wrong("Metadata has at most 50 keys of 40 characters, with values of 500.", "metadata")


def _item(number: int, line: dict[str, Any]) -> Object:
    param = f"line_items[{number}]"
    price, quantity = line.get("price_data"), line.get("quantity")
    if price is None or "unit_amount" not in price or "product_data" not in price:
        raise _wrong("The practice till needs price_data with unit_amount and product_data.", f"{param}[price_data]")
    if not quantity or quantity < 1:
        raise _wrong("Quantity must be greater than or equal to 1.", f"{param}[quantity]")
    if price["currency"] not in LEAST:
        raise _wrong(f"Invalid currency: {price['currency']}.", f"{param}[price_data][currency]")
    if price["unit_amount"] < 0 or not price["product_data"]["name"]:
        raise _wrong("A price is at least 0, and what is sold has a name.", f"{param}[price_data]")
    product, unit = price["product_data"], price["unit_amount"]
    return {
        "amount_total": unit * quantity, "currency": price["currency"], "name": product["name"],
        "description": product.get("description", ""), "quantity": quantity, "unit_amount": unit,
    }  # fmt: skip


def _check_sum(items: list[Object]) -> None:
    currencies = {item["currency"] for item in items}
    if len(currencies) > 1:
        raise _wrong("All prices of a Checkout Session must be in the same currency.", "line_items")
    total, least = sum(item["amount_total"] for item in items), LEAST[currencies.pop()]
    if total < least:
        message = f"The Checkout Session's total amount must be at least {least} minor units; it is {total}."
        raise Refusal(message, code="amount_too_small", param="line_items")
    if total > MOST:
        raise Refusal(f"The total amount must be no more than {MOST}.", code="amount_too_large", param="line_items")


def _check_url(name: str, url: str | None) -> None:
    try:
        if url is not None:
            _is_url(url.replace(PLACE, "id"))
    except ValidationError:
        raise Refusal("Not a valid URL", code="url_invalid", param=name) from None


def _check_email(email: str | None) -> None:
    try:
        if email is not None:
            validate_email(email)
    except ValidationError:
        raise Refusal(f"Invalid email address: {email}", code="email_invalid", param="customer_email") from None


def _check_time(expires_at: int | None) -> None:
    now = trouble.clock()
    if expires_at is not None and not now + SOONEST_S <= expires_at <= now + LATEST_S:
        raise _wrong("expires_at must be between 30 minutes and 24 hours from now.", "expires_at")


def _wrong(message: str, param: str) -> Refusal:
    return Refusal(message, param=param)
