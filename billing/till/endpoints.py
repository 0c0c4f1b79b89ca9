"""THE DESK: the few of Stripe's endpoints that the practice till plays, and which of their parameters."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from stripe.params import (
    ChargeRetrieveParams,
    DisputeListParams,
    DisputeRetrieveParams,
    EventListParams,
    EventRetrieveParams,
    PaymentIntentListParams,
    PaymentIntentRetrieveParams,
    RefundCreateParams,
    RefundListParams,
    RefundRetrieveParams,
)
from stripe.params.checkout import (
    SessionCreateParams,
    SessionExpireParams,
    SessionListParams,
    SessionRetrieveParams,
)

from billing.till import lists, orders, parameters, refunds, sessions
from billing.till.books import Books, Object
from billing.till.refusal import Refusal

SESSION: Final = (
    "mode", "ui_mode", "line_items.quantity", "line_items.price_data.currency", "line_items.price_data.unit_amount",
    "line_items.price_data.product_data", "metadata", "client_reference_id", "payment_intent_data.metadata",
    "payment_intent_data.description", "payment_intent_data.receipt_email", "success_url", "cancel_url", "locale",
    "expires_at", "customer_email", "shipping_address_collection", "phone_number_collection",
    "payment_method_types",
    "billing_address_collection", "submit_type", "custom_text",
)  # fmt: skip
PAGE: Final = ("created", "limit", "starting_after")


@dataclass(frozen=True)
class Endpoint:
    params: type  # of Stripe's library
    plays: tuple[str, ...]  # the parameters that are not ignored, with all below them
    answer: Callable[..., Object]

    def check(self, form: parameters.Form) -> parameters.Form:
        checked = parameters.check(self.params, form)
        for path in parameters.paths(checked):
            if not any(path == one or path.startswith(f"{one}.") for one in self.plays):
                raise Refusal(f"The practice till does not play {path}.", code="parameter_not_played", param=path)
        return checked


def _list(kind: str, path: str) -> Callable[..., Object]:
    return lambda books, asked: lists.page(books, kind, asked, f"/v1/{path}")


def _get(kind: str) -> Callable[..., Object]:
    return lambda books, asked, name: books.get(kind, name)


def _expire(books: Books, asked: Object, name: str) -> Object:
    return sessions.expire(books, name)


TABLE: Final[dict[tuple[str, str], Endpoint]] = {
    ("POST", "checkout/sessions"): Endpoint(SessionCreateParams, SESSION, orders.create),
    ("POST", "checkout/sessions/:id/expire"): Endpoint(SessionExpireParams, (), _expire),
    ("GET", "checkout/sessions/:id"): Endpoint(SessionRetrieveParams, (), _get("checkout.session")),
    ("GET", "checkout/sessions"): Endpoint(
        SessionListParams, (*PAGE, "payment_intent", "status"), _list("checkout.session", "checkout/sessions")
    ),
    ("GET", "payment_intents/:id"): Endpoint(PaymentIntentRetrieveParams, (), _get("payment_intent")),
    ("GET", "payment_intents"): Endpoint(PaymentIntentListParams, PAGE, _list("payment_intent", "payment_intents")),
    ("GET", "charges/:id"): Endpoint(ChargeRetrieveParams, (), _get("charge")),
    ("POST", "refunds"): Endpoint(
        RefundCreateParams, ("payment_intent", "amount", "metadata", "reason"), refunds.create
    ),
    ("GET", "refunds/:id"): Endpoint(RefundRetrieveParams, (), _get("refund")),
    ("GET", "refunds"): Endpoint(RefundListParams, (*PAGE, "payment_intent", "charge"), _list("refund", "refunds")),
    ("GET", "disputes/:id"): Endpoint(DisputeRetrieveParams, (), _get("dispute")),
    ("GET", "disputes"): Endpoint(DisputeListParams, (*PAGE, "payment_intent", "charge"), _list("dispute", "disputes")),
    ("GET", "events/:id"): Endpoint(EventRetrieveParams, (), _get("event")),
    ("GET", "events"): Endpoint(EventListParams, (*PAGE, "type", "types"), _list("event", "events")),
}


def find(method: str, path: str) -> tuple[Endpoint, list[str]]:
    """The endpoint, and the ids in its path. Raises Refusal."""
    parts = path.split("/")
    for (verb, pattern), endpoint in TABLE.items():
        wanted = pattern.split("/")
        pairs = list(zip(parts, wanted, strict=False))
        if verb == method and len(parts) == len(wanted) and all(want in (part, ":id") for part, want in pairs):
            return endpoint, [part for part, want in pairs if want == ":id"]
    raise Refusal(f"Unrecognized request URL ({method}: /v1/{path}).", status=404)
