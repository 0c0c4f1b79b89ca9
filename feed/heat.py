"""THE GALLERY: likes that fade, as one number that need not be reckoned again as time goes by. Pure.

A picture's heat is log2(1 + likes) + age at birth: as many half-lives after 2016 as it was hung. Twice the likes
outweigh being older by one half-life, so the order of two pictures changes with a like and never with the clock
(the way of Reddit's "hot"; Miller, "How not to sort by average rating", discusses its kin).
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from django.db.models import DurationField, ExpressionWrapper, F, FloatField, Value
from django.db.models.functions import Cast, Extract, Log

BEGAN: Final = datetime(2016, 1, 1, tzinfo=UTC)
ROUNDING: Final = 0.001  # half-lives; far more than Postgres and Python can differ
PLACE: Final = re.compile(r"([0-9]{1,9}\.[0-9]{1,20})-([1-9][0-9]{0,17})")


@dataclass(frozen=True)
class Span:
    """What "best of" looks back at, and how long a like is worth twice a later one."""

    name: str
    length: timedelta

    @property
    def half_life_s(self) -> float:
        return self.length.total_seconds() / 4

    @property
    def column(self) -> str:
        return f"heat_{self.name}"

    def least_since(self, moment: datetime) -> float:
        """No picture that was hung since is colder: so whoever looks for these need not read on below it."""
        return (moment - BEGAN).total_seconds() / self.half_life_s - ROUNDING


class Place(NamedTuple):
    """Where a page of the best begins: after this picture. As text it stands in addresses, and is exact."""

    heat: float
    id: int

    def __str__(self) -> str:
        return f"{self.heat!r}-{self.id}"


def place(text: str) -> Place | None:
    found = PLACE.fullmatch(text)
    read = Place(float(found[1]), int(found[2])) if found else None
    return read if str(read) == text else None  # one address for each place


SPANS: Final = {
    span.name: span
    for span in (Span("day", timedelta(days=1)), Span("week", timedelta(days=7)), Span("month", timedelta(days=30)))
}


def columns(likes: Any) -> dict[str, Any]:
    """For an update of posts whose likes become `likes`, a number or an expression."""
    age_s = Extract(ExpressionWrapper(F("created_at") - Value(BEGAN), DurationField()), "epoch")
    counted = Log(Value(2.0), Cast(likes, FloatField()) + Value(1.0))
    return {
        span.column: Cast(counted, FloatField()) + Cast(age_s, FloatField()) / Value(span.half_life_s)
        for span in SPANS.values()
    }
