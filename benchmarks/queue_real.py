"""The line in the whole service: 30 mixed small jobs of several visitors over HTTP; what was told, and what happened.

`python -m benchmarks.queue --real`
"""

import random
import re
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import requests

from benchmarks.report import Report
from stylize.samples import drawings, photos
from tests import make, servers
from tests.journeys.service import Service, wait_until

JOBS: Final = 30
VISITORS: Final = 12
FIRST: Final = (("free", 1), ("hd", 100), ("free", 1))  # painted before: the kiln has to be measured once
MIX: Final = (("free", 1), ("free", 1), ("hd", 100), ("hd", 150), ("hd", 200))
SIZES: Final = (96, 160, 240)  # px
SHORT_S: Final = 5.0
PROMISE: Final = 0.25


@dataclass
class Ordered:
    key: str
    at: float
    told_s: float


def order(site: Service, visitor: requests.Session, tier: str, iterations: int, side: int) -> str:
    """Send one form; the job's key."""
    visitor.get(f"{site.url}/paint/", timeout=60).raise_for_status()
    photo, style = photos.open_photo("coffee"), drawings.draw("windy-night")
    form = make.form(tier=tier, iterations=str(iterations), photo=None, style_image=None)
    form["csrfmiddlewaretoken"] = visitor.cookies["csrftoken"]
    files = {
        "photo": make.file(image=photo.resize((side, side * 2 // 3))),
        "style_image": make.file("style.jpg", style.resize((200, 160))),
    }
    answer = visitor.post(f"{site.url}/paint/", data=form, files=files, timeout=120)
    assert "/jobs/" in answer.url, re.sub(r"<[^>]+>|\s+", " ", answer.text)[:2000]
    return answer.url.rstrip("/").rsplit("/", 1)[1]


def foretold(site: Service, keys: list[str]) -> list[float | None]:
    """Let the unpaid ones join the line, and ask for each what its page would say."""
    code = (
        "from django.core.cache import cache; from stylize import dispatch, jobs, line\n"
        "from stylize.models import Job\n"
        f"for key in {keys!r}:\n"
        " job = Job.objects.get(key=key); jobs.release(job); job.refresh_from_db(); cache.delete(line.SHARED)\n"
        " turn = line.turn_of(job); dispatch.wake(); print(turn.ready_s if turn else None)"
    )
    return [None if told == "None" else float(told) for told in site.shell(code).split()]


def main() -> None:
    report = Report(f"The line in the whole service: {JOBS} mixed small jobs of {VISITORS} visitors")
    chance = random.Random(3)  # noqa: S311
    with tempfile.TemporaryDirectory() as folder, servers.var_folder() as var_dir:
        guests = {"GUEST_JOBS_PER_ADDRESS": "99", "GUESTS_PER_ADDRESS": "99"}
        site = Service(var_dir, Path(folder, "log"), **guests)
        try:
            site.start()
            run(report, site, chance)
        finally:
            site.stop()
    report.end()


def run(report: Report, site: Service, chance: random.Random) -> None:
    for tier, iterations in FIRST:
        key = order(site, requests.Session(), tier, iterations, 160)
        foretold(site, [key])
        site.wait_for(key, "done", 300)
    visitors = [requests.Session() for _visitor in range(VISITORS)]
    ordered: list[Ordered] = []
    for number in range(JOBS):
        tier, iterations = MIX[number % len(MIX)]
        visitor = requests.Session() if tier == "free" else chance.choice(visitors)
        key = order(site, visitor, tier, iterations, chance.choice(SIZES))
        (told,) = foretold(site, [key])
        assert told is not None
        ordered.append(Ordered(key, time.time(), told))
    keys = [one.key for one in ordered]
    marks = ",".join(["%s"] * len(keys))
    left = f"SELECT count(*) FROM stylize_job WHERE status <> 'done' AND key IN ({marks})"  # noqa: S608
    wait_until(lambda: site.query(left, *keys) == [(0,)], 900, site.tail)
    rows = site.query(
        f"SELECT key, extract(epoch FROM finished_at) FROM stylize_job WHERE key IN ({marks})",  # noqa: S608
        *keys,
    )
    finished = {str(key): float(at) for key, at in rows}
    took = [(one.told_s, finished[one.key] - one.at) for one in ordered if finished[one.key] > one.at]
    judged = sorted(abs(told - happened) / happened for told, happened in took if happened > SHORT_S)
    for told, happened in took:
        print(f"told {told:6.1f} s   happened {happened:6.1f} s", file=sys.stderr)
    longest = max(happened for _told, happened in took)
    report.note(f"{len(judged)} of {len(took)} took longer than {SHORT_S:.0f} s; the longest {longest:.0f} s")
    median, p90 = statistics.median(judged), judged[int(0.9 * len(judged))]
    report.row("told and happened: median", f"{median:.0%}", f"at most {PROMISE:.0%}", kept=median <= PROMISE)
    report.row("  90th percentile", f"{p90:.0%}")
