"""THE DESK: the practice till's post: every event to the site's webhook, signed as Stripe signs, until it arrives.

At least once and in no certain order. What is due stands in the books, so that a killed till goes on where it was.
"""

import hashlib
import hmac
import json
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import requests
from django.conf import settings

from billing.till import books, sessions, trouble
from billing.till.books import Books, shown

log = logging.getLogger(__name__)

AT_ONCE: Final = 4
ANSWER_S: Final = 10
CLAIM_S: Final = 60  # for which nobody else takes an event that is being sent
LONGEST_PAUSE_S: Final = 30
PATIENCE_S: Final = 3 * 24 * 3600
LOOK_S: Final = 0.5
NOWHERE: Final = "none"

_awake: Final = threading.Event()


def start() -> None:
    """What was being sent when the till was killed is sent again."""
    with books.opened() as opened:
        opened.run("UPDATE deliveries SET due_at = 0 WHERE state = 'due'")
    threading.Thread(target=_go_round, name="post", daemon=True).start()


def hurry() -> None:
    """There may be something to send."""
    _awake.set()


def signature(payload: bytes, secret: str, at: int) -> str:
    """What stands in the header Stripe-Signature."""
    mac = hmac.new(secret.encode(), f"{at}.".encode() + payload, hashlib.sha256)
    return f"t={at},v1={mac.hexdigest()}"


def again(opened: Books, event_ids: list[str]) -> int:
    """Send these now, arrived or not; without ids all that did not arrive. How many."""
    chosen = f"event IN ({', '.join('?' * len(event_ids))})" if event_ids else "state != 'done'"
    sent = opened.run(
        f"UPDATE deliveries SET state = 'due', tries = 0, due_at = 0, made_at = ? WHERE {chosen}",  # noqa: S608
        (time.time(), *event_ids),
    )
    return sent.rowcount


def undelivered(opened: Books) -> list[dict[str, str | int]]:
    rows = opened.run("SELECT event, type, state, tries FROM deliveries WHERE state != 'done' ORDER BY rowid")
    return [{"id": event, "type": name, "state": state, "tries": tries} for event, name, state, tries in rows]


# Within --------------------------------------------------------------------------------------------------------------


def _go_round() -> None:
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="post") as hands:
        while True:
            _awake.wait(LOOK_S)
            _awake.clear()
            try:
                with books.opened() as opened:
                    sessions.expire_due(opened)
                    due = _claim(opened)
            except Exception:
                log.exception("the till's books cannot be read")
                time.sleep(1)
                continue
            for event_id, tries in due:
                hands.submit(_send, event_id, tries)


def _claim(opened: Books) -> list[tuple[str, int]]:
    """Those whose turn it is; nobody else takes them for a while."""
    now = time.time()
    if trouble.now().webhooks == "drop" or _address() == NOWHERE:
        opened.run("UPDATE deliveries SET state = 'dropped' WHERE state = 'due'")
        return []
    return opened.run(
        "UPDATE deliveries SET due_at = ?, tries = tries + 1 WHERE state = 'due' AND due_at <= ? "
        "RETURNING event, tries",
        (now + CLAIM_S, now),
    ).fetchall()


def _send(event_id: str, tries: int) -> None:
    try:
        with books.opened() as opened:
            payload = json.dumps(shown(opened.get("event", event_id)), indent=2).encode()
        arrived = _delivered(payload)
        if trouble.now().webhooks == "double":
            arrived = _delivered(payload) and arrived
        with books.opened() as opened:
            _note(opened, event_id, tries, arrived=arrived)
    except Exception:
        log.exception("event %s could not be sent", event_id)


def _delivered(payload: bytes) -> bool:
    moment = int(time.time())
    headers = {
        "Content-Type": "application/json; charset=utf-8", "User-Agent": "Ostagram practice till",
        "Stripe-Signature": signature(payload, settings.STRIPE_WEBHOOK_SECRET, moment),
    }  # fmt: skip
    with requests.Session() as http:
        http.trust_env = False  # no proxy of the environment stands between the till and its own machine
        try:
            answer = http.post(
                _address(), data=payload, headers=headers, timeout=ANSWER_S, allow_redirects=False, stream=True
            )
        except requests.RequestException:
            return False
    return 200 <= answer.status_code < 300


def _note(opened: Books, event_id: str, tries: int, *, arrived: bool) -> None:
    if arrived:
        opened.run("UPDATE deliveries SET state = 'done' WHERE event = ?", (event_id,))
        return
    if tries == 1:
        log.warning("event %s did not arrive at %s; it is sent again", event_id, _address())
    now = time.time()
    opened.run(
        "UPDATE deliveries SET due_at = ?, state = CASE WHEN made_at < ? THEN 'given_up' ELSE state END "
        "WHERE event = ? AND state = 'due'",
        (now + min(2 ** (tries - 1), LONGEST_PAUSE_S), now - PATIENCE_S, event_id),
    )


def _address() -> str:
    return trouble.now().webhook_url or str(settings.TILL_WEBHOOK_URL)
