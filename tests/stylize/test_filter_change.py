"""Changing and deleting a saved style: the litany; a barred one stays private; files go with the last to need them."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from people.models import User
from stylize import filter_views, housekeeping, tasks
from stylize.models import Filter, Job, Style, Upload
from tests import make

MINE = "/styles/mine/"


def address(found: Filter) -> str:
    return reverse("stylize:filter", args=[found.key])


def form(**fields: str) -> dict[str, str]:
    return {"name": "Calm", "shown": "private"} | fields


@pytest.fixture
def saved(alice: User, style: Style) -> Filter:
    return make.filter(alice, style, name="Stormy", controls={"strength": 5.0})


def test_works(as_alice: Client, saved: Filter) -> None:
    page = as_alice.get(address(saved))
    assert (page.context["form"]["name"].value(), page.context["form"]["strength"].value()) == ("Stormy", 5.0)
    answer = as_alice.post(address(saved), form(shown="public", colours="photo"))
    assert answer["Location"] == MINE
    saved.refresh_from_db()
    assert (saved.name, saved.is_public, saved.controls) == ("Calm", True, {"colours": "photo"})


def test_its_own_name_may_stay(as_alice: Client, saved: Filter) -> None:
    assert as_alice.post(address(saved), form(name="Stormy", shown="public")).status_code == 302


def test_the_name_of_another_is_refused(as_alice: Client, alice: User, saved: Filter, style: Style) -> None:
    make.filter(alice, style, name="Calm")
    answer = as_alice.post(address(saved), form())
    assert answer.status_code == 400
    assert "of this name already" in answer.content.decode()


def test_a_barred_one_cannot_be_shown_again(as_alice: Client, saved: Filter) -> None:
    Filter.objects.filter(pk=saved.pk).update(is_barred=True)
    assert "Our staff have taken this style out" in as_alice.get(address(saved)).content.decode()
    answer = as_alice.post(address(saved), form(shown="public"))
    assert answer.status_code == 400
    assert "taken out of the gallery by our staff" in answer.content.decode()
    assert as_alice.post(address(saved), form(shown="private")).status_code == 302
    saved.refresh_from_db()
    assert (saved.name, saved.is_public) == ("Calm", False)


@pytest.mark.django_db
def test_control_a_barred_one_in_the_gallery_is_refused_by_the_database(saved: Filter) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Filter.objects.filter(pk=saved.pk).update(is_barred=True, is_public=True)


def test_bad_input_shows_the_form_again(as_alice: Client, saved: Filter) -> None:
    assert as_alice.post(address(saved), form(name="\x00")).status_code == 400
    saved.refresh_from_db()
    assert saved.name == "Stormy"


def test_stranger_404(as_bob: Client, saved: Filter) -> None:
    Filter.objects.update(is_public=True)
    assert as_bob.get(address(saved)).status_code == 404
    assert as_bob.post(address(saved), form()).status_code == 404
    assert as_bob.post(f"{address(saved)}delete").status_code == 404
    assert Filter.objects.get().name == "Stormy"


def test_anonymous_is_sent_to_sign_in(anonymous: Client, saved: Filter) -> None:
    for answer in (anonymous.get(MINE), anonymous.get(address(saved)), anonymous.post(f"{address(saved)}delete")):
        assert answer["Location"].startswith("/accounts/login/?next=")
    assert Filter.objects.exists()


def test_wrong_method_405(as_alice: Client, saved: Filter) -> None:
    assert as_alice.put(address(saved)).status_code == 405
    assert as_alice.get(f"{address(saved)}delete").status_code == 405


def test_ones_own_styles_are_paged(as_alice: Client, alice: User, bob: User, style: Style) -> None:
    made = [make.filter(alice, style, name=f"No {n}") for n in range(filter_views.PAGE + 1)]
    make.filter(bob, style, name="Another's")
    first = as_alice.get(MINE)
    assert first.context["filters"] == made[:0:-1]
    assert as_alice.get(f"{MINE}?before={first.context['older']}").context["filters"] == made[:1]


def test_an_empty_page_says_what_to_do(as_alice: Client) -> None:
    assert "No style saved yet" in as_alice.get(MINE).content.decode()


# Deleting ------------------------------------------------------------------------------------------------------------


def files(settings: LazySettings) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_with_the_last_who_needs_it_the_style_goes_with_its_files(
    as_alice: Client, saved: Filter, settings: LazySettings
) -> None:
    assert files(settings)
    assert as_alice.post(f"{address(saved)}delete")["Location"] == MINE
    assert not Filter.objects.exists() and not Style.objects.exists() and not Upload.objects.exists()
    assert not files(settings)


def test_a_style_that_somebody_has_saved_outlives_its_picture(bob: User, alice: User) -> None:
    job = make.done_job(alice)
    saved = make.filter(bob, job.styles.get())
    housekeeping.delete_job(job)
    assert Filter.objects.get(pk=saved.pk).style.image.file


@pytest.mark.parametrize("user", ["a picture", "another filter", "the house"])
def test_a_style_that_is_needed_stays(as_alice: Client, alice: User, bob: User, user: str) -> None:
    style = make.done_job(alice).styles.get() if user == "a picture" else make.style(alice, listed=user == "the house")
    saved = make.filter(alice, style)
    if user == "another filter":
        make.filter(bob, style)
    as_alice.post(f"{address(saved)}delete")
    assert Style.objects.filter(pk=style.pk).exists() and Upload.objects.filter(pk=style.image_id).exists()


def test_a_saved_style_does_not_expire_and_one_that_nobody_saved_does(alice: User, saved: Filter) -> None:
    other = make.style(alice)
    Style.objects.update(created_at="2020-01-01T00:00Z")
    Upload.objects.update(created_at="2020-01-01T00:00Z")
    tasks.expire()
    assert list(Style.objects.all()) == [saved.style] != [other]


def test_uses_are_counted_anew_after_deletions(alice: User, bob: User) -> None:
    job = make.done_job(alice)
    style = job.styles.get()
    saved = make.filter(bob, style)
    assert style.uses == 1
    Style.objects.filter(pk=style.pk).update(uses=7)
    Filter.objects.filter(pk=saved.pk).update(uses=9)
    tasks.recount()
    style.refresh_from_db()
    saved.refresh_from_db()
    assert (style.uses, saved.uses) == (1, 1)
    Job.objects.filter(pk=job.pk).update(status=Job.Status.FAILED, failure=Job.Failure.GONE)
    tasks.recount()
    style.refresh_from_db()
    saved.refresh_from_db()
    assert (style.uses, saved.uses) == (0, 0)
