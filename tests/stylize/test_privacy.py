"""Who sees what: pages and files of public, unlisted and private pictures, for everybody."""

import pytest
from django.test import Client
from django.urls import reverse

from people.models import User
from stylize.models import Job
from tests import make

PUBLIC, UNLISTED, PRIVATE = Job.Visibility.values
WHO = ("as_alice", "as_bob", "anonymous")


def addresses(job: Job) -> dict[str, str]:
    return {
        "page": reverse("feed:post", args=[job.key]),
        "result": reverse("stylize:result_file", args=[job.key, "card.webp"]),
        "master": reverse("stylize:result_file", args=[job.key, "master.png"]),
        "style": reverse("stylize:job_style_file", args=[job.key, 0, "card.webp"]),
        "photo": reverse("stylize:photo_file", args=[job.key, "card.webp"]),
        "own page": reverse("stylize:job", args=[job.key]),
        "photo upload": reverse("stylize:upload_file", args=[job.photo.key, "card.webp"]),
        "style itself": reverse("stylize:style_file", args=[job.styles.get().key, "card.webp"]),
    }


def seen(client: Client, job: Job) -> set[str]:
    answers = {name: client.get(address).status_code for name, address in addresses(job).items()}
    assert set(answers.values()) <= {200, 302, 404}
    return {name for name, status in answers.items() if status == 200}


PICTURE = {"page", "result", "master", "style"}
STRANGERS_SEE = {
    (PUBLIC, True): PICTURE | {"photo", "style itself"},
    (PUBLIC, False): PICTURE | {"style itself"},
    (UNLISTED, True): PICTURE | {"photo"},
    (UNLISTED, False): PICTURE,
    (PRIVATE, True): set(),
    (PRIVATE, False): set(),
}


@pytest.mark.parametrize("who", ["as_bob", "anonymous"])
@pytest.mark.parametrize(("visibility", "show_photo"), STRANGERS_SEE)
def test_strangers_see_what_is_shown_and_nothing_else(
    request: pytest.FixtureRequest, alice: User, who: str, visibility: str, show_photo: bool
) -> None:
    job = make.done_job(alice, visibility=visibility, show_photo=show_photo)
    assert seen(request.getfixturevalue(who), job) == STRANGERS_SEE[visibility, show_photo]


@pytest.mark.parametrize("visibility", Job.Visibility.values)
def test_the_owner_sees_everything(as_alice: Client, alice: User, visibility: str) -> None:
    job = make.done_job(alice, visibility=visibility)
    assert seen(as_alice, job) == set(addresses(job))


@pytest.mark.parametrize("status", [status for status in Job.Status.values if status != Job.Status.DONE])
def test_strangers_see_nothing_of_a_picture_that_is_not_done(as_bob: Client, alice: User, status: str) -> None:
    job = make.in_status(alice, status)
    assert seen(as_bob, job) == set()


@pytest.mark.parametrize("who", ["as_bob", "anonymous"])
@pytest.mark.parametrize("visibility", [PUBLIC, UNLISTED])
def test_the_address_of_ones_own_page_leads_others_to_the_one_for_all(
    request: pytest.FixtureRequest, alice: User, who: str, visibility: str
) -> None:
    job = make.done_job(alice, visibility=visibility)
    answer = request.getfixturevalue(who).get(reverse("stylize:job", args=[job.key]))
    assert (answer.status_code, answer["Location"]) == (302, reverse("feed:post", args=[job.key]))


@pytest.mark.parametrize(("visibility", "noticed"), [(PUBLIC, True), (UNLISTED, False), (PRIVATE, False)])
def test_only_the_page_of_a_public_picture_is_open_to_search(
    as_alice: Client, alice: User, visibility: str, noticed: bool
) -> None:
    job = make.done_job(alice, visibility=visibility)
    page = as_alice.get(reverse("stylize:job", args=[job.key])).content.decode()
    assert ('content="noindex"' not in page) == noticed
    assert (f'rel="canonical" href="http://testserver/p/{job.key}/"' in page) == noticed


def test_making_a_picture_private_closes_every_address(as_alice: Client, as_bob: Client, alice: User) -> None:
    job = make.done_job(alice, show_photo=True)
    assert seen(as_bob, job)
    as_alice.post(reverse("stylize:show", args=[job.key]), {"visibility": PRIVATE})
    assert seen(as_bob, job) == set()


@pytest.mark.parametrize(("visibility", "cached"), [(PUBLIC, "public"), (UNLISTED, "private"), (PRIVATE, "private")])
def test_only_public_pictures_may_be_cached_by_others(
    as_alice: Client, alice: User, visibility: str, cached: str
) -> None:
    job = make.done_job(alice, visibility=visibility)
    answer = as_alice.get(addresses(job)["result"])
    assert answer.headers["Cache-Control"].startswith(cached)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == "image/webp"


@pytest.mark.parametrize("variant", ["secret.png", "..", "master.png.bak", "card.jpg"])
def test_an_unknown_variant_is_404(as_alice: Client, alice: User, variant: str) -> None:
    job = make.done_job(alice)
    assert as_alice.get(f"/pictures/{job.key}/{variant}").status_code == 404
    assert as_alice.get(f"/uploads/{job.photo.key}/{variant}").status_code == 404


def test_a_style_position_beyond_the_last_is_404(as_alice: Client, alice: User) -> None:
    job = make.done_job(alice)
    assert as_alice.get(reverse("stylize:job_style_file", args=[job.key, 7, "card.webp"])).status_code == 404


def test_download_has_a_readable_name(as_alice: Client, alice: User) -> None:
    answer = as_alice.get(addresses(make.done_job(alice))["master"], {"download": ""})
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="ostagram-')
    assert answer.headers["Content-Disposition"].endswith('.png"')


def test_a_file_that_is_missing_on_disk_is_404(as_alice: Client, alice: User) -> None:
    job = make.done_job(alice)
    Job.objects.update(result="results/aa/gone-1")
    assert as_alice.get(addresses(job)["result"]).status_code == 404


def test_the_master_is_a_png_of_the_sold_size(as_alice: Client, alice: User) -> None:
    answer = as_alice.get(addresses(make.done_job(alice))["master"])
    assert b"".join(answer.streaming_content).startswith(b"\x89PNG")  # type: ignore[attr-defined]
