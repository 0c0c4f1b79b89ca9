"""The staff's page: what it shows, who may see it, and its two buttons."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people.models import User
from stylize import census, dispatch, jobs, plots, staff
from stylize.models import Job
from stylize.workers import Worker
from tests import make
from tests.ostagram.test_russian_pages import assert_russian

PAGE = "/staff/"
VERBS = ["retry", "cancel"]


@pytest.fixture
def boss(db: None) -> Client:
    client = Client()
    client.force_login(make.user("boss", is_staff=True, is_superuser=True))
    return client


@pytest.fixture(autouse=True)
def calls(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Wake-up calls are counted, not sent."""
    sent: list[int] = []
    monkeypatch.setattr(dispatch, "wake", lambda times=1: sent.append(times))
    return sent


def address(verb: str, job: Job) -> str:
    return reverse(f"stylize:staff_{verb}", args=[job.key])


def shown(client: Client) -> str:
    answer = client.get(PAGE)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


# What it shows --------------------------------------------------------------------------------------------------------


def test_an_empty_house_is_told_in_words(boss: Client) -> None:
    page = shown(boss)
    for words in ("No worker has been heard of", "Nobody waits.", "None.", "Nothing has been painted."):
        assert words in page


def test_every_kind_of_job_has_a_name_for_people(boss: Client) -> None:
    assert [staff.kind_name(kind) for kind in ("free", "hd", "proof", "sample")] == [
        "Free",
        "HD",
        "Nine proofs",
        "Sample",
    ]


def test_workers_with_their_jobs_and_the_silent_among_them(boss: Client, alice: User) -> None:
    make.worker("host:1", device="cuda:0 NVIDIA H100", state=Worker.State.PAINTING, seconds_per_cost=0.0421)
    make.worker("host:2")
    Worker.objects.filter(name="host:2").update(heartbeat_at=timezone.now() - timedelta(minutes=2))
    job = make.running_job(alice)
    Job.objects.update(worker="host:1")
    page = shown(boss)
    assert "cuda:0 NVIDIA H100" in page and "0.042" in page and "state--silent" in page and "2:00" in page
    assert page.count(job.key) >= 2, "with its worker, and among those being painted"
    assert f"/admin/stylize/job/{job.pk}/change/" in page


def test_the_line_and_its_next_twenty(boss: Client, alice: User) -> None:
    waiting = [make.job(alice) for _number in range(staff.NEXT + 2)]
    Job.objects.filter(pk=waiting[0].pk).update(queued_at=timezone.now() - timedelta(hours=2))
    page = shown(boss)
    assert "2:00:00" in page
    assert [job.key in page for job in waiting] == [True] * staff.NEXT + [False] * 2


def test_failures_of_the_last_day_by_cause(boss: Client, alice: User) -> None:
    flat, lost, old = (make.in_status(alice, "failed") for _number in range(3))
    Job.objects.filter(pk=flat.pk).update(failure="flat")
    Job.objects.filter(pk=old.pk).update(finished_at=timezone.now() - timedelta(days=2))
    page = shown(boss)
    assert flat.key in page and lost.key in page and old.key not in page
    assert f"<b>1</b> <code>flat</code> {Job.Failure.FLAT.label}" in page


def test_what_a_picture_costs(boss: Client, alice: User, settings: LazySettings) -> None:
    settings.GPU_HOUR_COST_MINOR = 36000  # 10 kopecks a second
    make.done_job(alice, seconds=30.0)
    make.done_job(alice, seconds=10.0)
    failed = make.in_status(alice, "failed")
    now = timezone.now()
    Job.objects.filter(pk=failed.pk).update(started_at=now - timedelta(seconds=20), heartbeat_at=now)
    (free,) = census.expenses(census.ended(staff.DAY))
    assert free.device_s == pytest.approx(60, abs=0.1)
    assert free.per_picture_minor(36000) == pytest.approx(300, abs=1), "what failed is paid for, too"
    assert "3 ₽" in shown(boss).replace("\u00a0", " ")


def test_hours_with_their_waits_and_the_empty_ones_between(alice: User) -> None:
    now = timezone.now()
    for waited_s in (10, 20, 300):
        job = make.done_job(alice, seconds=36.0, finished_at=now)
        begun = now - timedelta(seconds=40)
        Job.objects.filter(pk=job.pk).update(started_at=begun, queued_at=begun - timedelta(seconds=waited_s))
    hours = census.hours(48)
    assert len(hours) == 48 and [hour.done for hour in hours] == [0] * 47 + [3]
    assert hours[-1].wait_s == pytest.approx(20) and hours[-1].wait_p95_s == pytest.approx(272)
    assert hours[-1].device_s == pytest.approx(108)
    assert hours[0].wait_s is None
    assert {after.begins - before.begins for before, after in pairwise(hours)} == {timedelta(hours=1)}


def test_every_plot_has_its_table(boss: Client, alice: User) -> None:
    make.done_job(alice)
    page = shown(boss)
    assert page.count('class="plot"') == page.count("As a table") == 3
    assert page.count("<rect") == 4, "one picture: a bar in each, and in one the stroke of the longest wait"


def test_the_number_of_queries_does_not_grow(
    boss: Client, alice: User, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    for _number in range(5):
        make.in_status(alice, "failed")
        make.job(alice)
        make.worker(f"host:{_number}")
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        boss.get(PAGE)


def test_in_russian(boss: Client, alice: User) -> None:
    make.in_status(alice, "failed")
    make.running_job(alice)
    make.job(alice)
    make.done_job(alice)
    make.worker(device="")
    assert_russian(boss, PAGE)


# Who may see it -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["as_alice", "anonymous"])
def test_strangers_404(request: pytest.FixtureRequest, alice: User, who: str) -> None:
    client = request.getfixturevalue(who)
    job = make.in_status(alice, "failed")
    assert client.get(PAGE).status_code == 404
    for verb in VERBS:
        assert client.post(address(verb, job)).status_code == 404
    assert Job.objects.get().status == Job.Status.FAILED


def test_staff_without_the_permission_look_and_touch_nothing(alice: User) -> None:
    helper = make.user("helper", is_staff=True)
    client = Client()
    client.force_login(helper)
    job = make.in_status(alice, "failed")
    assert "<button" not in shown(client).split('id="failures"')[1].split("</section>")[0]
    assert client.post(address("retry", job)).status_code == 404
    helper.user_permissions.add(Permission.objects.get(codename="change_job"))
    assert "Retry" in shown(client)
    assert client.post(address("retry", job)).status_code == 302


def test_only_staff_find_the_way(as_alice: Client, boss: Client) -> None:
    assert PAGE in boss.get("/").content.decode()
    assert PAGE not in as_alice.get("/").content.decode()


def test_it_is_never_kept(boss: Client) -> None:
    assert "no-store" in boss.get(PAGE).headers["Cache-Control"]


# Its buttons ----------------------------------------------------------------------------------------------------------


def test_a_failed_print_is_not_tried_again(boss: Client, alice: User, calls: list[int]) -> None:
    """Its canvas has failed with it and is refunded."""
    job = make.print_job(alice)
    Job.objects.filter(pk=job.pk).update(status="failed", failure="error", finished_at=timezone.now())
    page = boss.get(PAGE).content.decode()
    assert job.key in page and address("retry", job) not in page
    said = boss.post(address("retry", job), follow=True).content.decode()
    job.refresh_from_db()
    assert "cannot be tried again" in said and job.status == "failed" and calls == []


def test_retry_puts_a_failed_job_in_line_without_a_strike(boss: Client, alice: User, calls: list[int]) -> None:
    job = make.in_status(alice, "failed")
    Job.objects.update(strikes=3)
    before = job.rank
    assert boss.post(address("retry", job)).headers["Location"] == PAGE
    job.refresh_from_db()
    assert (job.status, job.strikes, job.failure, job.finished_at) == ("queued", 0, "", None)
    assert job.rank is not None and before is not None and job.rank >= before
    assert calls == [1]
    claimed = jobs.claim_next("host:1")
    assert claimed and claimed.fence == 2, "a zombie of the failed run can write nothing"


@pytest.mark.parametrize("status", [status for status in Job.Status.values if status != "failed"])
def test_only_a_failed_job_is_tried_again(boss: Client, alice: User, status: str, calls: list[int]) -> None:
    job = make.in_status(alice, status)
    page = boss.post(address("retry", job), follow=True).content.decode()
    assert "has not failed" in page
    after = Job.objects.get()
    assert (after.status, after.rank, calls) == (status, job.rank, [])


@pytest.mark.parametrize("status", ["unpaid", "queued", "running"])
def test_cancel(boss: Client, alice: User, status: str) -> None:
    boss.post(address("cancel", make.in_status(alice, status)))
    assert Job.objects.get().status == Job.Status.CANCELLED


def test_cancel_comes_too_late(boss: Client, alice: User) -> None:
    page = boss.post(address("cancel", make.in_status(alice, "failed")), follow=True).content.decode()
    assert "finished already" in page and Job.objects.get().status == "failed"


@pytest.mark.parametrize("verb", VERBS)
def test_wrong_method_405(boss: Client, alice: User, verb: str) -> None:
    assert boss.get(address(verb, make.job(alice))).status_code == 405


def test_an_unknown_job_404(boss: Client) -> None:
    assert boss.post("/staff/nothing/retry").status_code == 404


# The plots, pure ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("most", "top"), [(0, 1), (0.3, 0.4), (1, 1), (3, 4), (5.5, 6), (61, 80), (100, 100), (101, 200)]
)
def test_the_scale_ends_at_a_round_number(most: float, top: float) -> None:
    assert plots.ceiling(most) == pytest.approx(top)


@pytest.mark.parametrize(("seconds", "words"), [(0, "0:00"), (42.4, "0:42"), (59.6, "1:00"), (3723, "1:02:03")])
def test_a_clock(seconds: float, words: str) -> None:
    assert plots.clock(seconds) == words


def test_bars_stand_on_the_foot_and_on_each_other() -> None:
    begins = [timezone.now() - timedelta(hours=1), timezone.now()]
    done, failed = plots.Series("Done", "is-first", [4, 0]), plots.Series("Failed", "is-bad", [4, None])
    first, second = plots.hourly("P", begins, [done, failed], plots.count).bars
    assert float(first.y) + float(first.height) == pytest.approx(plots.BOTTOM)
    assert float(second.y) + float(second.height) == pytest.approx(float(first.y))
    assert float(second.y) == pytest.approx(plots.TOP)
    assert "Failed: 4" in second.says


def test_a_cap_is_a_stroke_at_its_own_height_and_what_is_missing_a_dash() -> None:
    begins = [timezone.now(), timezone.now()]
    wait, most = plots.Series("W", "is-first", [10, None]), plots.Series("M", "is-second", [40, None])
    drawn = plots.hourly("P", begins, [wait, most], plots.clock, caps=True)
    assert float(drawn.bars[1].y) == pytest.approx(plots.TOP - 1) and drawn.bars[1].height == "2.0"
    assert [values for _hour, values in drawn.rows] == [["–", "–"], ["0:10", "0:40"]]
