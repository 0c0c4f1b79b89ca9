"""What log records say and do not say: the job throughout, the request, one JSON line each, no addresses."""

import contextvars
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from ostagram import logs
from people.models import User
from stylize import jobs, tasks, trail
from stylize.models import Job
from tests import make
from tests.ostagram.test_settings import PRODUCTION
from worker import heart

ROOT = Path(__file__).parents[2]


class Ear(logging.Handler):
    """Keeps what a formatter makes of every record."""

    def __init__(self, formatter: logging.Formatter) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.setFormatter(formatter)
        self.addFilter(logs.Belongs())

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    @property
    def said(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]


@pytest.fixture
def ear() -> Iterator[Ear]:
    yield from _listening(logs.Json())


@pytest.fixture
def plain() -> Iterator[Ear]:
    yield from _listening(logs.Line("%(levelname)s %(name)s: %(message)s"))


def _listening(formatter: logging.Formatter) -> Iterator[Ear]:
    ear, root = Ear(formatter), logging.getLogger()
    root.addHandler(ear)
    yield ear
    root.removeHandler(ear)


log = logging.getLogger("test")


def test_a_record_is_one_line_of_json_whatever_it_says(ear: Ear) -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError:
        log.exception('broken "%s"\nand Привет', "x")
    (line,) = ear.lines
    assert "\n" not in line
    (said,) = ear.said
    assert said["message"] == 'broken "x"\nand Привет'
    assert (said["level"], said["logger"]) == ("error", "test")
    assert "ValueError: two\nlines" in said["error"]
    assert said["time"].endswith("+00:00")
    assert "job" not in said and "request" not in said


def test_what_is_bound_is_said_until_the_work_is_over(ear: Ear) -> None:
    with trail.begin(request="r" * 8):
        log.warning("before")
        trail.bind("KEY")
        log.warning("within")
    log.warning("after")
    found = [(one["message"], one.get("job"), one.get("request")) for one in ear.said]
    assert found == [("before", None, "r" * 8), ("within", "KEY", "r" * 8), ("after", None, None)]
    assert trail.here() == {}


def test_outside_of_a_piece_of_work_nothing_is_bound_and_nothing_leaks() -> None:
    trail.bind("KEY")
    assert trail.here() == {}


def test_a_line_for_people_names_the_job_at_its_end(plain: Ear) -> None:
    with trail.begin(job="KEY", request="abcdefgh"):
        log.warning("first\nsecond")
    log.warning("bare")
    assert plain.lines == ["WARNING test: first [job=KEY request=abcdefgh]\nsecond", "WARNING test: bare"]


@pytest.mark.parametrize("address", ["jo@example.org", "jo.doe+x@mail.example.co.uk"])
def test_addresses_of_people_are_cut_out(ear: Ear, plain: Ear, address: str) -> None:
    try:
        raise ValueError(f"Key (email)=({address}) already exists.")
    except ValueError:
        log.exception("mail to %s", address)
    everything = "\n".join(ear.lines + plain.lines)
    assert address not in everything and "example" not in everything
    assert everything.count("[e-mail]") == 4


# In the web -----------------------------------------------------------------------------------------------------------


def test_an_order_and_its_cancelling_say_the_job_and_the_request(as_alice: Client, alice: User, ear: Ear) -> None:
    answer = as_alice.post(reverse("stylize:create"), make.form(), headers={"X-Request-ID": "order-0001"})
    key = Job.objects.get().key
    assert answer.headers["X-Request-ID"] == "order-0001"
    as_alice.post(reverse("stylize:cancel", args=[key]), headers={"X-Request-ID": "cancel-0001"})
    ours = [(one["message"], one["job"], one["request"]) for one in ear.said if one["logger"] == "stylize.jobs"]
    assert ours == [
        (f"job {key}: ordered, free", key, "order-0001"), (f"job {key}: cancelled", key, "cancel-0001"),
    ]  # fmt: skip
    assert str(alice.email) not in "".join(ear.lines)


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "with space", 'in"ject', "новый-номер"])
def test_a_request_without_a_usable_name_gets_one(anonymous: Client, given: str) -> None:
    first, second = (anonymous.get("/healthz", headers={"X-Request-ID": given}) for _twice in range(2))
    assert len(first.headers["X-Request-ID"]) == 32
    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]


def test_one_request_does_not_speak_of_the_job_of_the_one_before(as_alice: Client, alice: User) -> None:
    as_alice.post(reverse("stylize:cancel", args=[make.in_status(alice, "unpaid").key]))
    assert "request" not in trail.here()


# In the kiln and the house --------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_from_the_claim_on_a_worker_speaks_of_its_job_in_every_thread(alice: User, ear: Ear) -> None:
    made = make.job(alice)
    with trail.begin():
        log.warning("before the claim")
        jobs.claim_next("host:1")
        log.warning("painting")
        speaks = contextvars.copy_context().run  # as worker/heart.py does it
        beside = threading.Thread(target=speaks, args=(lambda: log.warning("beating"),))
        beside.start()
        beside.join()
        bare = threading.Thread(target=lambda: log.warning("a control: another thread"))
        bare.start()
        bare.join()
    said = {one["message"]: one.get("job") for one in ear.said if one["logger"] == "test"}
    assert said == {
        "before the claim": None, "painting": made.key, "beating": made.key, "a control: another thread": None,
    }  # fmt: skip


@pytest.mark.django_db
def test_the_heart_beside_a_painting_speaks_of_the_same_job(
    alice: User, ear: Ear, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BEAT_S = 0.01
    missed = threading.Event()

    def away(job: Job) -> bool:
        missed.set()
        raise OperationalError("away")

    monkeypatch.setattr(jobs, "beat", away)
    job = make.job(alice)
    with trail.begin(job=job.key), heart.Heart(job, lambda: False):
        assert missed.wait(10)
    said = [one for one in ear.said if one["logger"] == "worker.heart"]
    assert said and {one.get("job") for one in said} == {job.key}


@pytest.mark.django_db
def test_the_rescue_names_each_job_it_takes(alice: User, bob: User, ear: Ear, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stylize.dispatch.top_up", lambda: 0)
    silent = {make.running_job(who).key for who in (alice, bob)}
    Job.objects.update(heartbeat_at="2020-01-01T00:00Z")
    tasks.rescue()
    assert {one["job"] for one in ear.said if "strike" in one["message"]} == silent


# In production --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("chosen", "is_json"), [({}, True), ({"LOG_FORMAT": "line"}, False)])
def test_production_speaks_json_unless_told_otherwise(tmp_path: Path, chosen: dict[str, str], is_json: bool) -> None:
    code = "import django, logging; django.setup(); logging.getLogger('x').warning('hello')"
    clean = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    env = clean | PRODUCTION | chosen | {"OSTAGRAM_VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "ostagram.settings"}
    command = [sys.executable, "-c", code]
    line = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True).stderr.strip()
    if is_json:
        assert json.loads(line)["message"] == "hello"
    else:
        assert line == "WARNING x: hello"


def test_the_web_server_itself_speaks_json(tmp_path: Path) -> None:
    """Its child cannot start, and it says so through its own logger."""
    (tmp_path / "broken.py").write_text("raise RuntimeError('no such thing')")
    clean = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    env = clean | PRODUCTION | {"OSTAGRAM_VAR": str(tmp_path)}
    command = [sys.executable, "-m", "gunicorn", "broken:application", "--bind", "127.0.0.1:0", "--no-control-socket"]
    command += ["--pythonpath", str(tmp_path), "--logger-class", "ostagram.logs.Gunicorn"]
    ended = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode != 0
    lines = [line for line in ended.stderr.splitlines() if line]
    said = [json.loads(line) for line in lines if line.startswith("{")]
    assert {line for line in lines if not line.startswith("{")} == {"no such thing"}, "the bare reason, once more"
    assert any("no such thing" in one.get("error", "") for one in said)
    assert {one["logger"] for one in said} == {"gunicorn.error"}
