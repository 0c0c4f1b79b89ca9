"""THE DESK: what the practice till tells the site: events, written in the transaction of what they tell of."""

import time
from typing import Any

from django.conf import settings

from billing.till.books import Books, Object, shown


def say(books: Books, name: str, about: Object) -> Object:
    """Write down an event about this object as it is now; billing/till/post.py sends it."""
    told: dict[str, Any] = {
        "api_version": settings.STRIPE_API_VERSION, "data": {"object": shown(about)}, "pending_webhooks": 1,
        "request": books.cause, "type": name,
    }  # fmt: skip
    event = books.new("event", told)
    moment = time.time()
    books.run(
        "INSERT INTO deliveries (event, type, due_at, made_at) VALUES (?, ?, ?, ?)", (event["id"], name, moment, moment)
    )
    return event
