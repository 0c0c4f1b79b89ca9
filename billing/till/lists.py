"""THE DESK: the practice till's lists: filtered, the newest first, a page at a time."""

from collections.abc import Iterator
from typing import Any, Final

from billing.till.books import Books, Object, shown
from billing.till.refusal import Refusal, missing

MOST: Final = 100
COMPARED: Final = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
FIELDS: Final = ("charge", "payment_intent", "status")


def page(books: Books, kind: str, asked: Object, url: str) -> Object:
    limit = asked.get("limit", 10)
    if not 1 <= limit <= MOST:
        raise Refusal(f"Limit must be between 1 and {MOST}.", code="parameter_invalid_integer", param="limit")
    conditions = list(_conditions(books, kind, asked))
    where = " AND ".join(["1", *(condition for condition, _values in conditions)])
    values = [value for _condition, some in conditions for value in some]
    found = books.all(kind, where, *values, most=limit + 1)
    return {"object": "list", "data": [shown(one) for one in found[:limit]], "has_more": len(found) > limit, "url": url}


def _conditions(books: Books, kind: str, asked: Object) -> Iterator[tuple[str, list[Any]]]:
    for name in FIELDS:
        if name in asked:
            yield f"json_extract(body, '$.{name}') = ?", [asked[name]]
    created = asked.get("created", {})
    for word, value in ({"gte": created, "lte": created} if isinstance(created, int) else created).items():
        yield f"json_extract(body, '$.created') {COMPARED[word]} ?", [value]
    if types := asked.get("types") or ([asked["type"]] if "type" in asked else []):
        yield f"({' OR '.join(['''json_extract(body, '$.type') GLOB ?'''] * len(types))})", types
    if after := asked.get("starting_after"):
        yield "seq < ?", [_place(books, kind, after)]


def _place(books: Books, kind: str, name: str) -> int:
    found = books.run("SELECT seq FROM objects WHERE id = ? AND object = ?", (name, kind)).fetchone()
    if found is None:
        raise missing(kind, name, param="starting_after", status=400)
    return int(found[0])
