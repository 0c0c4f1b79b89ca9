"""The site under load: `python -m benchmarks.web feed|cache|watch|mixed|uploads|workers`; `make bench-web` runs all.

Postgres holds 100,000 pictures and 100,000 jobs in line. The web server has one core for itself; Postgres, Valkey and
the visitors have the other. Each part can be run briefly: `--seconds 5`.
"""

import argparse
import asyncio
import itertools
import os
import statistics

from benchmarks import web_ground, web_load, web_more
from benchmarks.report import Report
from benchmarks.web_ground import Ground
from benchmarks.web_load import Ask, Tally

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ostagram.settings")

USUAL_S = 10.0
VISITORS = 8
KNOWN = {"Cookie": "seen=1"}  # whoever brings a cookie is not a stranger: their page is made for them alone
LEAST_RATE, GOAL_RATE, CACHED_RATE, P99_MS = 80, 150, 500, 150
WATCHERS, WATCH_EVERY_S = 200, 1.5
DEEP_PAGE, SAME = 500, 1.1


def load(ground: Ground, asks: list[Ask], seconds: float) -> Tally:
    closed = web_load.closed(ground.url, itertools.cycle(asks), visitors=VISITORS, seconds=seconds)
    return asyncio.run(closed)


def measured(report: Report, ground: Ground, asks: list[Ask], seconds: float) -> Tally:
    """A load after a short one to warm up, and what an answer costs the core when nobody else wants it."""
    load(ground, asks, min(2, seconds))
    before = ground.cpu_s()
    tally = load(ground, asks, seconds)
    busy_s = ground.cpu_s() - before
    cost_ms = 1000 * busy_s / len(tally.times_s)
    report.note(f"{tally}; the core was ours for {busy_s / tally.lasted_s:.0%} of the time")
    report.row("processor time of an answer", f"{cost_ms:.1f} ms", f"so {1000 / cost_ms:.0f} a second at most")
    return tally


def plain(report: Report, ground: Ground, seconds: float) -> Tally:
    """What the same web server, pinned and disturbed like this, makes of a page that needs nothing."""
    report.note(f"{web_ground.machine_load()}; first a plain answer:")
    return measured(report, ground, [Ask(web_ground.PROBE)], seconds / 2)


def page_before(page: int) -> str:
    """The address of a page of the feed, as a visitor who has turned so many pages has it."""
    from feed.models import Post
    from feed.views import PAGE

    if page == 1:
        return "/"
    last = Post.objects.filter(job__visibility="public").order_by("-id").values_list("id", flat=True)
    return f"/?before={last[(page - 1) * PAGE - 1]}"


def feed(report: Report, ground: Ground, seconds: float | None) -> None:
    """Pages of the feed that no cache holds."""
    seconds = seconds or USUAL_S
    probe = plain(report, ground, seconds)
    addresses = [Ask(page_before(page), header=KNOWN) for page in (1, 2, 3, 5, 8)]
    tally = measured(report, ground, addresses, seconds)
    report.row("uncached pages of the feed a second", f"{tally.rate:.0f}", f"at least {LEAST_RATE}, goal {GOAL_RATE}",
               kept=tally.rate >= LEAST_RATE)  # fmt: skip
    report.row(
        "its p99, 8 visitors at a time", f"{tally.ms(99):.0f} ms", f"under {P99_MS} ms", kept=tally.ms(99) < P99_MS
    )
    report.row("a plain answer costs of that", f"1/{probe.rate / tally.rate:.1f}")
    _compare(report, ground, seconds)
    _sound(report, tally)


def _compare(report: Report, ground: Ground, seconds: float) -> None:
    """Both pages in turn, one visitor: whatever else the machine does, it does to both."""
    first, deep = page_before(1), page_before(DEEP_PAGE)
    asks = itertools.cycle([Ask(first, header=KNOWN), Ask(deep, header=KNOWN)])
    tally = asyncio.run(web_load.closed(ground.url, asks, visitors=1, seconds=seconds))
    first_s, deep_s = (statistics.median(tally.by_path[path]) for path in (first, deep))
    report.note(f"page 1: {1000 * first_s:.1f} ms, page {DEEP_PAGE}: {1000 * deep_s:.1f} ms, medians")
    promise = f"as fast: at most {SAME:.1f} times"
    report.row(f"page {DEEP_PAGE} lasts, in turn with page 1", f"{deep_s / first_s:.2f} times", promise,
               kept=deep_s <= SAME * first_s)  # fmt: skip


def cache(report: Report, ground: Ground, seconds: float | None) -> None:
    """Pages of the feed for visitors whom the site does not know."""
    seconds = seconds or USUAL_S
    probe = plain(report, ground, seconds)
    addresses = [Ask(page_before(page)) for page in (1, 2, 3, 5, 8)]
    tally = measured(report, ground, addresses, seconds)
    report.row("pages of the feed a second for strangers", f"{tally.rate:.0f}", f"at least {CACHED_RATE}",
               kept=tally.rate >= CACHED_RATE)  # fmt: skip
    report.row(
        "its p99, 8 visitors at a time", f"{tally.ms(99):.0f} ms", f"under {P99_MS} ms", kept=tally.ms(99) < P99_MS
    )
    report.row("a plain answer costs of that", f"1/{probe.rate / tally.rate:.1f}")
    _sound(report, tally)


def watch(report: Report, ground: Ground, seconds: float | None) -> None:
    """People who watch their jobs, half of them painted, half in line, while others look at the feed."""
    from stylize import progress
    from stylize.models import Job

    seconds = seconds or USUAL_S
    plain(report, ground, seconds)
    keys = list(Job.objects.in_line().values_list("key", flat=True)[:WATCHERS])
    for key in keys[::2]:
        progress.write(key, progress.Snapshot("running", 0.5, "paint", 5, 10, 1.0, [1.0] * 50, remaining_s=9.0))
    watched = [Ask(f"/watch/{progress.token_of(key)}") for key in keys]
    addresses = [Ask(page_before(page), header=KNOWN) for page in (1, 2, 3, 5, 8)]
    load(ground, addresses, 2)

    async def both() -> tuple[Tally, Tally]:
        others = web_load.closed(ground.url, itertools.cycle(addresses), visitors=VISITORS, seconds=seconds)
        looks = web_load.watchers(ground.url, watched, every_s=WATCH_EVERY_S, seconds=seconds)
        return await asyncio.gather(others, looks)

    alone = load(ground, addresses, seconds / 2).rate
    beside, looks = asyncio.run(both())
    alone = (alone + load(ground, addresses, seconds / 2).rate) / 2
    report.row("the feed alone, a second", f"{alone:.0f}")
    report.row(f"while {len(keys)} watch their jobs", f"{beside.rate / alone:.0%}", "at least half",
               kept=beside.rate >= alone / 2)  # fmt: skip
    report.row("looks a second; at this pace they would be", f"{looks.rate:.0f}; {WATCHERS / WATCH_EVERY_S:.0f}")
    report.note(f"the watchers: {looks}")
    _sound(report, beside, looks)


def _sound(report: Report, *tallies: Tally) -> None:
    bad = sum(tally.bad for tally in tallies)
    report.row("answers of 5xx, or none", f"{bad}", "none", kept=not bad)
    for tally in tallies:
        for what, count in tally.broken.most_common(5):
            report.note(f"  {count} × {what}")


PARTS = {"feed": feed, "cache": cache, "watch": watch, "mixed": web_more.mixed, "uploads": web_more.uploads,
         "workers": web_more.workers}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.web", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help="which (default: all)")
    parser.add_argument("--seconds", type=float, help="how long one load lasts (usual: 10; mixed: 300)")
    parser.add_argument("--pictures", type=int, default=web_ground.PICTURES)
    parser.add_argument("--queued", type=int, default=web_ground.QUEUED)
    given = parser.parse_args()
    wanted = given.parts or list(PARTS)
    if unknown := set(wanted) - set(PARTS):
        parser.error(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    report = Report("The site under load: one core for the web server, the other for everything else")
    with web_ground.prepared(pictures=given.pictures, queued=given.queued) as ground:
        report.note("; ".join(ground.told))
        for part in wanted:
            act = PARTS[part]
            report.note(f"\n{part}: {(act.__doc__ or '').splitlines()[0]}")
            with web_ground.serving(ground):
                act(report, ground, given.seconds)
    report.end()


if __name__ == "__main__":
    main()
