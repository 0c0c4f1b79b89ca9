"""Ordering a painting: the litany, and that nothing good is lost."""

import dataclasses
import errno
import io
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import LazySettings
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from people.models import User
from stylize import intake, jobs, pictures, tiers
from stylize.models import Job, Style, Upload
from tests import make
from tests.stylize import bad_pictures

CREATE = "stylize:create"
ADDRESS = "/paint/"


def files_on_disk(settings: LazySettings) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def bad() -> SimpleUploadedFile:
    return SimpleUploadedFile("photo.jpg", b"not a picture at all", "image/jpeg")


def test_works(as_alice: Client, alice: User) -> None:
    answer = as_alice.post(ADDRESS, make.form(show_photo="on"))
    job = Job.objects.get()
    assert answer.headers["Location"] == reverse("stylize:job", args=[job.key])
    assert (job.owner, job.status, job.tier, job.iterations) == (alice, Job.Status.QUEUED, "free", 1)
    assert (job.visibility, job.show_photo) == ("public", True)
    assert (job.photo.width, job.photo.height) == (120, 90)


def test_anonymous_becomes_a_guest(anonymous: Client, db: None) -> None:
    assert anonymous.post(ADDRESS, make.form()).status_code == 302
    assert Job.objects.get().owner.is_guest


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_wrong_method(as_alice: Client, method: str) -> None:
    assert getattr(as_alice, method)(ADDRESS).status_code == 405


@pytest.mark.parametrize("who", ["as_alice", "anonymous"])
def test_a_photo_is_shown_only_by_ones_own_choice(request: pytest.FixtureRequest, db: None, who: str) -> None:
    page = request.getfixturevalue(who).get(ADDRESS)
    assert page.context["form"]["show_photo"].value() is False


def test_the_same_photo_again_brings_its_choices(as_alice: Client, alice: User) -> None:
    job = make.job(alice, tier="hd", iterations=300, visibility="private")
    chosen = as_alice.get(ADDRESS, {"photo": job.photo.key}).context["form"]
    assert chosen.kept_photo == job.photo
    for field, value in (("visibility", "private"), ("show_photo", False), ("tier", "hd"), ("iterations", 300)):
        assert chosen[field].value() == value


def test_the_upload_keeps_its_full_size(as_alice: Client) -> None:
    as_alice.post(ADDRESS, make.form(photo=make.file(image=make.picture(1500, 1000))))
    job = Job.objects.get()
    assert (job.photo.width, job.photo.height) == (1500, 1000)
    assert pictures.open_upload(job.photo).size == (1500, 1000)
    assert (job.width, job.height) == (600, 400)


@pytest.mark.parametrize("name", bad_pictures.kinds())
def test_a_bad_photo_is_a_clear_4xx_and_stores_nothing(as_alice: Client, settings: LazySettings, name: str) -> None:
    sent = SimpleUploadedFile("photo.jpg", bad_pictures.kinds()[name](), "image/jpeg")
    answer = as_alice.post(ADDRESS, make.form(photo=sent, style_image=None))
    assert 400 <= answer.status_code < 500
    assert answer.context["form"].errors["photo"][0]
    assert not Upload.objects.exists()
    assert not files_on_disk(settings)


def test_with_a_bad_photo_the_good_style_is_kept_and_shown_as_chosen(as_alice: Client, alice: User) -> None:
    answer = as_alice.post(ADDRESS, make.form(photo=bad()))
    assert answer.status_code == 400
    style = Style.objects.get()
    assert style.key in answer.content.decode()
    again = as_alice.post(ADDRESS, make.form(style_image=None, style_key=style.key))
    assert again.status_code == 302
    assert list(Job.objects.get().styles.all()) == [style]


def test_with_a_bad_style_the_good_photo_is_kept_and_shown_as_chosen(as_alice: Client) -> None:
    answer = as_alice.post(ADDRESS, make.form(style_image=bad()))
    assert answer.status_code == 400
    photo = Upload.objects.get()
    assert reverse("stylize:upload_file", args=[photo.key, "card.webp"]) in answer.content.decode()
    assert as_alice.post(ADDRESS, make.form(photo=None, photo_kept=photo.key)).status_code == 302
    assert Job.objects.get().photo == photo


def test_a_new_bad_photo_does_not_fall_back_to_the_kept_one(as_alice: Client, photo: Upload) -> None:
    answer = as_alice.post(ADDRESS, make.form(photo=bad(), photo_kept=photo.key))
    assert answer.status_code == 400
    assert not Job.objects.exists()


def test_somebody_elses_upload_cannot_be_chosen(as_bob: Client, photo: Upload) -> None:
    answer = as_bob.post(ADDRESS, make.form(photo=None, photo_kept=photo.key))
    assert answer.status_code == 400
    assert not Job.objects.exists()


def test_a_strangers_private_style_cannot_be_chosen(as_bob: Client, style: Style) -> None:
    assert as_bob.post(ADDRESS, make.form(style_image=None, style_key=style.key)).status_code == 400


def test_the_style_of_a_public_picture_can_be_chosen(as_bob: Client, alice: User) -> None:
    style = make.done_job(alice).styles.get()
    assert as_bob.post(ADDRESS, make.form(style_image=None, style_key=style.key)).status_code == 302


def test_a_gallery_style_can_be_chosen(as_bob: Client, alice: User) -> None:
    style = make.style(alice, listed=True, name="Waves")
    assert as_bob.post(ADDRESS, make.form(style_image=None, style_key=style.key)).status_code == 302


@pytest.mark.parametrize(
    ("field", "value", "where"),
    [
        ("photo", None, "photo"),
        ("style_image", None, "style_image"),
        ("tier", "gold", "tier"),
        ("visibility", "secret", "visibility"),
        ("form_token", "x", "form_token"),
    ],
)
def test_bad_input_shows_the_form_again(as_alice: Client, field: str, value: str | None, where: str) -> None:
    answer = as_alice.post(ADDRESS, make.form(**{field: value}))
    assert answer.status_code == 400
    assert answer.context["form"].errors[where]
    assert not Job.objects.exists()


@pytest.mark.parametrize("iterations", ["", "99", "125", "1050", "many"])
def test_hd_sells_only_its_steps(as_alice: Client, iterations: str) -> None:
    answer = as_alice.post(ADDRESS, make.form(tier="hd", iterations=iterations))
    assert answer.status_code == 400
    assert answer.context["form"].errors["iterations"]


def test_a_price_from_the_browser_is_ignored(as_alice: Client) -> None:
    as_alice.post(ADDRESS, make.form(tier="hd", iterations="550", amount_minor="1", price="1"))
    job = Job.objects.get()
    assert (job.amount_minor, job.status) == (15000, Job.Status.UNPAID)


def test_free_is_one_iteration_whatever_the_slider_said(as_alice: Client) -> None:
    as_alice.post(ADDRESS, make.form(iterations="1000"))
    assert Job.objects.get().iterations == 1


def test_a_form_sent_twice_is_one_job(as_alice: Client) -> None:
    form = make.form()
    first = as_alice.post(ADDRESS, form)
    second = as_alice.post(ADDRESS, make.form(form_token=form["form_token"]))
    assert first.headers["Location"] == second.headers["Location"]
    assert Job.objects.count() == 1


def test_a_long_photo_that_stays_high_enough_is_taken(as_alice: Client) -> None:
    slim = make.file(image=make.picture(1280, 160))  # 8:1, at 600 px 75 px high
    assert as_alice.post(ADDRESS, make.form(photo=slim)).status_code == 302
    short = make.file(image=make.picture(560, 70))  # not enlarged: still 70 px high
    assert as_alice.post(ADDRESS, make.form(photo=short)).status_code == 302


def test_a_photo_that_would_become_too_narrow_is_kept_and_told_so(
    as_alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No tier of today is so small; a smaller one must not sell what the network cannot paint."""
    tiny = dataclasses.replace(tiers.FREE, max_side=200)
    monkeypatch.setitem(tiers.TIERS, "free", tiny)
    answer = as_alice.post(ADDRESS, make.form(photo=make.file(image=make.picture(800, 200))))
    assert answer.status_code == 400
    assert "50 on its short side" in answer.content.decode()
    assert answer.context["form"].kept_photo


def test_too_many_jobs_is_a_429_and_the_pictures_are_kept(as_alice: Client) -> None:
    for _job in range(3):
        as_alice.post(ADDRESS, make.form())
    answer = as_alice.post(ADDRESS, make.form())
    assert answer.status_code == 429
    assert answer.context["form"].kept_photo
    assert "not finished" in answer.content.decode()
    assert Job.objects.count() == 3


def test_a_newcomers_double_click_is_one_job_and_both_answers_lead_there(db: None) -> None:
    """Neither click has a session yet; whichever answer the browser keeps, its cookie opens the job."""
    form = make.form()
    first, second = Client(), Client()
    page = first.post(ADDRESS, form).headers["Location"]
    assert second.post(ADDRESS, make.form(form_token=form["form_token"])).headers["Location"] == page
    assert Job.objects.count() == 1
    assert first.get(page).status_code == second.get(page).status_code == 200


def test_a_newcomers_clicks_at_the_very_same_moment_are_one_job(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    form = make.form()
    first, second = Client(), Client()
    page = first.post(ADDRESS, form).headers["Location"]
    look, blind = jobs.made_by_form, iter([True])  # the second click looked before the first had written
    monkeypatch.setattr(jobs, "made_by_form", lambda token: None if next(blind, False) else look(token))
    assert second.post(ADDRESS, make.form(form_token=form["form_token"])).headers["Location"] == page
    assert Job.objects.count() == 1
    assert second.get(page).status_code == 200


def test_somebody_elses_form_token_gives_a_new_form_and_nothing_of_theirs(as_alice: Client, as_bob: Client) -> None:
    form = make.form()
    as_alice.post(ADDRESS, form)
    answer = as_bob.post(ADDRESS, make.form(form_token=form["form_token"]))
    assert answer.status_code == 409
    again = answer.context["form"]
    assert str(again["form_token"].value()) != form["form_token"]
    kept = again.choices_kept
    sent = make.form(photo=None, style_image=None, form_token=str(again["form_token"].value()), **kept)
    assert as_bob.post(ADDRESS, sent).status_code == 302
    assert Job.objects.count() == 2


def test_signing_in_elsewhere_while_sending_loses_nothing(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    guest = make.guest()
    order = make.order(guest)
    for model in (Upload, Style):
        model._default_manager.filter(owner=guest).update(owner=alice)
    guest.delete()
    with pytest.raises(jobs.Conflict):
        jobs.submit(guest, order)


def test_unused_pictures_of_one_owner_do_not_pile_up(as_alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MOST_UNUSED", 2)
    for _form in range(5):
        as_alice.post(ADDRESS, make.form(style_image=None))
    assert Upload.objects.count() == 3


def test_a_full_disk_is_a_503_and_leaves_nothing(
    as_alice: Client, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk fills up while the second small copy of the photo is written."""
    write = FileSystemStorage.save
    written: list[str] = []

    def fill_up(storage: FileSystemStorage, name: str, content: Any, max_length: int | None = None) -> str:
        written.append(name)
        if len(written) > 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(storage, name, content, max_length)

    monkeypatch.setattr(FileSystemStorage, "save", fill_up)
    answer = as_alice.post(ADDRESS, make.form())
    assert answer.status_code == 503
    assert "could not be saved" in answer.content.decode()
    assert len(written) == 3
    assert not files_on_disk(settings)
    assert not Upload.objects.exists()


def test_a_body_over_the_limit_is_413_before_it_is_read(as_alice: Client, settings: LazySettings) -> None:
    settings.MAX_BODY_BYTES = 10_000
    big = io.BytesIO()
    Image.effect_noise((300, 300), 90).save(big, "PNG")
    answer = as_alice.post(ADDRESS, make.form(photo=SimpleUploadedFile("x.png", big.getvalue())))
    assert answer.status_code == 413
    assert "25 MB" in answer.content.decode()


def test_use_this_style_starts_with_the_style_chosen(as_bob: Client, alice: User) -> None:
    style = make.style(alice, listed=True, name="Waves")
    page = as_bob.get(ADDRESS, {"style": style.key})
    assert page.context["form"].kept_style == style


def test_a_broker_that_is_away_costs_no_job(as_alice: Client) -> None:
    with patch("stylize.dispatch.current_app.send_task", side_effect=OSError("connection refused")):
        assert as_alice.post(ADDRESS, make.form()).status_code == 302
    assert Job.objects.get().status == Job.Status.QUEUED
