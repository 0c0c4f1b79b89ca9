"""Changing who may see a picture: the litany."""

import pytest
from django.test import Client
from django.urls import reverse

from people.models import User
from stylize.models import Job
from tests import make


def address(job: Job) -> str:
    return reverse("stylize:show", args=[job.key])


@pytest.mark.parametrize("visibility", Job.Visibility.values)
@pytest.mark.parametrize("show_photo", [True, False])
def test_works(as_alice: Client, alice: User, visibility: str, show_photo: bool) -> None:
    job = make.done_job(alice)
    form = {"visibility": visibility} | ({"show_photo": "on"} if show_photo else {})
    assert as_alice.post(address(job), form).status_code == 302
    job.refresh_from_db()
    assert (job.visibility, job.show_photo) == (visibility, show_photo)


def test_bad_input_changes_nothing_and_says_so(as_alice: Client, alice: User) -> None:
    job = make.done_job(alice)
    page = as_alice.post(address(job), {"visibility": "everybody", "show_photo": "on"}, follow=True)
    job.refresh_from_db()
    assert (job.visibility, job.show_photo) == ("public", False)
    assert "Choose one of the three" in page.content.decode()


def test_the_life_of_the_job_is_out_of_reach(as_alice: Client, alice: User) -> None:
    job = make.job(alice, tier="hd", iterations=100)
    as_alice.post(address(job), {"visibility": "public", "status": "queued", "amount_minor": "0"})
    job.refresh_from_db()
    assert (job.status, job.amount_minor) == (Job.Status.UNPAID, 5000)


def test_hidden_its_files_are_gone_at_once_and_proxies_were_told_to_ask_soon(
    as_alice: Client, anonymous: Client, alice: User
) -> None:
    job = make.done_job(alice, show_photo=True)
    files = [reverse("stylize:result_file", args=[job.key, name]) for name in ("card.webp", "large.avif", "share.jpg")]
    files += [reverse(f"stylize:{name}", args=args) for name, args in (
        ("photo_file", [job.key, "card.webp"]), ("job_style_file", [job.key, 0, "card.webp"]),
    )]  # fmt: skip
    for file in files:
        answer = anonymous.get(file)
        assert answer.headers["Cache-Control"] == "public, max-age=86400, s-maxage=300"
    as_alice.post(address(job), {"visibility": "public"})  # without the photo
    assert anonymous.get(files[3]).status_code == 404
    as_alice.post(address(job), {"visibility": "private"})
    assert {anonymous.get(file).status_code for file in files} == {404}


def test_stranger_404(as_bob: Client, alice: User) -> None:
    assert as_bob.post(address(make.done_job(alice)), {"visibility": "private"}).status_code == 404


def test_anonymous_404(anonymous: Client, alice: User) -> None:
    assert anonymous.post(address(make.done_job(alice)), {"visibility": "private"}).status_code == 404


def test_wrong_method_405(as_alice: Client, alice: User) -> None:
    assert as_alice.get(address(make.done_job(alice))).status_code == 405
