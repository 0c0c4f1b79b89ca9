"""The line in the whole service: 30 mixed small jobs of several visitors over HTTP; what was told, and what happened.

`python -m benchmarks.queue --real`
"""

import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from functools import cache, partial
from pathlib import Path
from typing import Final

import django
import requests
from PIL import Image

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ostagram.settings")
django.setup()

from benchmarks import machine  # noqa: E402
from benchmarks.report import Report  # noqa: E402
from stylize import dispatch, jobs, line  # noqa: E402
from stylize.models import Job  # noqa: E402
from stylize.samples import drawings, photos  # noqa: E402
from tests import make, servers  # noqa: E402
from tests.journeys.service import Service, wait_until  # noqa: E402

JOBS: Final = 30
VISITORS: Final = 12
FIRST: Final = (("free", 1), ("hd", 100), ("free", 1))  # painted before: the kiln has to be measured once
MIX: Final = (("free", 1), ("hd", 100), ("free", 1))
SIZES: Final = (96, 128, 160)  # px
SHORT_S: Final = 5.0
PROMISE: Final = 0.25


def main() -> None:
    """The service, and a process beside it that orders; that one speaks to the same database and cache."""
    with tempfile.TemporaryDirectory() as folder, servers.var_folder() as var_dir:
        guests = {"GUEST_JOBS_PER_ADDRESS": "99", "GUESTS_PER_ADDRESS": "99", "RATE_UPLOAD": "9999/m/ip"}
        site = Service(var_dir, Path(folder, "log"), **guests)
        try:
            site.start()
            command = [sys.executable, "-m", "benchmarks.queue_real", site.url]
            done = subprocess.run(command, cwd=machine.ROOT, env=site.environ, check=False)  # noqa: S603
        finally:
            site.stop()
    sys.exit(done.returncode)


@cache
def pair() -> tuple[Image.Image, Image.Image]:
    return photos.open_photo("coffee"), drawings.draw("windy-night").resize((200, 160))


def order(url: str, visitor: requests.Session, tier: str, iterations: int, side: int) -> Job:
    """Send one form; a paid job is released at once, as staff would."""
    visitor.get(f"{url}/paint/", timeout=60).raise_for_status()
    photo, style = pair()
    form = make.form(tier=tier, iterations=str(iterations), photo=None, style_image=None)
    form["csrfmiddlewaretoken"] = visitor.cookies["csrftoken"]
    files = {
        "photo": make.file(image=photo.resize((side, side * 2 // 3))),
        "style_image": make.file("style.jpg", style),
    }
    answer = visitor.post(f"{url}/paint/", data=form, files=files, timeout=120)
    assert "/jobs/" in answer.url, re.sub(r"<[^>]+>|\s+", " ", answer.text)[:2000]
    job = Job.objects.get(key=answer.url.rstrip("/").rsplit("/", 1)[1])
    if jobs.release(job):
        dispatch.wake()
    job.refresh_from_db()
    return job


def is_done(job: Job) -> bool:
    job.refresh_from_db()
    return job.status == Job.Status.DONE


def run(url: str) -> None:
    report = Report(f"The line in the whole service: {JOBS} mixed small jobs of {VISITORS} visitors")
    chance = random.Random(3)  # noqa: S311
    for tier, iterations in FIRST:
        first = order(url, requests.Session(), tier, iterations, 160)
        wait_until(partial(is_done, first), 300, lambda: "the first job is not painted")
    time.sleep(1)  # until the kiln has said how fast it is
    visitors = [requests.Session() for _visitor in range(VISITORS)]
    ordered: list[tuple[Job, float, float]] = []
    for number in range(JOBS):
        tier, iterations = MIX[number % len(MIX)]
        visitor = requests.Session() if tier == "free" else chance.choice(visitors)
        job = order(url, visitor, tier, iterations, chance.choice(SIZES))
        turn = line.read().turn(job.rank or 0.0, job.pk, job.cost)  # as its page would say a moment later
        assert turn
        ordered.append((job, time.time(), turn.ready_s))
    took = []
    for job, at, told_s in ordered:
        wait_until(partial(is_done, job), 600, lambda: "a job is not painted")
        assert job.finished_at
        took.append((told_s, job.finished_at.timestamp() - at))
    for told_s, happened_s in took:
        print(f"told {told_s:6.1f} s   happened {happened_s:6.1f} s", file=sys.stderr)
    judged = sorted(abs(told - happened) / happened for told, happened in took if happened > SHORT_S)
    longest = max(happened for _told, happened in took)
    report.note(f"{len(judged)} of {len(took)} took longer than {SHORT_S:.0f} s; the longest {longest:.0f} s")
    median, p90 = statistics.median(judged), judged[int(0.9 * len(judged))]
    report.row("told and happened: median", f"{median:.0%}", f"at most {PROMISE:.0%}", kept=median <= PROMISE)
    report.row("  90th percentile", f"{p90:.0%}")
    report.end()


if __name__ == "__main__":
    run(sys.argv[1])
