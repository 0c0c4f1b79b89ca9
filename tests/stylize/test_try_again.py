"""Trying again with one click: the litany."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from people.models import User
from stylize import jobs
from stylize.models import Job
from tests import make

ENDED = ["failed", "cancelled"]


def again(job: Job) -> str:
    return reverse("stylize:again", args=[job.key])


def sent() -> dict[str, str]:
    return {"form_token": str(uuid.uuid4())}


@pytest.fixture
def failed(alice: User) -> Job:
    style = make.style(alice)
    job = make.running_job(alice, styles=((style, 2.0),), controls={"strength": 3.0}, protect=make.mask(alice))
    jobs.fail(job, Job.Failure.ERROR)
    job.refresh_from_db()
    return job


def test_works_with_the_same_recipe(as_alice: Client, failed: Job) -> None:
    answer = as_alice.post(again(failed), sent())
    new = Job.objects.exclude(pk=failed.pk).get()
    assert answer.headers["Location"] == reverse("stylize:job", args=[new.key])
    assert (new.status, new.strikes, new.fence, new.failure) == (Job.Status.QUEUED, 0, 0, "")
    for field in ("photo", "framing", "protect", "controls", "tier", "iterations", "width", "height", "visibility"):
        assert getattr(new, field) == getattr(failed, field), field
    assert list(new.style_links.values_list("style", "weight")) == list(
        failed.style_links.values_list("style", "weight")
    )
    failed.refresh_from_db()
    assert failed.status == Job.Status.FAILED


def test_a_paid_one_waits_for_payment(as_alice: Client, alice: User) -> None:
    job = make.job(alice, tier="hd", iterations=100)
    jobs.cancel(job)
    as_alice.post(again(job), sent())
    new = Job.objects.exclude(pk=job.pk).get()
    assert (new.status, new.amount_minor) == (Job.Status.UNPAID, job.amount_minor)


def test_the_page_says_why_and_has_the_button(as_alice: Client, failed: Job) -> None:
    page = as_alice.get(reverse("stylize:job", args=[failed.key])).content.decode()
    assert str(failed.get_failure_display()) in page
    assert f'action="{again(failed)}"' in page
    assert f"/paint/?again={failed.key}" in page


@pytest.mark.parametrize("failure", Job.Failure.values)
def test_every_failure_has_words(as_alice: Client, failed: Job, failure: str) -> None:
    Job.objects.update(failure=failure)
    page = as_alice.get(reverse("stylize:job", args=[failed.key])).content.decode()
    words = Job.Failure(failure).label
    assert words.endswith(".")
    assert str(words) in page


def test_a_double_click_is_one_order(as_alice: Client, failed: Job) -> None:
    form = sent()
    once, twice = as_alice.post(again(failed), form), as_alice.post(again(failed), form)
    assert once.headers["Location"] == twice.headers["Location"]
    assert Job.objects.count() == 2


@pytest.mark.parametrize("status", [status for status in Job.Status.values if status not in ENDED])
def test_what_has_not_failed_is_404(as_alice: Client, alice: User, status: str) -> None:
    assert as_alice.post(again(make.in_status(alice, status)), sent()).status_code == 404
    assert Job.objects.count() == 1


def test_too_many_unfinished_is_told(as_alice: Client, alice: User, failed: Job) -> None:
    for _job in range(3):
        make.job(alice)
    page = as_alice.post(again(failed), sent(), follow=True)
    assert "not finished yet" in page.content.decode()
    assert Job.objects.count() == 4


def test_stranger_404(as_bob: Client, failed: Job) -> None:
    assert as_bob.post(again(failed), sent()).status_code == 404


def test_anonymous_404(anonymous: Client, failed: Job) -> None:
    assert anonymous.post(again(failed), sent()).status_code == 404


def test_wrong_method_405(as_alice: Client, failed: Job) -> None:
    assert as_alice.get(again(failed)).status_code == 405
