"""The practice till as a process of its own, and a hand on it: what visitors, banks and a bad day do.

`with_till` and `till` are fixtures; tests/billing/conftest.py brings them in. One till serves all tests of a process,
and is calm and empty when a test begins.
"""

import contextlib
import hashlib
import hmac
import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import requests
from django.conf import LazySettings
from django.conf import settings as site_settings

from ostagram import orphans, programs
from ostagram.embedded import process

CLONE: Final = Path(__file__).parents[1]
START_S: Final = 60
NOWHERE: Final = "none"
UNTROUBLED: Final = {"Till-Untroubled": "yes"}  # whatever trouble is played, the tests themselves are answered


class Till:
    """One practice till. `webhook_url` is where it tells of events; None: nowhere."""

    def __init__(self, var_dir: Path, *, webhook_url: str | None = None, port: int | None = None) -> None:
        self.var_dir = var_dir
        self.port = port or process.free_port(None)
        self.url = f"http://127.0.0.1:{self.port}"
        self.webhook_url = webhook_url
        self.key: str = site_settings.STRIPE_SECRET_KEY
        self.webhook_secret: str = site_settings.STRIPE_WEBHOOK_SECRET
        self._process: subprocess.Popen[bytes] | None = None
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.headers.update(
            {"Authorization": f"Bearer {self.key}", "Stripe-Version": site_settings.STRIPE_API_VERSION, **UNTROUBLED}
        )

    # The process -----------------------------------------------------------------------------------------------------

    def start(self) -> "Till":
        self._process = subprocess.Popen(
            programs.till(self.port).argv,
            cwd=CLONE,
            env=self._environ(),
            preexec_fn=orphans.bound(),
            start_new_session=True,
        )
        give_up_at = time.monotonic() + START_S
        while not self.answers():
            assert self._process.poll() is None, "the till ended by itself"
            assert time.monotonic() < give_up_at, "the till does not answer"
            time.sleep(0.05)
        return self

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """kill -9, as if the power went; `start` opens the same till again."""
        self._end(signal.SIGKILL)

    def answers(self) -> bool:
        with contextlib.suppress(requests.RequestException):
            return self._http.get(f"{self.url}/till/", timeout=5).ok
        return False

    def _environ(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "DJANGO"))}
        return kept | {
            "OSTAGRAM_VAR": str(self.var_dir),
            "TILL_PORT": str(self.port),
            "TILL_WEBHOOK_URL": self.webhook_url or NOWHERE,
            "STRIPE_SECRET_KEY": self.key,
            "STRIPE_WEBHOOK_SECRET": self.webhook_secret,
        }

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, how)
        try:
            self._process.wait(15)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process = None

    # What visitors and banks do; each answers with the object as it is afterwards -------------------------------------

    def pay(self, session_id: str, email: str = "visitor@example.org", **fields: str) -> dict[str, Any]:
        """`fields`: name, line1, line2, city, state, postal_code, country, phone; as typed in on the page."""
        return self._play(f"sessions/{session_id}/pay", email=email, **fields)

    def decline(self, session_id: str, email: str = "visitor@example.org") -> dict[str, Any]:
        return self._play(f"sessions/{session_id}/decline", email=email)

    def pay_later(self, session_id: str, email: str = "visitor@example.org", **fields: str) -> dict[str, Any]:
        """The session completes, and the money is still on its way: `arrive` or `fail` ends that."""
        return self._play(f"sessions/{session_id}/pay_later", email=email, **fields)

    def arrive(self, session_id: str) -> dict[str, Any]:
        return self._play(f"sessions/{session_id}/arrive")

    def fail(self, session_id: str) -> dict[str, Any]:
        return self._play(f"sessions/{session_id}/fail")

    def dispute(self, intent_id: str) -> dict[str, Any]:
        return self._play(f"payment_intents/{intent_id}/dispute")

    def won(self, intent_id: str) -> dict[str, Any]:
        """We won: the money is ours again."""
        return self._play(f"payment_intents/{intent_id}/won")

    def lost(self, intent_id: str) -> dict[str, Any]:
        return self._play(f"payment_intents/{intent_id}/lost")

    def refund_by_hand(self, intent_id: str) -> dict[str, Any]:
        """In full, as if done in Stripe's dashboard."""
        return self._play(f"payment_intents/{intent_id}/refund")

    def settle_refund(self, refund_id: str) -> dict[str, Any]:
        return self._play(f"refunds/{refund_id}/settle")

    def fail_refund(self, refund_id: str) -> dict[str, Any]:
        """Pending or succeeded: both can still fail."""
        return self._play(f"refunds/{refund_id}/fail")

    # A bad day -------------------------------------------------------------------------------------------------------

    def trouble(self, **modes: str | int) -> None:
        """Only what is named changes.

        api=none|hang|hang-after|500|500-after|500-kept|429|away   …-after: the work is done and its answer is lost
            (the same key then brings it out); 500-kept: as 500-after, but the same key brings the same 500 again
        times=N: for the next N calls only         only="/v1/refunds": for calls whose path begins so
        webhooks=send|drop|double                  refunds=succeed|pending|fail
        webhook_url=…: where to tell of events ("none": nowhere)
        clock=S: the till's clock is S seconds ahead
        """
        self._play("trouble", **{name: str(value) for name, value in modes.items()})

    def calm(self) -> None:
        """No trouble of any kind; calls that hang go on."""
        self._play("calm")

    def empty(self) -> None:
        """As on its first day: no session, no payment, no event, no key."""
        self._play("empty")

    def deliver(self, *event_ids: str) -> None:
        """Send these events now, again if they were sent; without ids all that did not arrive."""
        self._play("deliver", **({"events": ",".join(event_ids)} if event_ids else {}))

    def undelivered(self) -> list[dict[str, Any]]:
        """Events that did not arrive yet: id, type, state (due, dropped, given_up), tries."""
        found: list[dict[str, Any]] = self._get("till/deliveries")["undelivered"]
        return found

    # What the till knows ---------------------------------------------------------------------------------------------

    def events(self, *types: str) -> list[dict[str, Any]]:
        """All, or those of these types; the oldest first."""
        return [event for event in self._all("v1/events") if not types or event["type"] in types]

    def session(self, session_id: str) -> dict[str, Any]:
        return self._get(f"v1/checkout/sessions/{session_id}")

    def sessions(self) -> list[dict[str, Any]]:
        return self._all("v1/checkout/sessions")

    def refunds(self, intent_id: str | None = None) -> list[dict[str, Any]]:
        return self._all("v1/refunds", **({"payment_intent": intent_id} if intent_id else {}))

    def payments(self) -> list[dict[str, Any]]:
        """The payment intents whose money came in."""
        return [intent for intent in self._all("v1/payment_intents") if intent["status"] == "succeeded"]

    def disputes(self) -> list[dict[str, Any]]:
        return self._all("v1/disputes")

    def signed(
        self, event: dict[str, Any] | bytes, *, secret: str | None = None, at: float | None = None
    ) -> tuple[bytes, str]:
        """The body of a webhook, and its Stripe-Signature."""
        return signed(event, secret=secret or self.webhook_secret, at=at)

    def _all(self, path: str, **filters: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            page = {"limit": "100", **filters} | ({"starting_after": found[-1]["id"]} if found else {})
            listed = self._get(path, **page)
            found += listed["data"]
            if not listed["has_more"]:
                return found[::-1]

    def _get(self, path: str, **query: str) -> dict[str, Any]:
        answer = self._http.get(f"{self.url}/{path}", params=query, timeout=30)
        assert answer.ok, answer.text
        return dict(answer.json())

    def _play(self, path: str, **fields: str) -> dict[str, Any]:
        answer = self._http.post(f"{self.url}/till/{path}", data=fields, timeout=30)
        assert answer.ok, answer.text
        return dict(answer.json())


def signed(event: dict[str, Any] | bytes, *, secret: str, at: float | None = None) -> tuple[bytes, str]:
    payload = event if isinstance(event, bytes) else json.dumps(event).encode()
    moment = int(time.time() if at is None else at)
    mac = hmac.new(secret.encode(), f"{moment}.".encode() + payload, hashlib.sha256)
    return payload, f"t={moment},v1={mac.hexdigest()}"


@pytest.fixture(scope="session")
def with_till() -> Iterator[Till]:
    """One till for all tests of this process."""
    with tempfile.TemporaryDirectory(prefix="ostagram-till-") as folder:
        one = Till(Path(folder)).start()
        yield one
        one.stop()


@pytest.fixture
def till(with_till: Till, settings: LazySettings) -> Iterator[Till]:
    """The site of this test pays there."""
    settings.STRIPE_API_URL = settings.CHECKOUT_ORIGIN = with_till.url
    settings.TILL_PORT = with_till.port
    policy: dict[str, Any] = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    allowed = {"form-action": [*policy["form-action"], with_till.url]}
    settings.CONTENT_SECURITY_POLICY = settings.CONTENT_SECURITY_POLICY | {"DIRECTIVES": policy | allowed}
    with_till.calm()
    with_till.empty()
    yield with_till
    with_till.calm()


__all__ = ["Till", "signed", "till", "with_till"]
