"""Watching a job: by page and by poll."""

import time
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from people.models import User
from stylize import jobs, line, progress
from stylize.models import Job
from tests import make


def address(job: Job) -> str:
    return reverse("stylize:watch", args=[progress.token_of(job.key)])


def speak(job: Job, **fields: Any) -> None:
    usual: dict[str, Any] = {"status": "running", "fraction": 0.5, "phase": "paint", "iteration": 3, "iterations": 9}
    progress.write(job.key, progress.Snapshot(**(usual | {"preview": 1} | fields)), preview=b"webp bytes")


def test_while_the_kiln_speaks_a_poll_costs_no_query(
    as_alice: Client, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    job = make.running_job(alice)
    speak(job, remaining_s=120, losses=[3.0, 2.0])
    with django_assert_num_queries(0):
        told = as_alice.get(address(job)).json()
    assert (told["status"], told["percent"], told["finished"]) == ("running", 50, False)
    assert told["title"] == "50 % · Painting"
    assert (told["curve"]["latest"], len(told["curve"]["points"].split())) == ("67\u00a0%", 2)
    assert told["detail"] == "Iteration 3 of 9. Ready in about 2 minutes."
    assert as_alice.get(told["preview"]).content == b"webp bytes"


def test_nothing_new_is_304(as_alice: Client, alice: User) -> None:
    job = make.running_job(alice)
    speak(job)
    first = as_alice.get(address(job))
    again = as_alice.get(address(job), headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    speak(job, fraction=0.6)
    news = as_alice.get(address(job), headers={"If-None-Match": first.headers["ETag"]})
    assert news.status_code == 200


@pytest.mark.parametrize("path", ["stylize:watch", "stylize:preview"])
@pytest.mark.parametrize("token", ["nonsense", "{key}", "{key}:wrong"])
def test_a_token_that_we_did_not_sign_opens_nothing(as_alice: Client, alice: User, path: str, token: str) -> None:
    job = make.running_job(alice)
    speak(job)
    assert as_alice.get(reverse(path, args=[token.format(key=job.key)])).status_code == 404


def test_in_line_the_place_is_told(as_alice: Client, alice: User, bob: User) -> None:
    make.job(bob)
    told = as_alice.get(address(make.job(alice))).json()
    assert (told["status"], told["headline"]) == ("queued", "1 picture before yours")


def test_many_watchers_of_a_job_in_line_cost_one_look(
    as_alice: Client, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    job = make.job(alice)
    as_alice.get(address(job))
    with django_assert_num_queries(0):
        as_alice.get(address(job))


def test_the_time_falls_while_the_kiln_is_silent(as_alice: Client, alice: User) -> None:
    job = make.running_job(alice)
    speak(job, remaining_s=45, told_at=time.time() - 12)
    assert as_alice.get(address(job)).json()["detail"] == "Iteration 3 of 9. Ready in about 30 seconds."


def test_before_the_kilns_first_word_the_time_is_that_of_the_usual_speed(as_alice: Client, alice: User) -> None:
    job = make.running_job(alice)
    Job.objects.filter(pk=make.done_job(alice).pk).update(cost=job.cost, seconds=120.0)
    assert as_alice.get(address(job)).json()["detail"] == "Ready in about 2 minutes."


def test_in_line_the_time_until_it_is_ready_is_told(as_alice: Client, alice: User) -> None:
    job = make.job(alice)
    make.worker(seconds_per_cost=2.0 / job.cost)
    cache.delete(line.SHARED)
    assert as_alice.get(address(job)).json()["detail"] == "Ready in about 10 seconds."


def test_who_is_overtaken_is_told_so(as_alice: Client, alice: User, bob: User) -> None:
    job = make.job(alice)
    make.worker(seconds_per_cost=60.0 / job.cost)
    cache.delete(line.SHARED)
    assert as_alice.get(address(job)).json()["note"] == ""
    first = make.job(bob)
    Job.objects.filter(pk=first.pk).update(rank=-1)
    progress.forget(job.key)
    cache.delete(line.SHARED)
    told = as_alice.get(address(job)).json()
    assert told["detail"] == "Ready in about 2 minutes."
    assert "another picture has its turn before yours" in told["note"]


def test_a_painting_that_was_interrupted_says_that_it_begins_again(as_alice: Client, alice: User) -> None:
    job = make.running_job(alice)
    jobs.put_back(job)
    page = as_alice.get(reverse("stylize:job", args=[job.key])).content.decode()
    assert "begins again by itself" in page


@pytest.mark.parametrize("status", ["done", "failed", "cancelled"])
def test_the_end_is_told(as_alice: Client, alice: User, status: str) -> None:
    assert as_alice.get(address(make.in_status(alice, status))).json()["finished"] is True


def test_a_deleted_job_is_404(as_alice: Client, alice: User) -> None:
    job = make.job(alice)
    where = address(job)
    job.delete()
    assert as_alice.get(where).status_code == 404


def no_cache(settings: Any) -> None:
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/1"}}


def test_without_the_cache_the_page_still_opens(as_alice: Client, alice: User, settings: Any) -> None:
    job = make.running_job(alice)
    no_cache(settings)
    assert as_alice.get(reverse("stylize:job", args=[job.key])).status_code == 200
    assert as_alice.get(address(job)).json()["status"] == "running"


def test_a_teller_that_fell_silent_is_not_believed_for_ever(as_alice: Client, alice: User) -> None:
    """The kiln was killed between finishing and its last word: after a while Postgres is asked."""
    job = make.running_job(alice)
    speak(job, told_at=time.time() - progress.STALE_S - 1)
    assert as_alice.get(address(job)).json()["percent"] == 50  # it still runs: a layer may take long
    jobs.cancel(job)
    assert as_alice.get(address(job)).json()["finished"] is True


def test_the_page_does_not_say_what_the_row_denies(as_alice: Client, alice: User) -> None:
    job = make.running_job(alice)
    speak(job, status="queued", ahead=0)
    assert as_alice.get(reverse("stylize:job", args=[job.key])).context["words"]["status"] == "running"


@pytest.mark.parametrize("status", Job.Status.values)
def test_the_page_opens_in_every_status(as_alice: Client, alice: User, status: str) -> None:
    job = make.in_status(alice, status)
    page = as_alice.get(reverse("stylize:job", args=[job.key]))
    assert page.status_code == 200
    unfinished = status in Job.Status.unfinished()
    assert ('http-equiv="refresh"' in page.content.decode()) is unfinished  # the same by plain reload
    assert (reverse("stylize:cancel", args=[job.key]) in page.content.decode()) is unfinished


def test_the_page_shows_the_loss_as_a_plot_and_as_a_table(as_alice: Client, alice: User) -> None:
    job = make.running_job(alice)
    speak(job, losses=[300.0, 40.0, 5.0])
    page = as_alice.get(reverse("stylize:job", args=[job.key])).content.decode()
    assert '<polyline data-curve-line points="52.0,14.0' in page
    assert "<td>300</td>" in page and "<td>5.00</td>" in page


def test_the_page_says_why_a_job_failed(as_alice: Client, alice: User) -> None:
    job = make.in_status(alice, "failed")
    assert "stopped three times" in as_alice.get(reverse("stylize:job", args=[job.key])).content.decode()


def test_a_long_curve_is_thinned_and_keeps_its_ends() -> None:
    losses = [float(value) for value in range(1000)]
    thin = progress.thinned(losses)
    assert len(thin) <= progress.CURVE_POINTS + 1
    assert (thin[0], thin[-1]) == (0.0, 999.0)
    assert progress.thinned([1.0, 2.0]) == [1.0, 2.0]


def test_the_kiln_goes_on_when_nobody_can_be_told(alice: User, settings: Any) -> None:
    job = make.running_job(alice)
    no_cache(settings)
    speak(job)
    assert progress.read(job.key) is None
    progress.forget(job.key)
    assert jobs.beat(job)
