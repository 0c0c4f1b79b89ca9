"""The site under load, continued: everything mixed, many uploads at once, and more and more workers that sleep."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import requests

from benchmarks import web_ground, web_load
from benchmarks.report import Report
from benchmarks.web_ground import ROOT, Ground
from benchmarks.web_load import Ask

MIXED_RATE, MIXED_S = 40, 300
UPLOADS, UPLOAD_SIZE, MOST_UPLOAD_BYTES = 20, (4000, 3000), 1.5e9
WORKERS, SLEEP_S, PAINTINGS, LINEAR = (1, 2, 4, 8, 16), 3.0, 5, 0.9


def post(url: str, photo: bytes, style: bytes) -> Ask:
    """The form as a newcomer sends it. The token against forged forms need only be the same in both places."""
    token = uuid.uuid4().hex
    fields = {"tier": "free", "visibility": "public", "form_token": str(uuid.uuid4()), "csrfmiddlewaretoken": token}
    files = {"photo": ("photo.jpg", photo, "image/jpeg"), "style_image": ("style.jpg", style, "image/jpeg")}
    sent = requests.Request("POST", f"{url}/paint/", data=fields, files=files).prepare()
    header = {"Content-Type": str(sent.headers["Content-Type"]), "Cookie": f"csrftoken={token}"}
    assert isinstance(sent.body, bytes)
    return Ask("/paint/", "POST", header, sent.body)


def mixture(ground: Ground, seed: int = 0) -> Iterator[Ask]:
    """What visitors ask for, in their shares: the feed, pictures and their pages, polls, forms, now and then a job."""
    from stylize import progress
    from stylize.models import Job
    from tests import make

    shown = list(Job.objects.filter(status="done", visibility="public").values_list("key", flat=True)[:2000])
    waiting = list(Job.objects.in_line().values_list("key", flat=True)[:200])
    polls = [Ask(f"/watch/{progress.token_of(key)}") for key in waiting]
    photo, style = make.file(image=make.picture(320, 240)).read(), make.file(image=make.picture(160, 120)).read()
    return _drawn(random.Random(seed), shown, polls, lambda: post(ground.url, photo, style))  # noqa: S311


def _drawn(dice: random.Random, shown: list[str], polls: list[Ask], submit: Callable[[], Ask]) -> Iterator[Ask]:
    kinds = {
        "stranger": 8, "known": 6, "picture": 6, "file": 8, "poll": 7, "form": 2, "mine": 2, "submit": 1,
    }  # fmt: skip
    while True:
        key = dice.choice(shown)
        match dice.choices(list(kinds), list(kinds.values()))[0]:
            case "stranger":
                yield Ask("/")
            case "known":
                yield Ask(f"/?before={dice.randrange(1000, 90000)}", header={"Cookie": "seen=1"})
            case "picture":
                yield Ask(f"/p/{key}/")
            case "file":
                yield Ask(f"/pictures/{key}/{dice.choice(('card.webp', 'thumb.webp', 'large.webp'))}")
            case "poll":
                yield dice.choice(polls)
            case "form":
                yield Ask("/paint/")
            case "mine":
                yield Ask("/mine/")
            case _:
                yield submit()


def mixed(report: Report, ground: Ground, seconds: float | None) -> None:
    """Everything at once: pages, pictures, polls, forms and jobs, whether the answers come or not."""
    lasts_s = seconds or MIXED_S
    tally = asyncio.run(web_load.paced(ground.url, mixture(ground), rate=MIXED_RATE, seconds=lasts_s))
    report.note(web_ground.machine_load())
    bad = tally.bad
    report.row(f"{MIXED_RATE} requests a second for {lasts_s:.0f} s: 5xx, or no answer", f"{bad}", "none", kept=not bad)
    lost = sum(count for status, count in tally.statuses.items() if 400 <= status < 500)
    report.row("answers of 4xx", f"{lost}", "none", kept=not lost)
    report.note(f"the answers: {tally}")
    for what, count in tally.broken.most_common(5):
        report.note(f"  {count} × {what}")


def uploads(report: Report, ground: Ground, _seconds: float | None) -> None:
    """Photos of 12 megapixels, all sent at the same moment."""
    from PIL import Image

    from tests import make

    grain = Image.merge("RGB", [Image.effect_noise(UPLOAD_SIZE, 24) for _channel in "RGB"])
    photo = make.file(image=Image.blend(grain, make.picture(*UPLOAD_SIZE), 0.7)).read()
    style = make.file(image=make.picture(640, 480)).read()
    asks = [post(ground.url, photo, style) for _upload in range(UPLOADS)]
    before, most, over = ground.memory(), [0], threading.Event()

    def look() -> None:
        while not over.wait(0.02):
            most[0] = max(most[0], ground.memory())

    looking = threading.Thread(target=look)
    looking.start()
    began = time.monotonic()
    try:
        answers = asyncio.run(web_load.at_once(ground.url, asks))
    finally:
        over.set()
        looking.join()
    good = sum(answer.status == 302 and "/jobs/" in answer.header["location"] for answer in answers)
    report.note(f"{web_ground.machine_load()}; {len(photo) / 1e6:.1f} MB each, {time.monotonic() - began:.1f} s; "
                f"{before / 1e9:.2f} GB before")  # fmt: skip
    report.row(f"of {UPLOADS} uploads became jobs", f"{good}", "all", kept=good == UPLOADS)
    report.row("the web processes together, at most", f"{most[0] / 1e9:.2f} GB", "1.5 GB",
               kept=most[0] <= MOST_UPLOAD_BYTES)  # fmt: skip


def workers(report: Report, ground: Ground, seconds: float | None) -> None:
    """Paintings a minute with more and more workers, whose engine sleeps; claims, files and posts are real."""
    rates = {}
    for count in WORKERS:
        rates[count] = _throughput(ground, count, seconds or SLEEP_S)
        share = rates[count] / (count * rates[1])
        promise = f"at least {LINEAR:.0%} of linear"
        report.row(f"{count} workers, paintings a minute", f"{60 * rates[count]:.0f}", promise,
                   kept=share >= LINEAR)  # fmt: skip
        report.note(f"  {share:.0%} of {count} times one worker; {web_ground.machine_load()}")


def _throughput(ground: Ground, count: int, sleep_s: float) -> float:
    """Paintings a second, once every worker has delivered one."""
    from stylize import dispatch
    from stylize.models import Job

    before = Job.objects.filter(status="done").count()
    with _sleepers(ground, count, sleep_s):
        dispatch.wake(count)
        wanted = before + count * (1 + PAINTINGS)
        give_up_at = time.monotonic() + 60 + 5 * sleep_s * PAINTINGS
        while (done := Job.objects.filter(status="done").count()) < wanted:
            if time.monotonic() > give_up_at:
                raise SystemExit(f"{count} workers have painted {done - before} pictures only")
            time.sleep(0.2)
    newest = Job.objects.filter(status="done", worker__gt="").order_by("-finished_at")[: done - before]
    times = sorted(job.finished_at.timestamp() for job in newest if job.finished_at)
    return count * PAINTINGS / (times[count * (1 + PAINTINGS) - 1] - times[count - 1])


@contextmanager
def _sleepers(ground: Ground, count: int, sleep_s: float) -> Iterator[None]:
    """So many children of one worker, left to all cores."""
    words = "-A tests.worker.sleeping worker -Q paint -I worker.tasks -P prefork --without-gossip --without-mingle"
    command = [sys.executable, "-W", "ignore", "-m", "celery", "--quiet", *words.split(), "-c", str(count)]
    environ = ground.environ | {"SLEEP_S": str(sleep_s), "LOG_LEVEL": "ERROR"}
    everywhere = ground.web_cores | ground.other_cores
    process = subprocess.Popen(  # noqa: S603
        command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, everywhere),
    )  # fmt: skip
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
