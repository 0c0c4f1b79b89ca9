"""/healthz beside real servers that are stopped, frozen and brought back; what it tells of workers and house."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from django.conf import LazySettings
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from ostagram import errors, probes
from ostagram.embedded import process, run
from stylize import house, workers
from stylize.workers import Worker
from tests import make, servers

ROOT = Path(__file__).parents[2]
PARTS = {"database", "storage", "broker", "workers", "house"}
committed = pytest.mark.django_db(transaction=True)  # the probes look through connections of their own


class Site:
    """A real web server over a Postgres and a Valkey of its own."""

    def __init__(self, url: str, media: Path, children: dict[str, psutil.Process]) -> None:
        self.url, self.media, self._children = url, media, children

    def ask(self) -> tuple[int, dict[str, str], float]:
        began = time.monotonic()
        answer = requests.get(f"{self.url}/healthz", timeout=20)
        return answer.status_code, answer.json(), time.monotonic() - began

    def signal(self, name: str, number: int) -> None:
        """To a server and all its children: a frozen Postgres has frozen backends."""
        main = self._children[name]
        for one in (main, *main.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):  # a backend whose question is over
                one.send_signal(number)

    def wait_for(self, part: str, state: str) -> dict[str, str]:
        give_up_at = time.monotonic() + 40
        while time.monotonic() < give_up_at:
            _status, found, _took = self.ask()
            if found[part] == state:
                return found
            time.sleep(0.2)
        raise AssertionError(f"{part} did not become {state}: {found}")


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with servers.var_folder() as var, run.running(var, fast=True) as running:
        media = var / "media"
        media.mkdir()
        environ = os.environ | running.environ | {"OSTAGRAM_VAR": str(var), "MEDIA_ROOT": str(media)}
        port = process.free_port(None)
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environ, check=True)
        argv = [sys.executable, "-m", "gunicorn", "ostagram.wsgi:application", "--bind", f"127.0.0.1:{port}"]
        argv += ["--worker-class", "gthread", "--threads", "8", "--no-control-socket"]
        web = subprocess.Popen(argv, cwd=ROOT, env=environ | {"PORT": str(port)})
        try:
            yield Site(f"http://127.0.0.1:{port}", media, _named_children(var))
        finally:
            web.terminate()
            web.wait(20)


def _named_children(var: Path) -> dict[str, psutil.Process]:
    found = {}
    for one in psutil.Process().children():
        words = " ".join(one.cmdline())
        for name, program in {"postgres": "postgres", "valkey": "valkey-server"}.items():
            if program in words and str(var) in words + one.cwd():
                found[name] = one
    assert set(found) == {"postgres", "valkey"}, found
    return found


@pytest.fixture
def well(site: Site) -> Site:
    give_up_at = time.monotonic() + 60
    while time.monotonic() < give_up_at:
        try:
            if site.ask()[0] == 200:
                return site
        except requests.ConnectionError:
            pass
        time.sleep(0.2)
    raise AssertionError("the site did not become well")


def test_pages_work_while_nobody_paints(well: Site) -> None:
    status, found, took = well.ask()
    assert (status, found["status"]) == (200, "degraded")
    assert (found["database"], found["storage"], found["broker"], found["workers"]) == ("ok", "ok", "ok", "none")
    assert took < 2


@pytest.mark.parametrize(("name", "part", "status"), [("postgres", "database", 503), ("valkey", "broker", 200)])
def test_a_frozen_server_is_away_within_two_seconds_and_comes_back(
    well: Site, name: str, part: str, status: int
) -> None:
    well.signal(name, signal.SIGSTOP)
    try:
        for _again in range(3):
            answered, found, took = well.ask()
            assert (answered, found[part]) == (status, "away")
            assert took < 2
    finally:
        well.signal(name, signal.SIGCONT)
    assert well.wait_for(part, "ok")["database"] == "ok"


def test_a_stopped_broker_is_away_and_the_pages_still_serve(well: Site) -> None:
    well.signal("valkey", signal.SIGKILL)
    status, found, took = well.ask()
    assert (status, found["status"], found["broker"]) == (200, "degraded", "away")
    assert took < 2


def test_a_vanished_folder_of_pictures_is_away(well: Site) -> None:
    well.media.rename(well.media.with_name("elsewhere"))
    well.media.write_text("no folder")
    try:
        status, found, _took = well.ask()
        assert (status, found["status"], found["storage"]) == (503, "away", "away")
    finally:
        well.media.unlink()
        well.media.with_name("elsewhere").rename(well.media)


def test_a_stopped_database_is_away_and_the_pages_say_so(well: Site) -> None:
    """The last of this file's real servers: it stays stopped."""
    well.signal("postgres", signal.SIGKILL)
    status, found, took = well.ask()
    assert (status, found["database"], found["workers"]) == (503, "away", "away")
    assert took < 2
    for _again in range(2):  # over a connection that breaks, and over none
        answer = requests.get(f"{well.url}/paint/", timeout=20)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, errors.RETRY_AFTER_S)
        assert "Back in a moment" in answer.text


# What it tells, in this process ---------------------------------------------------------------------------------------


@committed
def test_all_well_in_words_alone_and_never_cached(anonymous: Client) -> None:
    make.worker(state=Worker.State.PAINTING)
    house.seen()
    answer = anonymous.get("/healthz")
    assert answer.json() == {"status": "ok"} | dict.fromkeys(PARTS, "ok")
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers


@committed
def test_asked_by_a_machine_that_knows_neither_our_name_nor_https(anonymous: Client, settings: LazySettings) -> None:
    settings.SECURE_SSL_REDIRECT, settings.ALLOWED_HOSTS = True, ["ostagram.example"]
    assert anonymous.get("/healthz", headers={"Host": "10.0.0.7:8000"}).status_code == 200
    assert anonymous.get("/", headers={"Host": "10.0.0.7:8000"}).status_code == 400


@committed
@pytest.mark.parametrize(
    ("state", "silent_s", "told"),
    [("painting", 0, "ok"), ("idle", 0, "ok"), ("stopping", 0, "none"), ("painting", 3600, "none")],
)
def test_a_busy_worker_is_a_healthy_one_and_a_silent_one_is_none(
    anonymous: Client, state: str, silent_s: int, told: str
) -> None:
    make.worker(state=state)
    Worker.objects.update(heartbeat_at=timezone.now() - timedelta(seconds=silent_s))
    answer = anonymous.get("/healthz")
    assert (answer.status_code, answer.json()["workers"]) == (200, told)


@committed
def test_a_house_that_has_not_been_round_for_a_minute_is_told(anonymous: Client) -> None:
    assert anonymous.get("/healthz").json()["house"] == "none"
    house.seen()
    assert anonymous.get("/healthz").json()["house"] == "ok"
    cache.set(house.SEEN, time.time() - house.LATE_S - 1)
    assert anonymous.get("/healthz").json()["house"] == "none"


@committed
def test_a_full_disk_is_told_and_pages_still_serve(
    anonymous: Client, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(settings.MEDIA_ROOT).mkdir()
    monkeypatch.setattr("stylize.pictures.ROOM_BYTES", 2**62)
    answer = anonymous.get("/healthz")
    assert (answer.status_code, answer.json()["status"], answer.json()["storage"]) == (200, "degraded", "full")


def test_wrong_method_405(anonymous: Client) -> None:
    assert anonymous.post("/healthz").status_code == 405


@pytest.mark.django_db
def test_many_who_ask_a_frozen_part_share_one_thread() -> None:
    asked: list[int] = []

    def hang() -> str:
        asked.append(1)
        time.sleep(1.0)
        return "ok"

    probe = probes.Probe("frozen", hang)
    answers = [probe.begin().answer(time.monotonic() + 0.01) for _again in range(20)]
    assert (set(answers), len(asked)) == ({"away"}, 1)
    assert probe.begin().answer(time.monotonic() + 5) == "ok"
    assert probe.begin().answer(time.monotonic() + 5) == "ok"
    assert len(asked) == 2, "a finished question is asked anew"


# For docker-compose.yml -----------------------------------------------------------------------------------------------


@committed
def test_the_worker_of_this_machine_is_asked_for_by_its_host(capsys: pytest.CaptureFixture[Any]) -> None:
    make.worker("elsewhere:1")
    with pytest.raises(CommandError, match="this machine"):
        call_command("healthy", worker=True)
    workers.beat(f"{socket.gethostname()}:1", state=Worker.State.PAINTING)
    call_command("healthy", worker=True)


@committed
def test_the_command_names_what_is_ill(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError, match=r"workers, house"):
        call_command("healthy")
    assert '"database": "ok"' in capsys.readouterr().out
    house.seen()
    call_command("healthy", house=True)
