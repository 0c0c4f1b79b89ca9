"""/metrics: who may read it, that its numbers are those of the rows, and that a long line costs it little."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from people.models import User
from stylize import census, house, jobs, metrics
from stylize.models import Job
from stylize.workers import Worker
from tests import make

ROOT = Path(__file__).parents[2]
MANY = 20_000
pytestmark = pytest.mark.django_db


def scraped(client: Client) -> dict[tuple[str, ...], float]:
    """(name, label values in the order of their names …): value."""
    text = client.get("/metrics").content.decode()
    return {
        (sample.name, *(value for _name, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def aged(job: Job, **seconds_ago: float) -> None:
    now = timezone.now()
    Job.objects.filter(pk=job.pk).update(**{name: now - timedelta(seconds=s) for name, s in seconds_ago.items()})


# Who may read it ------------------------------------------------------------------------------------------------------


def test_local_mode_answers_this_machine_and_no_other(anonymous: Client) -> None:
    answer = anonymous.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert "no-store" in answer.headers["Cache-Control"]
    assert anonymous.get("/metrics", REMOTE_ADDR="192.168.1.5").status_code == 404


def test_production_without_a_token_is_closed(anonymous: Client, settings: LazySettings) -> None:
    settings.PRODUCTION = True
    assert anonymous.get("/metrics").status_code == 404


@pytest.mark.parametrize(
    ("header", "status"),
    [("Bearer right", 200), ("Bearer wrong", 404), ("right", 404), ("", 404), ("Bearer ", 404), ("Bearer прив", 404)],
)
def test_with_a_token_set_only_who_brings_it(
    anonymous: Client, settings: LazySettings, header: str, status: int
) -> None:
    settings.METRICS_TOKEN, settings.PRODUCTION = "right", True
    settings.SECURE_SSL_REDIRECT, settings.ALLOWED_HOSTS = True, ["ostagram.example"]
    headers = {"Host": "web:8000", "Authorization": header}
    assert anonymous.get("/metrics", headers=headers).status_code == status


def test_staff_without_the_token_404(settings: LazySettings) -> None:
    settings.METRICS_TOKEN = "right"
    staff = Client()
    staff.force_login(make.user("staff", is_staff=True))
    assert staff.get("/metrics").status_code == 404


def test_wrong_method_405(anonymous: Client) -> None:
    assert anonymous.post("/metrics").status_code == 405


# What it says ---------------------------------------------------------------------------------------------------------


def test_an_empty_house_says_nought(anonymous: Client) -> None:
    found = scraped(anonymous)
    assert {found["ostagram_failures_1h", cause] for cause in Job.Failure.values} == {0}
    assert {found["ostagram_workers", state] for state in (*Worker.State.values, "silent")} == {0}
    assert not [name for name in found if name[0] == "ostagram_jobs"]


def test_the_line_by_tier_and_its_oldest(anonymous: Client, alice: User, bob: User) -> None:
    old = make.job(alice)
    aged(old, queued_at=500)
    make.job(bob)
    jobs.release(make.job(alice, tier="premium", iterations=600))
    make.job(bob, tier="hd", iterations=100)
    make.job(bob, sample=True)
    found = scraped(anonymous)
    counted = {name[1:]: value for name, value in found.items() if name[0] == "ostagram_jobs"}
    assert counted == {  # labels: kind, status
        ("free", "queued"): 2, ("premium", "queued"): 1, ("hd", "unpaid"): 1, ("sample", "queued"): 1,
    }  # fmt: skip
    assert 500 <= found["ostagram_queue_oldest_seconds", "free"] < 560
    assert found["ostagram_queue_oldest_seconds", "premium"] < 60
    paid = Job.objects.get(tier="premium").cost
    assert found["ostagram_queue_megapixel_iterations", "premium"] == pytest.approx(paid)


def test_waits_and_runs_fall_into_their_buckets(anonymous: Client, alice: User) -> None:
    quick, slow = make.done_job(alice, seconds=20.0), make.done_job(alice, seconds=100.0)
    aged(quick, queued_at=40, started_at=30, finished_at=10)  # waited 10 s
    aged(slow, queued_at=400, started_at=110, finished_at=10)  # waited 290 s
    found = scraped(anonymous)
    wait = {key: value for key, value in found.items() if key[0] == "ostagram_wait_seconds_1h_bucket"}
    bounds = ("5.0", "15.0", "180.0", "600.0", "+Inf")
    assert [wait["ostagram_wait_seconds_1h_bucket", "free", le] for le in bounds] == [0, 1, 1, 2, 2]
    run = [found["ostagram_run_seconds_1h_bucket", "free", le] for le in ("15.0", "30.0", "60.0", "120.0", "+Inf")]
    assert run == [0, 1, 1, 2, 2]
    assert found["ostagram_run_seconds_1h_gsum", "free"] == pytest.approx(120)
    assert found["ostagram_wait_seconds_1h_gsum", "free"] == pytest.approx(300, abs=0.1)


def test_failures_by_cause_strikes_and_device_time(anonymous: Client, alice: User) -> None:
    failed = make.in_status(alice, "failed")
    Job.objects.filter(pk=failed.pk).update(failure="flat", strikes=2, fence=3)
    aged(failed, started_at=100, heartbeat_at=40, finished_at=30)  # 60 s on the device, until it fell silent
    long_ago = make.in_status(alice, "failed")
    aged(long_ago, finished_at=3700)
    make.done_job(alice, seconds=7.0)
    waiting = make.job(alice)
    Job.objects.filter(pk=waiting.pk).update(strikes=1)
    found = scraped(anonymous)
    assert (found["ostagram_failures_1h", "flat"], found["ostagram_failures_1h", "lost"]) == (1, 0)
    assert found["ostagram_device_seconds_1h", "free"] == pytest.approx(67, abs=0.1)
    assert (found["ostagram_strikes_1h",], found["ostagram_interruptions_1h",]) == (2, 2)
    assert (found["ostagram_strikes", "queued"], found["ostagram_strikes", "running"]) == (1, 0)
    assert found["ostagram_jobs_ended_1h", "free", "failed"] == 1


def test_workers_by_what_they_do_and_how_fast(anonymous: Client) -> None:
    make.worker("host:1", seconds_per_cost=0.5, device="cuda:0 H100", state=Worker.State.PAINTING)
    make.worker("host:2", seconds_per_cost=None)
    make.worker("host:3")
    Worker.objects.filter(name="host:3").update(heartbeat_at=timezone.now() - timedelta(minutes=5))
    found = scraped(anonymous)
    states = {name[1]: value for name, value in found.items() if name[0] == "ostagram_workers"}
    assert states == {"starting": 0, "idle": 1, "painting": 1, "stopping": 0, "silent": 1}
    speeds = {name: value for name, value in found.items() if "iteration" in name[0]}
    assert speeds == {("ostagram_worker_seconds_per_megapixel_iteration", "cuda:0 H100", "host:1"): 0.5}


def test_the_disk_and_the_house(anonymous: Client, settings: LazySettings) -> None:
    Path(settings.MEDIA_ROOT).mkdir()
    assert ("ostagram_house_age_seconds",) not in scraped(anonymous)
    house.seen()
    found = scraped(anonymous)
    assert found["ostagram_house_age_seconds",] < 30
    assert found["ostagram_media_free_bytes",] > 0


def test_nobody_is_named(anonymous: Client, alice: User) -> None:
    job = make.job(alice)
    said = anonymous.get("/metrics").content.decode()
    assert str(alice.email) not in said and str(alice.handle) not in said and job.key not in said


# A long line ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def crowd(alice: User) -> None:
    """Many in line, many finished long ago."""
    made = make.job(alice)
    with connection.cursor() as cursor:
        columns = [str(field.column) for field in Job._meta.fields if field.column not in ("id", "key", "form_token")]
        names = ", ".join(columns)
        copy = (
            f"INSERT INTO stylize_job ({names}, key) SELECT {names}, 'k' || n"
            " FROM stylize_job, generate_series(%s, %s) n"
        )
        cursor.execute(f"{copy} WHERE id = %s", [1, 2 * MANY, made.pk])
        cursor.execute(
            "UPDATE stylize_job SET status = 'done', result = key, finished_at = now() - interval '30 days', fence = 1"
            " WHERE id %% 2 = 0 AND id <> %s", [made.pk],
        )  # fmt: skip
        cursor.execute("ANALYZE stylize_job")


def plan(question: str, given: dict[str, Any]) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {question}", given)
        return "\n".join(row[0] for row in cursor.fetchall())


def test_every_look_reads_an_index_and_not_the_pictures(crowd: None) -> None:
    since = {"since": timezone.now() - metrics.HOUR}
    spread = census.SPREAD.format(kind=census.KIND, seconds=census.WAIT_S, condition="true")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = on")
    assert "stylize_job_ended" in plan(census.ENDED, since)
    assert "stylize_job_ended" in plan(spread, since | {"bounds": [1.0]})
    assert "stylize_job_ended" in plan(census.HOURS, since | {"zone": "UTC"})
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # half of this table is in line; of a real one a small part
    assert "stylize_job_unfinished" in plan(census.UNFINISHED, {})


def test_the_number_of_queries_does_not_grow_with_the_line(
    anonymous: Client, crowd: None, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(10):
        found = scraped(anonymous)
    assert found["ostagram_jobs", "free", "queued"] == MANY + 1


# The example rules ----------------------------------------------------------------------------------------------------


def test_every_metric_that_an_alert_asks_for_exists(anonymous: Client, alice: User, settings: LazySettings) -> None:
    Path(settings.MEDIA_ROOT).mkdir()
    make.done_job(alice)
    make.job(alice)
    make.worker()
    house.seen()
    known = {name[0] for name in scraped(anonymous)}
    groups = yaml.safe_load((ROOT / "docs/alerts.yml").read_text())["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert len(rules) >= 8
    asked = {name for rule in rules for name in re.findall(r"\bostagram_\w+", rule["expr"])}
    assert asked and asked <= known
    explained = (ROOT / "docs/operations.md").read_text()
    assert not [rule["alert"] for rule in rules if rule["alert"] not in explained]
