"""Cancelling: the litany."""

import pytest
from django.test import Client
from django.urls import reverse

from people.models import User
from stylize.models import Job
from tests import make


def address(job: Job) -> str:
    return reverse("stylize:cancel", args=[job.key])


@pytest.mark.parametrize("status", ["unpaid", "queued", "running"])
def test_works_at_any_time_before_the_end(as_alice: Client, alice: User, status: str) -> None:
    job = make.in_status(alice, status)
    answer = as_alice.post(address(job))
    assert answer.headers["Location"] == reverse("stylize:job", args=[job.key])
    assert Job.objects.get().status == Job.Status.CANCELLED


@pytest.mark.parametrize("status", ["done", "failed", "cancelled"])
def test_what_has_ended_stays_as_it_ended(as_alice: Client, alice: User, status: str) -> None:
    job = make.in_status(alice, status)
    page = as_alice.post(address(job), follow=True)
    assert "finished already" in page.content.decode()
    assert Job.objects.get().status == status


def test_stranger_404(as_bob: Client, alice: User) -> None:
    job = make.job(alice)
    assert as_bob.post(address(job)).status_code == 404
    assert Job.objects.get().status == Job.Status.QUEUED


def test_anonymous_404(anonymous: Client, alice: User) -> None:
    assert anonymous.post(address(make.job(alice))).status_code == 404


def test_wrong_method_405(as_alice: Client, alice: User) -> None:
    assert as_alice.get(address(make.job(alice))).status_code == 405
