"""What staff do: release and cancel; nothing else about a job's life can be changed by hand."""

import pytest
from django.forms import ModelForm
from django.test import Client
from django.urls import reverse

from people.models import User
from stylize import dispatch, jobs
from stylize.models import Job
from tests import make

JOBS = "/admin/stylize/job/"


@pytest.fixture
def staff(db: None) -> Client:
    client = Client()
    client.force_login(make.user("staff", is_staff=True, is_superuser=True))
    return client


@pytest.fixture(autouse=True)
def calls(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Wake-up calls are counted, not sent."""
    sent: list[int] = []
    monkeypatch.setattr(dispatch, "wake", lambda times=1: sent.append(times))
    return sent


def act(staff: Client, action: str, *chosen: Job) -> None:
    form = {"action": action, "_selected_action": [job.pk for job in chosen]}
    assert staff.post(JOBS, form, follow=True).status_code == 200


def test_staff_release_a_paid_job_to_the_line(staff: Client, alice: User, calls: list[int]) -> None:
    paid = make.job(alice, tier="premium", iterations=600)
    act(staff, "release", paid)
    paid.refresh_from_db()
    assert paid.status == Job.Status.QUEUED
    assert paid.rank is not None
    assert calls == [1]


def test_releasing_twice_is_releasing_once(staff: Client, alice: User) -> None:
    paid = make.job(alice, tier="premium", iterations=600)
    act(staff, "release", paid)
    rank = Job.objects.get().rank
    act(staff, "release", paid)
    assert Job.objects.get().rank == rank


@pytest.mark.parametrize("status", [status for status in Job.Status.values if status != "unpaid"])
def test_only_an_unpaid_job_is_released(staff: Client, alice: User, status: str) -> None:
    job = make.in_status(alice, status)
    act(staff, "release", job)
    job.refresh_from_db()
    assert job.status == status


def test_staff_cancel(staff: Client, alice: User) -> None:
    act(staff, "cancel", make.job(alice))
    assert Job.objects.get().status == Job.Status.CANCELLED


def test_the_form_changes_who_may_see_it_and_nothing_else(staff: Client, alice: User) -> None:
    job = make.job(alice)
    form = {"visibility": "private", "status": "done", "amount_minor": 1, "rank": -5, "strikes": 9}
    staff.post(f"{JOBS}{job.pk}/change/", form)
    after = Job.objects.get()
    assert (after.visibility, after.status, after.amount_minor) == ("private", Job.Status.QUEUED, 0)
    assert (after.rank, after.strikes) == (job.rank, 0)


@pytest.mark.parametrize("page", ["stylize/job", "stylize/style", "stylize/upload", "people/user"])
def test_staff_pages_open_and_offer_neither_adding_nor_deleting(staff: Client, alice: User, page: str) -> None:
    make.done_job(alice)
    assert staff.get(f"/admin/{page}/").status_code == 200
    assert staff.get(f"/admin/{page}/add/").status_code == 403
    pk = {"job": Job.objects.get().pk, "user": alice.pk}.get(page.split("/")[1], alice.upload_set.earliest("pk").pk)
    assert staff.get(f"/admin/{page}/{pk}/delete/").status_code in (403, 302)


def test_the_staff_pages_have_a_content_policy_of_their_own(staff: Client, client: Client) -> None:
    assert "'unsafe-eval'" in staff.get(reverse("admin:index")).headers["Content-Security-Policy"]
    assert "unsafe" not in client.get("/").headers["Content-Security-Policy"]


def test_saving_the_form_does_not_undo_a_finish_at_the_same_moment(
    staff: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make.running_job(alice)
    valid = ModelForm.is_valid

    def finish_first(form: ModelForm) -> bool:  # type: ignore[type-arg]
        jobs.finish(job, jobs.Result(files="results/x/x-1", loss=1.0, engine_version="test", seed=7))
        return valid(form)

    monkeypatch.setattr(ModelForm, "is_valid", finish_first)
    staff.post(f"{JOBS}{job.pk}/change/", {"visibility": "private"})
    job.refresh_from_db()
    assert (job.status, job.result, job.visibility) == (Job.Status.DONE, "results/x/x-1", "private")
