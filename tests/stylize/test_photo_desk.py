"""The photo's desk, as the server sees it: turned, cropped, protected; bad values, nothing lost, nobody else's."""

import errno
import io
import re
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import LazySettings
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from PIL import Image

from people.models import User
from stylize import housekeeping, intake, jobs, pictures, queue, recipe, sweep, uploads
from stylize.framing import WHOLE, Framing
from stylize.models import Job, Mask, Upload
from tests import make

ADDRESS = "/paint/"
FRAMED = Framing(1, (0.0, 0.25, 1.0, 0.5))


def png(image: Image.Image, name: str = "mask.png") -> SimpleUploadedFile:
    return make.file(name, image, "PNG")


def files_on_disk(settings: LazySettings) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def large_photo() -> SimpleUploadedFile:
    return make.file(image=make.picture(800, 600))


def framed_job(owner: User, **fields: Any) -> Job:
    photo = make.upload(owner, make.picture(800, 600))
    return make.job(
        owner, photo=photo, framing=FRAMED, protect=fields.pop("protect", None) or make.mask(owner), **fields
    )


# Sent -----------------------------------------------------------------------------------------------------------------


def test_a_turned_and_cropped_photo_is_ordered_in_its_framed_size(as_alice: Client) -> None:
    answer = as_alice.post(ADDRESS, make.form(photo=large_photo(), turn="1", crop="0,0.25,1,0.5"))
    job = Job.objects.get()
    assert answer.headers["Location"] == reverse("stylize:job", args=[job.key])
    assert job.framing == FRAMED
    assert (job.width, job.height) == (600, 400)
    assert pictures.open_upload(job.photo).size == (800, 600)  # as it was given
    shown = as_alice.get(reverse("stylize:photo_file", args=[job.key, "large.webp"]))
    assert Image.open(io.BytesIO(b"".join(shown.streaming_content))).size == (600, 400)  # type: ignore[attr-defined]


def test_without_a_word_about_it_the_photo_is_whole(as_alice: Client) -> None:
    as_alice.post(ADDRESS, make.form())
    job = Job.objects.get()
    assert (job.framing, job.framed, job.protect) == (WHOLE, "", None)
    assert job.photo_files == job.photo.file


def test_a_mask_is_kept_with_the_job_and_its_facts_say_so(as_alice: Client) -> None:
    as_alice.post(ADDRESS, make.form(protect=png(make.half(2000, 1000))))
    job = Job.objects.get()
    assert job.protect
    mask = pictures.open_mask(job.protect)
    assert (mask.mode, mask.size) == ("L", (1024, 512))
    assert mask.getpixel((10, 10)) == 255 and mask.getpixel((1000, 500)) == 0
    page = as_alice.get(reverse("stylize:job", args=[job.key])).content.decode()
    assert "Parts of the photo are protected" in page


def test_a_plain_painting_says_nothing_of_protection(alice: User) -> None:
    assert recipe.lines(make.job(alice)) == []


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("turn", "4", "four ways"),
        ("turn", "-1", "four ways"),
        ("turn", "x", "four ways"),
        ("crop", "x", "Crop the photo again"),
        ("crop", "0,0,2,2", "Crop the photo again"),
        ("crop", "nan,nan,nan,nan", "Crop the photo again"),
        ("crop", "0,0,0.07,1", "only 56 by 600"),
        ("crop", "0,0,1,0.11", "8 times"),
        ("protect", SimpleUploadedFile("mask.png", b"no picture"), "not a picture we can read"),
        ("protect", SimpleUploadedFile("mask.png", b""), "empty"),
        ("protect", "all", "nothing is left to paint"),
        ("protect", "none", "protects nothing"),
        ("protect", "small", "at least 64"),
        ("protect", "heavy", "5 MB"),
    ],
)
def test_a_bad_value_is_told_and_nothing_is_lost(as_alice: Client, field: str, value: Any, words: str) -> None:
    made = {
        "all": lambda: png(Image.new("L", (64, 64), 255)),
        "none": lambda: png(Image.new("L", (64, 64))),
        "small": lambda: png(make.half(32, 32)),
        "heavy": lambda: SimpleUploadedFile("mask.png", b"\x89PNG\r\n\x1a\n" + bytes(uploads.MAX_MASK_BYTES)),
    }
    value = made[value]() if value in made else value
    answer = as_alice.post(ADDRESS, make.form(photo=large_photo(), **{field: value}))
    form = answer.context["form"]
    assert answer.status_code == 400
    assert words in str(form.errors[field])
    assert words in answer.content.decode()
    assert form.kept_photo and form.kept_style
    assert not Job.objects.exists()
    sent = make.form(photo=None, style_image=None, **form.choices_kept)
    sent |= {"crop": ""} if field == "crop" else {}
    assert as_alice.post(ADDRESS, sent | ({"turn": "0"} if field == "turn" else {})).status_code == 302


def test_a_transparent_mask_protects_only_what_is_painted_on_it(as_alice: Client) -> None:
    painted = Image.new("RGBA", (100, 100))
    painted.paste("white", (0, 0, 50, 100))
    as_alice.post(ADDRESS, make.form(protect=png(painted)))
    mask = Job.objects.get().protect
    assert mask
    assert pictures.open_mask(mask).getextrema() == (0, 255)


def test_framing_and_mask_survive_an_error_elsewhere(as_alice: Client) -> None:
    bad = SimpleUploadedFile("style.jpg", b"not a picture at all")
    chosen = {"turn": "3", "crop": "0.1,0,0.5,1", "protect": png(make.half())}
    answer = as_alice.post(ADDRESS, make.form(photo=large_photo(), style_image=bad, **chosen))
    kept, page = answer.context["form"].choices_kept, answer.content.decode()
    assert (kept["turn"], kept["crop"]) == ("3", "0.1,0,0.5,1")
    assert reverse("stylize:mask_file", args=[kept["protect_kept"]]) in page
    assert 'name="crop" value="3:0.1,0,0.5,1"' in page
    assert as_alice.post(ADDRESS, make.form(photo=None, **kept)).status_code == 302
    job = Job.objects.get()
    assert (job.framing, job.protect) == (Framing(3, (0.1, 0.0, 0.5, 1.0)), Mask.objects.get())


def test_a_mask_is_kept_beside_a_bad_photo(as_alice: Client) -> None:
    answer = as_alice.post(ADDRESS, make.form(photo=SimpleUploadedFile("x.jpg", b"no"), protect=png(make.half())))
    kept = answer.context["form"].choices_kept
    assert as_alice.post(ADDRESS, make.form(**{**kept, "photo_kept": "", "style_image": None})).status_code == 302
    assert Job.objects.get().protect == Mask.objects.get()


def test_a_kept_mask_does_not_go_with_another_framing(as_alice: Client, alice: User) -> None:
    """Without JavaScript nothing turns the mask along with the photo."""
    mask = make.mask(alice)
    sent = make.form(protect_kept=mask.key, protect_for="0:", turn="1")
    answer = as_alice.post(ADDRESS, sent)
    assert answer.status_code == 400
    assert "does not fit" in answer.content.decode()
    again = make.form(photo=None, style_image=None, **answer.context["form"].choices_kept)
    assert as_alice.post(ADDRESS, again).status_code == 302
    assert Job.objects.get().framing == Framing(1)


def test_another_photo_in_the_place_of_the_kept_one_comes_without_its_crop_and_mask(
    as_alice: Client, alice: User
) -> None:
    job = framed_job(alice)
    kept = as_alice.get(ADDRESS, {"again": job.key}).context["form"].choices_kept
    assert kept["photo_kept"] and kept["crop"] and kept["protect_kept"]
    assert as_alice.post(ADDRESS, make.form(style_image=None, **kept)).status_code == 302
    newest = Job.objects.latest("id")
    assert (newest.framing, newest.protect) == (Framing(1), None)  # the turn is a choice anybody sees


def test_the_framed_size_is_what_a_tier_must_be_able_to_paint(as_alice: Client, alice: User) -> None:
    wide = make.upload(alice, make.picture(2000, 1000))
    sent = make.form(photo=None, photo_kept=wide.key, crop="0,0,1,0.3")
    assert as_alice.post(ADDRESS, sent).status_code == 302
    assert (Job.objects.get().width, Job.objects.get().height) == (600, 90)


# A crop in numbers, and one that is kept under another turn -----------------------------------------------------------


def numbers(left: str = "", top: str = "", width: str = "", height: str = "") -> dict[str, str]:
    return {"crop_left": left, "crop_top": top, "crop_width": width, "crop_height": height}


def came_with(page: Any) -> dict[str, str]:
    """The fields of the crop as the page was sent, by their names."""
    names = ("crop", "protect_for", "turn", *numbers())
    content = page.content.decode()
    found = {name: re.search(rf'name="{name}"[^>]*?value="([^"]*)"', content) for name in names}
    turn = re.search(r'<option value="(\d)" selected>', content)
    return {name: match[1] if match else "" for name, match in found.items()} | {"turn": turn[1] if turn else "0"}


def test_a_crop_is_written_in_percent_of_the_turned_photo(as_alice: Client) -> None:
    sent = make.form(photo=large_photo(), turn="1", crop="0:", protect_for="0:", **numbers(top="25", height="50"))
    assert as_alice.post(ADDRESS, sent).status_code == 302
    assert Job.objects.get().framing == FRAMED


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (numbers("x"), "numbers from 0 to 100"),
        (numbers(width="nan"), "numbers from 0 to 100"),
        (numbers("-1"), "nothing is left"),
        (numbers("100"), "nothing is left"),
        (numbers(width="0"), "nothing is left"),
        (numbers("30", "", "80"), "beyond the photo"),
        (numbers("", "1", "", "99.5"), "beyond the photo"),
        (numbers(width="7"), "only 56 by 600"),
        (numbers(height="11"), "8 times"),
    ],
)
def test_numbers_that_are_no_crop_are_told_and_come_back_as_written(
    as_alice: Client, written: dict[str, str], words: str
) -> None:
    answer = as_alice.post(ADDRESS, make.form(photo=large_photo(), crop="0:", protect_for="0:", **written))
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert {name: came_with(answer)[name] for name in written} == written
    kept = answer.context["form"].choices_kept
    assert as_alice.post(ADDRESS, make.form(photo=None, style_image=None, **kept, **numbers())).status_code == 302
    assert Job.objects.get().framing == WHOLE


def test_numbers_survive_an_error_elsewhere(as_alice: Client) -> None:
    bad = SimpleUploadedFile("style.jpg", b"not a picture at all")
    sent = make.form(photo=large_photo(), style_image=bad, crop="0:", protect_for="0:", **numbers("12.5", width="33.3"))
    answer = as_alice.post(ADDRESS, sent)
    again = came_with(answer)
    assert {name: again[name] for name in numbers()} == numbers("12.5", "0.0", "33.3", "100.0")
    kept = answer.context["form"].choices_kept
    assert as_alice.post(ADDRESS, make.form(photo=None, **(kept | again))).status_code == 302
    assert Job.objects.get().framing == Framing(0, (0.125, 0.0, 0.333, 1.0))


def test_numbers_that_nobody_changed_leave_the_crop_as_exact_as_it_was(as_alice: Client, alice: User) -> None:
    crop = (0.123456, 0.234567, 0.5, 0.5)
    photo = make.upload(alice, make.picture(800, 600))
    job = make.job(alice, photo=photo, framing=Framing(1, crop))
    page = as_alice.get(ADDRESS, {"again": job.key})
    sent = page.context["form"].choices_kept | came_with(page)
    assert sent["crop_left"] == "12.35"
    assert as_alice.post(ADDRESS, make.form(photo=None, style_image=None, **sent)).status_code == 302
    assert Job.objects.latest("id").framing == Framing(1, crop)


@pytest.mark.parametrize(
    ("turn", "crop"),
    [(1, (0.0, 0.3, 0.5, 0.2)), (2, (0.5, 0.0, 0.2, 0.5)), (3, (0.5, 0.5, 0.5, 0.2)), (0, (0.3, 0.5, 0.2, 0.5))],
)
def test_a_kept_crop_turns_with_the_photo(as_alice: Client, alice: User, turn: int, crop: Any) -> None:
    """Without scripts nothing else would turn it."""
    photo = make.upload(alice, make.picture(1600, 1200))
    job = make.job(alice, photo=photo, framing=Framing(0, (0.3, 0.5, 0.2, 0.5)))
    page = as_alice.get(ADDRESS, {"again": job.key})
    sent = page.context["form"].choices_kept | came_with(page) | {"turn": str(turn)}
    assert as_alice.post(ADDRESS, make.form(photo=None, style_image=None, **sent)).status_code == 302
    assert Job.objects.latest("id").framing == Framing(turn, crop)


def test_numbers_that_are_emptied_bring_the_whole_photo_back(as_alice: Client, alice: User) -> None:
    page = as_alice.get(ADDRESS, {"again": framed_job(alice, protect=None).key})
    sent = page.context["form"].choices_kept | came_with(page) | numbers() | {"protect_kept": ""}
    assert as_alice.post(ADDRESS, make.form(photo=None, style_image=None, **sent)).status_code == 302
    assert Job.objects.latest("id").framing == Framing(1)


# Clicked twice --------------------------------------------------------------------------------------------------------


def test_a_form_sent_twice_leaves_one_job_and_no_files_of_the_second(
    as_alice: Client, alice: User, settings: LazySettings
) -> None:
    order = make.order(alice, framing=FRAMED, form_token="6ec6f7a9-9f2b-4b3d-8d0a-3c2e6f4cbb01")
    first = intake.submit(alice, order)
    before = files_on_disk(settings)
    assert intake.submit(alice, order) == first
    assert sorted(files_on_disk(settings)) == sorted(before)


def test_an_order_that_is_refused_leaves_no_framed_files(
    alice: User, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(owner: User, order: jobs.Order) -> Job:
        raise jobs.TooManyJobs("too many")

    order = make.order(alice, framing=FRAMED)
    before = files_on_disk(settings)
    monkeypatch.setattr(jobs, "submit", refuse)
    with pytest.raises(jobs.TooManyJobs):
        intake.submit(alice, order)
    assert sorted(files_on_disk(settings)) == sorted(before)


# Again ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("parameter", ["again", "photo"])
def test_the_same_photo_again_comes_as_it_was_framed(as_alice: Client, alice: User, parameter: str) -> None:
    job = framed_job(alice)
    form = as_alice.get(ADDRESS, {parameter: job.key if parameter == "again" else job.photo.key}).context["form"]
    assert form.kept_mask == job.protect
    assert as_alice.post(ADDRESS, make.form(photo=None, **form.choices_kept)).status_code == 302
    again = Job.objects.latest("id")
    assert (again.framing, again.protect) == (job.framing, job.protect)
    assert again.framed != job.framed


# Whose ----------------------------------------------------------------------------------------------------------------


def test_only_its_owner_sees_a_mask(as_alice: Client, as_bob: Client, anonymous: Client, alice: User) -> None:
    job = framed_job(alice)
    Job.objects.filter(pk=job.pk).update(status=Job.Status.DONE, result="results/aa/x-1", show_photo=True)
    assert job.protect
    address = reverse("stylize:mask_file", args=[job.protect.key])
    assert as_alice.get(address).headers["Content-Type"] == "image/png"
    assert as_alice.get(address).headers["Cache-Control"] == "private, no-store"
    assert as_bob.get(address).status_code == anonymous.get(address).status_code == 404
    assert as_bob.get("/masks/nobody.png").status_code == 404


def test_strangers_are_shown_the_framed_photo_only(as_bob: Client, alice: User) -> None:
    """What was cut away may be why it was cut."""
    job = framed_job(alice, show_photo=True)
    Job.objects.filter(pk=job.pk).update(status=Job.Status.DONE, result="results/aa/x-1")
    shown = as_bob.get(reverse("stylize:photo_file", args=[job.key, "card.webp"]))
    assert Image.open(io.BytesIO(b"".join(shown.streaming_content))).size == (600, 400)  # type: ignore[attr-defined]
    assert as_bob.get(reverse("stylize:upload_file", args=[job.photo.key, "card.webp"])).status_code == 404


def test_somebody_elses_mask_cannot_be_chosen(as_bob: Client, alice: User) -> None:
    sent = make.form(protect_kept=make.mask(alice).key, protect_for="0:")
    assert as_bob.post(ADDRESS, sent).status_code == 400
    assert not Job.objects.exists()


def test_a_mask_is_no_photo(as_alice: Client, alice: User) -> None:
    assert as_alice.post(ADDRESS, make.form(photo=None, photo_kept=make.mask(alice).key)).status_code == 400


# Deleted --------------------------------------------------------------------------------------------------------------


def test_with_the_job_its_mask_and_framed_files_go(alice: User, settings: LazySettings) -> None:
    housekeeping.delete_job(framed_job(alice))
    assert not files_on_disk(settings)
    assert not Mask.objects.exists() and not Upload.objects.exists()


def test_a_mask_that_another_picture_uses_is_kept(alice: User) -> None:
    mask = make.mask(alice)
    first, second = framed_job(alice, protect=mask), framed_job(alice, protect=mask)
    housekeeping.delete_job(first)
    assert pictures.open_mask(mask).size == (64, 64)
    housekeeping.delete_job(second)
    assert not Mask.objects.exists()


def test_masks_that_were_never_used_expire_and_do_not_pile_up(
    alice: User, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "MOST_UNUSED", 2)
    for _try in range(5):
        make.mask(alice)
        intake.tidy(alice)
    assert Mask.objects.count() == 3
    Mask.objects.update(created_at="2020-01-01T00:00Z")
    housekeeping.expire_uploads()
    assert not files_on_disk(settings)


def test_the_sweep_leaves_masks_and_framed_photos_alone(alice: User, settings: LazySettings) -> None:
    framed_job(alice)
    named = files_on_disk(settings)
    pictures.store_mask(make.half())
    pictures.store_framed(Upload.objects.filter(style=None).get(), FRAMED)
    told = sweep.run(spared=timedelta(0))
    assert (told["masks orphan"], told["framed orphan"]) == (1, 1)
    assert sorted(files_on_disk(settings)) == sorted(named)


def test_a_guests_masks_go_to_the_account(anonymous: Client, db: None) -> None:
    anonymous.post(ADDRESS, make.form(protect=png(make.half())))
    sent = {"email": "new@example.org", "password1": make.PASSWORD, "password2": make.PASSWORD}
    anonymous.post("/accounts/signup/", sent)
    owner = User.objects.get(email="new@example.org")
    assert Mask.objects.get().owner == Job.objects.get().owner == owner


# What the table holds -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [{"photo_turn": 4}, {"crop_x": -0.1}, {"crop_width": 0}, {"crop_x": 0.6, "crop_width": 0.5}, {"crop_height": 1.2},
     {"framed": ""}],
    ids=str,
)  # fmt: skip
def test_the_table_holds_no_framing_that_makes_no_sense(alice: User, changes: dict[str, Any]) -> None:
    job = framed_job(alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(**changes)


def test_a_mask_that_is_gone_is_told_and_the_next_try_goes_through(as_alice: Client, alice: User) -> None:
    """Painting a face over without a word is worse than asking."""
    sent = make.form(photo=large_photo(), protect_kept="no-such-mask-any-more", protect_for="0:")
    answer = as_alice.post(ADDRESS, sent)
    assert answer.status_code == 400
    assert "not there any more" in answer.content.decode()
    assert answer.context["form"].choices_kept["protect_kept"] == ""
    assert not Job.objects.exists()


def test_one_small_face_is_enough_to_protect(as_alice: Client) -> None:
    mask = Image.new("L", (1024, 768), 0)
    mask.paste(255, (500, 300, 510, 310))  # an eighth of a thousandth
    as_alice.post(ADDRESS, make.form(photo=large_photo(), protect=png(mask)))
    assert Job.objects.get().protect


def test_a_photo_that_vanished_meanwhile_is_a_conflict_and_no_fault(
    as_alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = pictures.store_framed

    def too_late(photo: Upload, framing: Framing) -> str:
        pictures.delete_upload(photo.file)
        return store(photo, framing)

    monkeypatch.setattr(pictures, "store_framed", too_late)
    answer = as_alice.post(ADDRESS, make.form(photo=large_photo(), turn="1"))
    assert answer.status_code == 409
    assert not Job.objects.exists()


# A disk in trouble ----------------------------------------------------------------------------------------------------


def original(job: Job, settings: LazySettings) -> Path:
    return Path(settings.MEDIA_ROOT) / f"{job.photo.file}.jpg"


@pytest.mark.parametrize("trouble", ["truncated", "no picture", "a folder"])
def test_a_photo_that_cannot_be_read_is_told_and_nothing_is_left(
    as_alice: Client, alice: User, settings: LazySettings, trouble: str
) -> None:
    job = framed_job(alice)
    kept = as_alice.get(ADDRESS, {"again": job.key}).context["form"].choices_kept
    file = original(job, settings)
    data = file.read_bytes()
    file.unlink()
    if trouble == "a folder":
        file.mkdir()
    else:
        file.write_bytes(data[:3000] if trouble == "truncated" else b"\0" * 3000)
    before = files_on_disk(settings)
    answer = as_alice.post(ADDRESS, make.form(photo=None, style_image=None, **kept))
    assert answer.status_code == 503
    assert "cannot be read just now" in answer.content.decode()
    assert Job.objects.get() == job
    assert sorted(files_on_disk(settings)) == sorted(before)


def test_a_full_disk_is_told(as_alice: Client, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    job = framed_job(alice)
    kept = as_alice.get(ADDRESS, {"again": job.key}).context["form"].choices_kept

    def full(*_args: object, **_kwargs: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "save", full)
    answer = as_alice.post(ADDRESS, make.form(photo=None, style_image=None, **kept))
    assert answer.status_code == 503
    assert Job.objects.get() == job


def test_who_has_too_many_in_line_is_told_before_the_photo_is_read(as_alice: Client, alice: User) -> None:
    job = framed_job(alice)
    kept = as_alice.get(ADDRESS, {"again": job.key}).context["form"].choices_kept
    for _more in range(queue.cap(paid=False, guest=False)):
        make.job(alice)
    with patch.object(pictures, "store_framed", side_effect=AssertionError) as reading:
        assert as_alice.post(ADDRESS, make.form(photo=None, style_image=None, **kept)).status_code == 429
        Job.objects.exclude(pk=job.pk).delete()
        with pytest.raises(AssertionError):
            as_alice.post(ADDRESS, make.form(photo=None, style_image=None, **kept))
    assert reading.call_count == 1


def test_no_more_photos_are_framed_at_once_than_are_read(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """All places are taken: it waits for one, and goes on when it is free."""
    at_work = threading.Event()

    def frame(photo: Upload, framing: Framing) -> str:
        at_work.set()
        raise pictures.StorageError

    order = make.order(alice, framing=FRAMED)
    monkeypatch.setattr(pictures, "store_framed", frame)
    monkeypatch.setattr(jobs, "foresee", lambda owner, order: None)
    held = [intake.decoders.acquire() for _place in range(intake.DECODERS)]

    def submit() -> None:
        with pytest.raises(pictures.StorageError):
            intake.submit(alice, order)

    waiting = threading.Thread(target=submit)
    waiting.start()
    try:
        assert not at_work.wait(0.3)
    finally:
        for _place in held:
            intake.decoders.release()
        waiting.join()
    assert at_work.is_set()
