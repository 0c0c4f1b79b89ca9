"""THE DESK: the ledger as lines of CSV: each payment and each refund is one movement, and they sum up exactly.

A payment is booked when its money came in, a refund when it was asked for: times that never move. A refund that did
not go through moved nothing and is left out. What a bank takes in a dispute is Stripe's to book: the state tells of it.
"""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Concat

from billing.models import Payment, Refund
from stylize.wording import MINOR_PER_UNIT

COLUMNS: Final = (
    "time", "movement", "amount", "currency", "payment", "refund", "stripe_id", "stripe_payment", "job", "tier",
    "state", "reason", "note",
)  # fmt: skip
AT_ONCE: Final = 2000  # rows in memory
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")  # how what a spreadsheet would reckon out begins
Row = tuple[str, ...]


def lines(since: datetime, until: datetime) -> Iterator[str]:
    """From `since` up to and without `until`, the oldest first; the first line names the columns."""
    writer = csv.writer(_Echo())
    yield writer.writerow(COLUMNS)
    for row in _movements(since, until).iterator(chunk_size=AT_ONCE):
        yield writer.writerow(_row(row))


def amount(amount_minor: int) -> str:
    """+12.50, -0.05: with a sign, a point and the whole of its minor units in every language."""
    units, rest = divmod(abs(amount_minor), MINOR_PER_UNIT)
    return f"{'-' if amount_minor < 0 else '+'}{units}.{rest:02d}"


def harmless(text: str) -> str:
    """As text, whatever opens it."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _movements(since: datetime, until: datetime) -> QuerySet[Any, Any]:
    """Both tables in one question, so that no movement is missed between two."""
    paid = Payment.objects.of_this_mode().captured().filter(paid_at__gte=since, paid_at__lt=until)
    back = Refund.objects.filter(created_at__gte=since, created_at__lt=until, payment__in=_all_captured())
    return (
        paid.order_by()
        .values(
            at=F("paid_at"), movement=_text("payment"), sum_minor=F("amount_minor"), of=F("currency"), paid=F("key"),
            back=_text(""), stripe=F("session_id"), intent=F("intent_id"),
            painting=Concat("job_key", "order_key"), kind=F("tier"),
            state=F("status"), why=_text(""), words=_text(""), place=F("id"),
        )
        .union(
            back.exclude(status=Refund.Status.FAILED)
            .order_by()
            .values(
                at=F("created_at"), movement=_text("refund"), sum_minor=-F("amount_minor"), of=F("payment__currency"),
                paid=F("payment__key"), back=F("key"), stripe=F("stripe_id"), intent=F("payment__intent_id"),
                painting=Concat("payment__job_key", "payment__order_key"), kind=F("payment__tier"),
                state=F("status"), why=F("reason"),
                words=F("note"), place=F("id"),
            ),
            all=True,
        )
        .order_by("at", "movement", "place")
    )  # fmt: skip


def _all_captured() -> QuerySet[Payment]:
    return Payment.objects.of_this_mode().captured()


def _text(value: str) -> Value:
    return Value(value, output_field=CharField())


def _row(found: dict[str, Any]) -> Row:
    texts = [found[name] or "" for name in ("paid", "back", "stripe", "intent", "painting", "kind", "state", "why")]
    when = found["at"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    head = (when, found["movement"], amount(found["sum_minor"]), found["of"])
    return (*head, *map(harmless, texts), harmless(found["words"]))


class _Echo:
    """A file that hands back what is written: csv writes into nothing else."""

    def write(self, line: str) -> str:
        return line
