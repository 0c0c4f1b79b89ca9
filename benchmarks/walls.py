"""The gallery's walls at size: `python -m benchmarks.walls`: 100,000 pictures, 1,000,000 likes, 10,000 people.

Every page is asked for in this process by Django's test client with a cookie, so that nothing keeps it ready; Postgres
is a real one beside it. `--pictures 5000 --likes 50000 --people 500` is a short run.
"""

import argparse
import html
import json
import os
import re
import statistics
import time
from collections.abc import Iterable
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from benchmarks import walls_ground
from benchmarks.report import Report
from benchmarks.walls_ground import COMMON, FOLLOWED, RARE, Size

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ostagram.settings")

DEEP, ROUNDS = 500, 60
MOST_QUERIES, P99_MS, SAME = 6, 150, 1.5
HOST: Final = "127.0.0.1"
NEXT: Final = re.compile(r'href="(\?[^"]*before=[^"]*)" rel="next"')


class Wall(NamedTuple):
    name: str
    address: str
    reader: str = ""  # a handle: who looks; empty: somebody unknown


class Seen(NamedTuple):
    queries: int
    times_s: list[float]
    blocks: int  # of 8 KB, that Postgres touched for the pictures of the page

    def ms(self, percent: int) -> float:
        return 1000 * statistics.quantiles(self.times_s, n=100, method="inclusive")[percent - 1]


def walls() -> list[Wall]:
    from django.db.models import Count

    from people.models import User
    from stylize.models import Filter

    used = Filter.objects.filter(is_public=True).order_by("-uses")[0].key
    busiest = User.objects.annotate(n=Count("posts")).order_by("-n")[0].handle
    of_people = [Wall(f"people I follow, {many:,}", "/following/", f"reader-{many}-paints") for many in FOLLOWED]
    return [
        Wall("newest", "/"), *(Wall(f"best of the {span}", f"/best/{span}/") for span in ("day", "week", "month")),
        Wall("a common tag", f"/tag/{quote(COMMON)}/"), Wall("a rare tag", f"/tag/{quote(RARE)}/"), *of_people,
        Wall("search: a common word", f"/search/?q={quote('река')}"), Wall("search: a rare word", f"/search/?q={RARE}"),
        Wall("search: no such word", "/search/?q=nothing-like-it"),
        Wall("search: two words", f"/search/?q={quote('ночь')}+of-77"),
        Wall("search: a busy handle", f"/search/?q={busiest}"), Wall("search: @handle", f"/search/?q=@{busiest}"),
        Wall("search: all handles", "/search/?q=visitor"),
        Wall("a person's feed", f"/people/{busiest}/feed.atom"), Wall("the newest, Atom", "/feed.atom"),
        Wall("a busy person", f"/people/{busiest}/"), Wall("gallery of styles", "/styles/"),
        Wall("a much used style", f"/styles/{used}/"),
    ]  # fmt: skip


def client(reader: str) -> Any:
    from django.test import Client

    from people.models import User

    made = Client(headers={"Host": HOST})
    made.cookies["seen"] = "1"
    if reader:
        made.force_login(User.objects.get(handle=reader))
    return made


def look(visitors: Iterable[tuple[Any, str]]) -> list[Seen]:
    """Several pages in turn, each so many times: whatever else the machine does, it does to all of them."""
    pages = list(visitors)
    first = [_queries(visitor, address) for visitor, address in pages]
    times: list[list[float]] = [[] for _page in pages]
    for _round in range(ROUNDS):
        for (visitor, address), taken in zip(pages, times, strict=True):
            began = time.perf_counter()
            answer = visitor.get(address)
            taken.append(time.perf_counter() - began)
            assert answer.status_code == 200, (address, answer.status_code)
    return [Seen(len(sql), taken, _blocks(sql)) for sql, taken in zip(first, times, strict=True)]


def _queries(visitor: Any, address: str) -> list[str]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    visitor.get(address)
    with CaptureQueriesContext(connection) as captured:
        visitor.get(address)
    return [query["sql"] for query in captured]


def _blocks(queries: list[str]) -> int:
    """By Postgres' own account of the query that finds the pictures."""
    from django.db import connection

    touched = 0
    for sql in queries:
        if sql.startswith("SELECT") and '"feed_post"' in sql:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}")
                plan = cursor.fetchone()[0]
            plan = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
            touched += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return touched


def deep(visitor: Any, address: str) -> str | None:
    """The address of page 500, as one who has turned so many pages has it, or of the last that is full."""

    here, path = address, address.partition("?")[0]
    for _page in range(DEEP - 1):
        older = NEXT.search(visitor.get(here).content.decode())
        if not older:
            break
        before, here = here, path + html.unescape(older[1])
    else:
        return here
    return before if here != address and before != address else None  # the last that is full


def measure(report: Report, wall: Wall, *, short: bool) -> list[str]:
    visitor = client(wall.reader)
    if visitor.get(wall.address).status_code == 404:
        return [wall.name, "not there", "", "", "", "", ""]
    last = None if short else deep(visitor, wall.address)
    pages = look([(visitor, wall.address)] + ([(visitor, last)] if last else []))
    seen = pages[0]
    promise = max(page.queries for page in pages) <= MOST_QUERIES and seen.ms(99) <= P99_MS
    if not promise:
        report.broken.append(wall.name)
    row = [wall.name, f"{seen.queries}", f"{seen.ms(50):.1f} ms", f"{seen.ms(99):.1f} ms", f"{seen.blocks}"]
    if len(pages) == 1:
        return [*row, "", ""]
    ratio = pages[1].ms(50) / seen.ms(50)
    if ratio > SAME:
        report.broken.append(f"{wall.name}, its last page")
    return [*row, f"{pages[1].blocks}", f"{ratio:.2f}"]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.walls", description=__doc__)
    parser.add_argument("--pictures", type=int, default=100_000)
    parser.add_argument("--likes", type=int, default=1_000_000)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--short", action="store_true", help="first pages alone")
    parser.add_argument("--only", default="", help="walls whose name holds this")
    given = parser.parse_args()
    size = Size(given.pictures, given.likes, given.people)
    report = Report("The gallery's walls at size, each page made anew")
    with walls_ground.prepared(size) as took_s:
        from feed.models import Like

        likes = Like.objects.count()
        report.note(f"{size.pictures:,} pictures, {likes:,} likes, {size.people:,} people, made within {took_s:.0f} s")
        report.note(
            f"promise: at most {MOST_QUERIES} queries, p99 {P99_MS} ms, page {DEEP} {SAME} times page 1 at most"
        )
        chosen = [wall for wall in walls() if given.only in wall.name]
        rows = [measure(report, wall, short=given.short) for wall in chosen]
        head = ("wall", "queries", "p50", "p99", "blocks", f"page {DEEP}: blocks", "its time, of page 1's")
        report.table(head, rows)
    report.end()


if __name__ == "__main__":
    main()
