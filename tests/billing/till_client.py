"""Stripe's own library, pointed at the practice till; and a shop that webhooks are sent to."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import stripe
from django.conf import settings

from tests.till import Till

Params = dict[str, Any]


def client(till: Till, **options: Any) -> stripe.StripeClient:
    known: dict[str, Any] = {"stripe_version": settings.STRIPE_API_VERSION, "max_network_retries": 0} | options
    return stripe.StripeClient(till.key, base_addresses={"api": till.url}, **known)


def purchase(amount: int = 9500, currency: str = "rub", **more: Any) -> Any:
    """What the shop asks for when a visitor wants to pay."""
    price = {"currency": currency, "unit_amount": amount, "product_data": {"name": "HD", "description": "1200 px"}}
    return {
        "mode": "payment", "line_items": [{"price_data": price, "quantity": 1}], "metadata": {"payment": "k1"},
        "payment_intent_data": {"metadata": {"payment": "k1"}}, "client_reference_id": "k1",
        "success_url": "http://127.0.0.1:8000/thanks?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://127.0.0.1:8000/back", "locale": "en",
    } | more  # fmt: skip


def opened(till: Till, **more: Any) -> str:
    """The id of a new session."""
    return client(till).v1.checkout.sessions.create(purchase(**more)).id


def paid(till: Till, **more: Any) -> str:
    """The id of the intent of a paid session."""
    return str(till.pay(opened(till, **more))["payment_intent"])


class Shop:
    """Keeps every webhook with its signature; answers with the statuses that are laid out, then with 200."""

    def __init__(self) -> None:
        self.came: list[tuple[bytes, str]] = []
        self.statuses: list[int] = []
        self.arrived = threading.Condition()
        self.url = ""

    def events(self) -> list[stripe.Event]:
        """Verified as the site verifies them."""
        secret = settings.STRIPE_WEBHOOK_SECRET
        return [stripe.Webhook.construct_event(payload, header, secret) for payload, header in self.came]

    def wait_for(self, count: int, timeout_s: float = 20) -> None:
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.came) >= count, timeout_s), self.came

    def take(self, payload: bytes, signature: str) -> int:
        with self.arrived:
            self.came.append((payload, signature))
            self.arrived.notify_all()
            return self.statuses.pop(0) if self.statuses else 200


@contextmanager
def shop() -> Iterator[Shop]:
    one = Shop()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            payload = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(one.take(payload, self.headers["Stripe-Signature"]))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        one.url = f"http://127.0.0.1:{server.server_port}/stripe/webhook"
        yield one
        server.shutdown()
        thread.join()
