"""Claims at 100,000 queued jobs: 16 workers in real Postgres; what looks at the line cost, and their plans.

`submit` and `claim_next` are the house's own; the rows are made by SQL.
"""

import argparse
import os
import random
import statistics
import threading
import time
from collections.abc import Callable
from typing import Any, Final

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ostagram.settings")

from benchmarks.report import Report
from ostagram.embedded import run
from tests import servers

QUEUED: Final = 100_000
OWNERS: Final = 40_000
WORKERS: Final = 16
CLAIMS: Final = 40  # of each worker
PACE_S: Final = 0.25  # between a worker's claims: more than any kiln paints
CLAIM_MS, LOOK_MS, QUERIES = 10.0, 10.0, 12

FILL = """
INSERT INTO people_user SELECT copy.* FROM people_user one, generate_series(1, %(owners)s) n,
    LATERAL jsonb_populate_record(one, jsonb_build_object('id', one.id + n, 'handle', 'owner-' || n,
        'address_hash', md5(n::text))) copy
    WHERE one.id = %(owner)s;
INSERT INTO stylize_job SELECT copy.* FROM stylize_job one, generate_series(1, %(jobs)s) n,
    LATERAL jsonb_populate_record(one, jsonb_build_object('id', one.id + n, 'key', 'job-' || n,
        'owner_id', one.owner_id + 1 + n %% %(owners)s, 'rank', one.rank * (1 + n / 100.0),
        'queued_at', one.queued_at - n * interval '0.1 seconds')) copy;
SELECT setval(pg_get_serial_sequence('people_user', 'id'), (SELECT max(id) FROM people_user)),
    setval(pg_get_serial_sequence('stylize_job', 'id'), (SELECT max(id) FROM stylize_job));
"""
"""Copies of one guest and one job, whatever columns they have."""


def fill(jobs: int, owners: int) -> None:
    """Free jobs in line, spread over as many guests."""
    from django.db import connection

    from tests import make

    first = make.job(make.guest())
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"jobs": jobs - 1, "owners": owners, "owner": first.owner_id})
        cursor.execute("ANALYZE")


def claim(workers: int, claims: int, pace_s: float) -> list[float]:
    """Milliseconds of every claim, of so many workers at once; each rests for `pace_s` on average between two."""
    from django.db import connection

    from stylize import jobs

    took: list[float] = []
    chance = random.Random(1)  # noqa: S311
    gate = threading.Barrier(workers)

    def work(name: str) -> None:
        connection.ensure_connection()
        gate.wait()
        for _claim in range(claims):
            began = time.perf_counter()
            assert jobs.claim_next(name)
            took.append(1000 * (time.perf_counter() - began))
            time.sleep(2 * pace_s * chance.random())
        connection.close()

    threads = [threading.Thread(target=work, args=(f"bench:{number}",)) for number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(took)


def times(look: Callable[[], object], rounds: int = 20) -> list[float]:
    took = []
    for _round in range(rounds):
        began = time.perf_counter()
        look()
        took.append(1000 * (time.perf_counter() - began))
    return sorted(took)


def plans() -> dict[str, str]:
    """How Postgres goes about each question, by its name."""
    from django.db import connection
    from django.utils import timezone

    from people.models import User
    from stylize import jobs
    from stylize.models import Job

    owner = User.objects.order_by("id").first()
    asked = {
        "the line's clock": Job.objects.filter(fence__gt=0, rank__isnull=False).order_by("-rank").values("rank")[:1],
        "an owner's last rank": Job.objects.in_line().owned_by(owner).order_by("owner", "-rank").values("rank")[:1],
    }
    found = {name: query.explain() for name, query in asked.items()}
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + jobs.CLAIM, {"now": timezone.now(), "worker": "bench"})
        return {"claim": "\n".join(line for (line,) in cursor.fetchall())} | found


def measure(report: Report, given: argparse.Namespace) -> None:
    from people.models import User
    from stylize import caps, clock, line, offers, workers
    from stylize.models import Job

    fill(given.jobs, given.owners)
    took = claim(given.workers, given.claims, PACE_S)
    median, p95 = statistics.median(took), took[int(0.95 * len(took))]
    what = f"{given.workers} workers, {len(took)} claims, each 4 a second: median {median:.1f} ms, p95"
    report.row(what, f"{p95:.1f} ms", f"at most {CLAIM_MS:.0f} ms", kept=p95 <= CLAIM_MS)
    began = time.perf_counter()
    flat_out = claim(given.workers, given.claims, 0)
    rate = len(flat_out) / (time.perf_counter() - began)
    report.row(
        f"the same without a rest, {rate:.0f} claims a second: p95", f"{flat_out[int(0.95 * len(flat_out))]:.1f} ms"
    )
    alone = claim(1, given.claims, 0)
    report.row("one worker alone, without a rest: p95", f"{alone[int(0.95 * len(alone))]:.1f} ms")
    for name, plan in plans().items():
        report.row(f"plan: {name}", plan.splitlines()[-1].strip() if "Seq Scan" in plan else _index(plan), "an index",
                   kept="Seq Scan" not in plan)  # fmt: skip
    workers.beat("bench:1", state="idle", fixed_s=1.0, seconds_per_cost=0.06)
    owner, last = User.objects.order_by("-id")[0], Job.objects.in_line().last()
    assert last
    line.shared()
    looks = {
        "the line's clock": lambda: clock.now(), "an owner's last rank": lambda: line.last_rank(owner),
        "all that decides whether a guest's job is taken, and where it joins": lambda: caps.standing(last),
        "a waiting job's turn, from the shared look": lambda: line.turn_of(last),
        "all offers of the create page": lambda: offers.all_tiers(owner),
    }  # fmt: skip
    for name, look in looks.items():
        median = statistics.median(times(look))
        report.row(name, f"{median:.1f} ms", f"at most {LOOK_MS:.0f} ms", kept=median <= LOOK_MS)
    median = statistics.median(times(line.read))
    report.row("the shared look itself", f"{median:.0f} ms", f"every {max(2000, 20 * median) / 1000:.1f} s at most")
    cold, warm = (queries_of_a_submit(owner, looks=looks) for looks in (True, False))
    figure = f"{warm}, and {cold} where it looks at the line for all"
    report.row("queries of writing an order down, a guest's", figure, f"at most {QUERIES}", kept=warm <= QUERIES)


def queries_of_a_submit(owner: Any, *, looks: bool) -> int:
    """Without BEGIN and COMMIT; the picture of the line is kept for some seconds, for all who ask."""
    from django.core.cache import cache
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from stylize import jobs, line
    from stylize.models import Job
    from tests import make

    order = make.order(owner)
    Job.objects.owned_by(owner).delete()
    cache.clear()
    if not looks:
        line.shared()
    with CaptureQueriesContext(connection) as asked:
        jobs.submit(owner, order)
    return len([query for query in asked if query["sql"] not in ("BEGIN", "COMMIT")])


def _index(plan: str) -> str:
    return next((part.split(" on ")[0] for part in plan.split("using ")[1:]), plan.splitlines()[0])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.claims", description=__doc__)
    parser.add_argument("--jobs", type=int, default=QUEUED)
    parser.add_argument("--owners", type=int, default=OWNERS)
    parser.add_argument("--workers", type=int, default=WORKERS)
    parser.add_argument("--claims", type=int, default=CLAIMS)
    given = parser.parse_args()
    report = Report(f"Claims with {given.jobs} jobs in line")
    with servers.var_folder() as var_dir, run.running(var_dir, tuple(run.VARIABLES)) as ground:
        os.environ.update(ground.environ, OSTAGRAM_VAR=str(var_dir), MEDIA_ROOT=str(var_dir / "media"))
        django.setup()
        from django.core.management import call_command
        from django.db import connections

        call_command("migrate", verbosity=0)
        try:
            measure(report, given)
        finally:
            connections.close_all()
    report.end()


if __name__ == "__main__":
    main()
