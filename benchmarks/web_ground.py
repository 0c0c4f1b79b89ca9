"""The ground of `benchmarks.web`: Postgres with 100,000 pictures and 100,000 jobs in line, and a web server beside it.

The web server has one core for itself; Postgres, Valkey and the visitors have the others. The rows are copies of two
that were made in the usual way, so that columns which come later are in them too.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import requests

from ostagram.embedded import run
from tests import servers

ROOT = Path(__file__).resolve().parents[1]
PICTURES = QUEUED = 100_000
PEOPLE = 5_000
PHOTOS = 12
PROBE = "/robots.txt"  # a plain answer, which no row is read for: what this machine can do just now


@dataclass
class Ground:
    var_dir: Path
    environ: dict[str, str]
    web_cores: set[int]
    other_cores: set[int]
    url: str = ""
    web: subprocess.Popen[bytes] | None = None
    told: list[str] = field(default_factory=list)

    def cpu_s(self) -> float:
        """Seconds of its core that the web processes have had so far."""
        return sum(sum(process.cpu_times()[:2]) for process in self._processes())

    def memory(self) -> int:
        """Bytes that the web processes hold together; what they share is counted for each."""
        return sum(process.memory_info().rss for process in self._processes())

    def _processes(self) -> list[psutil.Process]:
        assert self.web
        parent = psutil.Process(self.web.pid)
        return [parent, *parent.children(recursive=True)]


@contextmanager
def prepared(*, pictures: int = PICTURES, queued: int = QUEUED) -> Iterator[Ground]:
    """Servers with data, and this process set up as one of the site's own."""
    web_cores, other_cores = _cores()
    os.sched_setaffinity(0, other_cores)
    with servers.var_folder() as var_dir, run.running(var_dir, fast=True) as embedded:
        environ = {
            **embedded.environ, "OSTAGRAM_VAR": str(var_dir), "DJANGO_SETTINGS_MODULE": "ostagram.settings",
            "GUESTS_PER_ADDRESS": "1000000", "GUEST_JOBS_PER_ADDRESS": "1000000",
            "RATE_UPLOAD": "1000000/m/ip", "SAMPLE_GALLERY": "no",
            "LOG_LEVEL": "WARNING",
        }  # fmt: skip
        os.environ.update(environ)
        import django

        django.setup()
        ground = Ground(var_dir, os.environ | environ, web_cores, other_cores)
        manage("migrate", "--no-input", "--verbosity=0")
        manage("collectstatic", "--no-input", "--verbosity=0")
        began = time.monotonic()
        _fill(pictures, queued)
        took = time.monotonic() - began
        ground.told.append(f"{pictures:,} pictures and {queued:,} jobs in line, made within {took:.0f} s")
        yield ground


@contextmanager
def serving(ground: Ground) -> Iterator[Ground]:
    """The site as `up` serves it, on its own core."""
    from tests.journeys.service import free_port

    port = free_port()
    ground.url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-c", "import sys; from ostagram.programs import web; import os; "
               "os.execv(sys.executable, web().argv)"]  # fmt: skip
    with tempfile.TemporaryFile() as log:
        ground.web = subprocess.Popen(  # noqa: S603
            command, cwd=ROOT, env=ground.environ | {"PORT": str(port)}, stdout=log, stderr=log,
            preexec_fn=lambda: os.sched_setaffinity(0, ground.web_cores),
        )  # fmt: skip
        try:
            _wait(ground)
            yield ground
        finally:
            ground.web.terminate()
            ground.web.wait(30)
            log.seek(0)
            tail = log.read().decode(errors="replace").strip().splitlines()[-5:]
            if tail:
                print("the web server's last words:", *tail, sep="\n  ", flush=True)


def machine_load() -> str:
    return f"load of the machine over the last minute: {os.getloadavg()[0]:.1f}"


def _wait(ground: Ground) -> None:
    give_up_at = time.monotonic() + 90
    while True:
        try:
            requests.get(ground.url + PROBE, timeout=5).raise_for_status()
            return
        except requests.RequestException:
            if time.monotonic() > give_up_at:
                raise
            time.sleep(0.2)


def _cores() -> tuple[set[int], set[int]]:
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        sys.exit("At least two cores are needed: one for the web server, one for its visitors.")
    return {cores[0]}, set(cores[1:])


def manage(*words: str) -> None:
    subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, check=True)  # noqa: S603


def _fill(pictures: int, queued: int) -> None:
    from django.db import connection, transaction

    from stylize.models import Job, Style
    from tests import make

    owner = make.user("first")
    photos = [make.upload(owner, make.picture(1200, 900)) for _photo in range(PHOTOS)]
    styles = [make.style(owner, listed=True, name=f"Style {number}") for number in range(6)]
    done, waiting = make.done_job(owner), make.job(owner)  # the latter with a small photo: soon painted
    Job.objects.filter(pk__in=[done.pk, waiting.pk]).update(width=600, height=450)
    photo_keys, style_keys = [photo.pk for photo in photos], [style.pk for style in styles]
    with transaction.atomic(), connection.cursor() as cursor:
        copy_row(cursor, "people_user", owner.pk, PEOPLE, {
            "email": "'visitor' || n || '@example.org'", "handle": "'visitor-' || n", "username": "'visitor-' || n",
        })  # fmt: skip
        people = f"(SELECT array_agg(id) FROM people_user) AS people, (SELECT ARRAY{photo_keys}) AS photos"  # noqa: S608
        told = {
            "key": "'b' || md5(random()::text || n)::varchar(22)", "form_token": "gen_random_uuid()",
            "owner_id": f"people[1 + n % {PEOPLE}]", "photo_id": f"photos[1 + n % {PHOTOS}]",
            "created_at": "now() - n * interval '30 seconds'",
        }  # fmt: skip
        copy_row(cursor, "stylize_job", done.pk, pictures - 1, told | {
            "rank": "n * 0.001", "fence": "1", "show_photo": "n % 3 = 0",
            "width": "CASE WHEN n % 4 = 0 THEN 450 ELSE 600 END", "height": "CASE WHEN n % 4 = 0 THEN 600 ELSE 450 END",
            "visibility": "CASE WHEN n % 20 = 0 THEN 'unlisted' ELSE 'public' END",
            "finished_at": "now() - (200000 - n) * interval '30 seconds'", "seconds": "2 + n % 5",
        }, people)  # fmt: skip
        copy_row(cursor, "stylize_job", waiting.pk, queued - 1, {**told, "photo_id": "first.photo_id"} | {
            "rank": f"{pictures} * 0.001 + n * 2.7", "cost": "1 + n % 300", "queued_at": "now()",
        }, people)  # fmt: skip
        cursor.execute(
            "INSERT INTO stylize_jobstyle (job_id, style_id, weight) SELECT id, (%s)[1 + id %% 6], 1.0 "
            "FROM stylize_job WHERE id NOT IN (SELECT job_id FROM stylize_jobstyle)", [style_keys])  # fmt: skip
        cursor.execute(
            "INSERT INTO feed_post (job_id, owner_id, created_at, title, tags, likes_count, comments_count, heat_day, "
            "heat_week, heat_month) SELECT id, owner_id, created_at, '', '{}', 0, 0, 0, 0, 0 FROM stylize_job "
            "WHERE status = 'done' AND id NOT IN (SELECT job_id FROM feed_post) ORDER BY id")  # fmt: skip
    assert Style.objects.filter(listed=True).count() == 6
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def copy_row(cursor: Any, table: str, pk: int, times: int, told: dict[str, str], beside: str = "") -> None:
    """Copies of one row, with what differs told in SQL; `n` counts them."""
    from django.db import connection

    names = [column.name for column in connection.introspection.get_table_description(cursor, table)]
    told = {name: value for name, value in told.items() if name in names}
    kept = [name for name in names if name != "id"]
    values = ", ".join(told.get(name, f"first.{name}") for name in kept)
    source = f"{table} AS first, generate_series(1, {times}) AS n" + (f", (SELECT {beside}) AS those" if beside else "")
    cursor.execute(
        f"INSERT INTO {table} ({', '.join(kept)}) SELECT {values} FROM {source} WHERE first.id = {pk}"  # noqa: S608
    )
