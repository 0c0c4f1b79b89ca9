"""The whole service as `manage.py up` starts it, on servers, files and a port of its own."""

import functools
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import redis
import requests
from django.conf import settings
from PIL import Image

from ostagram import embedded
from stylize.samples import drawings, photos
from tests import make
from tests.till import Till

ROOT = Path(settings.BASE_DIR)
OURS = (
    "DATABASE_URL",
    "REDIS_URL",
    "PORT",
    "HOST",
    "OSTAGRAM_MODE",
    "SECRET_KEY",
    "MEDIA_ROOT",
    "STATIC_ROOT",
    "SITE_URL",
)


SIGN_IN_STAFF = """
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from people.models import User
from tests import make
boss = User.objects.filter(handle="boss-paints").first() or make.user("boss", is_staff=True, is_superuser=True)
session = SessionStore()
session[SESSION_KEY], session[HASH_SESSION_KEY] = str(boss.pk), boss.get_session_auth_hash()
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
session.create()
print(session.session_key)
"""


class Service:
    up: tuple[str, ...] = ("manage.py", "up")

    def __init__(self, var_dir: Path, log: Path, **environ: str) -> None:
        self.var_dir, self.log, self.port = var_dir, log, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.till = Till(var_dir, port=free_port())  # a hand on the one that the service starts
        inherited = {name: value for name, value in os.environ.items() if name not in OURS}
        own = {
            "OSTAGRAM_VAR": str(var_dir), "PORT": str(self.port), "SAMPLE_GALLERY": "no",
            "TILL_PORT": str(self.till.port),
        }  # fmt: skip
        self.environ = inherited | own | environ
        self.supervisor: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            command = [sys.executable, *self.up]
            self.supervisor = subprocess.Popen(command, cwd=ROOT, env=self.environ, stdout=log, stderr=log)
        wait_until(self._serves, 90, lambda: f"the site does not answer:\n{self.tail()}")

    def stop(self) -> None:
        if self.supervisor and self.supervisor.poll() is None:
            self.supervisor.send_signal(signal.SIGINT)
            self.supervisor.wait(60)

    def processes(self, *words: str) -> list[psutil.Process]:
        """The service's living processes whose command line has all these words."""
        return [process for process in psutil.process_iter() if self._is_ours(process, words)]

    def kill(self, *words: str) -> int:
        """kill -9 for every such process; how many there were."""
        victims = self.processes(*words)
        for process in victims:
            process.kill()
        return len(victims)

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        connection = psycopg2.connect(embedded.database_url(self.var_dir))
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql, values)
                return list(cursor.fetchall())
        finally:
            connection.close()

    def status(self, key: str) -> str:
        ((status,),) = self.query("SELECT status FROM stylize_job WHERE key = %s", key)
        return str(status)

    def broker(self) -> redis.Redis:
        return redis.Redis.from_url(embedded.redis_url(self.var_dir))

    def shell(self, code: str) -> str:
        """What `code` prints within the service's own settings."""
        command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", code]
        done = subprocess.run(command, cwd=ROOT, env=self.environ, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def staff_session(self) -> str:
        """The key of a session of boss-paints, who may do everything."""
        return self.shell(SIGN_IN_STAFF).split()[-1]

    def manage(self, *words: str) -> tuple[bool, str]:
        """Whether a command of the service's ended well, and all that it said."""
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(command, cwd=ROOT, env=self.environ, capture_output=True, text=True)
        return done.returncode == 0, done.stdout + done.stderr

    def submit(self, **fields: str) -> str:
        """Order a small painting of a true photo as a new guest does; the job's key."""
        visitor = requests.Session()
        visitor.get(f"{self.url}/paint/", timeout=30).raise_for_status()
        photo, style = small_pair()
        sent = make.form(**fields, photo=None, style_image=None)
        files = {"photo": make.file(image=photo), "style_image": make.file(image=style)}
        sent["csrfmiddlewaretoken"] = visitor.cookies["csrftoken"]
        answer = visitor.post(f"{self.url}/paint/", data=sent, files=files, timeout=60)
        assert "/jobs/" in answer.url, answer.text
        return answer.url.rstrip("/").rsplit("/", 1)[1]

    def submit_long(self, iterations: int) -> str:
        """A painting of so many iterations, some tenths of a second each, released as staff would."""
        key = self.submit(tier="hd", iterations=str(iterations))
        self.release(key)
        return key

    def release(self, key: str) -> None:
        """Let an unpaid job into the line, as staff would."""
        self.shell(f"from stylize import jobs, dispatch; from stylize.models import Job; "
                   f"print(jobs.release(Job.objects.get(key='{key}'))); dispatch.wake()")  # fmt: skip

    def wait_for(self, key: str, status: str, within_s: float) -> float:
        """Seconds until the job has this status."""
        return wait_until(
            lambda: self.status(key) == status, within_s, lambda: f"{key} is {self.status(key)}:\n{self.tail()}"
        )

    def tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-60:])

    def _serves(self) -> bool:
        assert self.supervisor
        assert self.supervisor.poll() is None, self.tail()
        try:
            return requests.get(self.url, timeout=5).status_code == 200
        except requests.RequestException:
            return False

    def _is_ours(self, process: psutil.Process, words: tuple[str, ...]) -> bool:
        try:
            line = process.cmdline()
            return (
                process.status() != psutil.STATUS_ZOMBIE
                and all(word in line for word in words)
                and process.environ().get("OSTAGRAM_VAR") == str(self.var_dir)
            )
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            return False


@functools.cache
def small_pair() -> tuple[Image.Image, Image.Image]:
    photo, style = photos.open_photo("coffee"), drawings.draw("windy-night")
    return photo.resize((120, 80)), style.resize((120, 96))


@contextmanager
def running(var_dir: Path, log: Path, **environ: str) -> Iterator[Service]:
    service = Service(var_dir, log, **environ)
    try:
        service.start()
        yield service
    finally:
        service.stop()


def wait_until(happened: Callable[[], bool], within_s: float, otherwise: Callable[[], str]) -> float:
    """Seconds until it happened; fails in words when it does not."""
    began = time.monotonic()
    while not happened():
        if time.monotonic() - began > within_s:
            raise AssertionError(f"not within {within_s:g} s: {otherwise()}")
        time.sleep(0.2)
    return time.monotonic() - began


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
