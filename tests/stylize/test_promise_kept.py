"""When the line is longer than is promised, free pictures are refused before the upload; nothing given is lost."""

import re
from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from people.models import User
from stylize import jobs, line
from stylize.models import Job
from stylize.workers import Worker
from tests import make

ADDRESS = "/paint/"
NOTE = "free pictures are not taken"


@pytest.fixture
def long_line(bob: User, settings: LazySettings) -> Job:
    """One free job in line that takes an hour and a half, before a promise of an hour."""
    settings.FREE_PROMISE_S = 3600
    job = make.job(bob)
    Job.objects.filter(pk=job.pk).update(cost=5400.0)
    make.worker(seconds_per_cost=1.0)
    cache.delete(line.SHARED)
    return job


def free_radio(page: str) -> str:
    (radio,) = re.findall(r'<input[^>]*value="free"[^>]*>', page)
    return str(radio)


def test_the_page_says_so_above_the_form_with_the_time_to_come_back(as_alice: Client, long_line: Job) -> None:
    answer = as_alice.get(ADDRESS)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert NOTE in page.partition("<h1")[2].partition("<form")[0]
    (iso,) = re.findall(r'<time datetime="([^"]+)">', page)
    assert datetime.fromisoformat(iso) - timezone.now() == pytest.approx(
        timedelta(minutes=30), abs=timedelta(minutes=2)
    )
    assert "disabled" in free_radio(page)
    assert "checked" not in free_radio(page)


def test_with_a_short_line_nothing_of_it_is_said(as_alice: Client, bob: User) -> None:
    make.worker(seconds_per_cost=1000 / make.job(bob).cost)
    page = as_alice.get(ADDRESS).content.decode()
    assert NOTE not in page
    assert "disabled" not in free_radio(page)


def test_a_free_form_that_comes_all_the_same_is_a_503_and_keeps_its_pictures(as_alice: Client, long_line: Job) -> None:
    answer = as_alice.post(ADDRESS, make.form(visibility="private"))
    assert answer.status_code == 503
    assert 1700 < int(answer.headers["Retry-After"]) <= 1860
    form = answer.context["form"]
    assert form.kept_photo and form.kept_style
    assert form["visibility"].value() == "private"
    page = answer.content.decode()
    assert NOTE in page and "Nothing you chose is lost" in page
    assert "checked" in free_radio(page) and "disabled" not in free_radio(page), "the same page may be sent again later"
    assert Job.objects.count() == 1
    jobs.cancel(long_line)
    cache.delete(line.SHARED)
    kept = form.choices_kept | {"form_token": str(form["form_token"].value())}
    assert as_alice.post(ADDRESS, make.form(photo=None, style_image=None, **kept)).status_code == 302


def test_paid_tiers_stay_open(as_alice: Client, long_line: Job) -> None:
    assert as_alice.post(ADDRESS, make.form(tier="premium")).status_code == 302
    assert as_alice.post(ADDRESS, make.form(tier="hd", iterations="300")).status_code == 302


def test_samples_and_unmeasured_kilns_are_not_refused(alice: User, long_line: Job) -> None:
    jobs.submit(alice, make.order(alice, sample=True))
    Worker.objects.all().delete()
    cache.delete(line.SHARED)
    jobs.submit(alice, make.order(alice))


def test_the_promise_is_judged_for_the_owners_own_place(alice: User, long_line: Job) -> None:
    with pytest.raises(jobs.LineTooLong) as refusal:
        jobs.submit(alice, make.order(alice))
    assert refusal.value.back_at > timezone.now()
    assert isinstance(refusal.value, jobs.TooManyJobs), "whoever handles the caps handles this"
