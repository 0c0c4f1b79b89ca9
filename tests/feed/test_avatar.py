"""Avatars: square, in two sizes, of nobody but whoever is shown by them, and gone with all files when removed."""

import io
import threading
from contextlib import suppress
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from feed import avatars
from ostagram.disk import DurableFileSystemStorage
from people.models import User
from stylize import pictures, storage, sweep
from tests import make, together

CHANGE, REMOVE = "/me/avatar", "/me/avatar/remove"


def files() -> list[str]:
    return list(storage.names("avatars/"))


def read(client: Client, where: str) -> Image.Image:
    answer = client.get(where)
    assert answer.status_code == 200 and answer["Content-Type"] == "image/webp"
    assert answer["Cache-Control"] == "public, max-age=86400, s-maxage=300"
    return Image.open(io.BytesIO(b"".join(answer)))


def send(client: Client, picture: Image.Image | None = None) -> str:
    sent = {"avatar": make.file(image=picture or make.picture(400, 300))}
    return str(client.post(CHANGE, sent).headers["Location"])


def test_the_middle_of_the_picture_is_shown_in_two_sizes_to_everybody(
    as_alice: Client, anonymous: Client, alice: User
) -> None:
    picture = Image.new("RGB", (900, 300), "red")
    picture.paste("blue", (300, 0, 600, 300))
    assert send(as_alice, picture) == "/me/"
    alice.refresh_from_db()
    for side in (256, 64):
        shown = read(anonymous, avatars.address(alice, side))
        assert shown.size == (side, side)
        red, _green, blue = shown.convert("RGB").getpixel((3, side // 2))  # type: ignore[misc]
        assert blue > 200 > red
    assert avatars.address(alice, 256).replace("&", "&amp;") in as_alice.get("/me/").content.decode()


def test_a_new_one_replaces_the_old_one_with_its_files(as_alice: Client, alice: User) -> None:
    send(as_alice)
    alice.refresh_from_db()
    old = avatars.address(alice, 64)
    send(as_alice)
    assert len(files()) == 2
    assert as_alice.get(old).status_code == 404


def test_removed_it_leaves_no_file_and_no_address(as_alice: Client, alice: User) -> None:
    send(as_alice)
    alice.refresh_from_db()
    old = avatars.address(alice, 64)
    for _click in range(2):
        assert as_alice.post(REMOVE).headers["Location"] == "/me/"
    alice.refresh_from_db()
    assert (alice.avatar, files()) == ("", [])
    assert as_alice.get(old).status_code == 404


def test_without_one_a_letter_is_drawn(as_alice: Client) -> None:
    assert '<span class="face face--large face--' in as_alice.get("/me/").content.decode()


@pytest.mark.parametrize("how", ["none", "text", "tiny"])
def test_a_bad_picture_shows_the_form_again_and_the_old_one_stays(as_alice: Client, alice: User, how: str) -> None:
    send(as_alice)
    before = files()
    sent = {
        "none": {}, "text": {"avatar": io.BytesIO(b"hello")}, "tiny": {"avatar": make.file(image=make.picture(20, 20))},
    }[how]  # fmt: skip
    answer = as_alice.post(CHANGE, sent)
    assert answer.status_code == 400 and "errorlist" in answer.content.decode()
    assert files() == before


def test_a_storage_that_is_full_says_so_and_the_old_one_stays(
    as_alice: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(as_alice)
    before = files()

    def full(storage: object, name: str, content: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(DurableFileSystemStorage, "_save", full)
    answer = as_alice.post(CHANGE, {"avatar": make.file()})
    assert answer.status_code == 503 and "could not be saved" in answer.content.decode()
    assert files() == before


@pytest.mark.parametrize("where", [CHANGE, REMOVE])
def test_anonymous_signs_in_and_comes_to_the_form(anonymous: Client, db: None, where: str) -> None:
    assert anonymous.post(where).headers["Location"] == "/accounts/login/?next=/me/"


@pytest.mark.parametrize("where", [CHANGE, REMOVE])
def test_wrong_method_405(as_alice: Client, where: str) -> None:
    assert as_alice.get(where).status_code == 405


@pytest.mark.parametrize("side", [65, 0, 1024])
def test_other_sizes_versions_and_people_are_404(as_alice: Client, alice: User, bob: User, side: int) -> None:
    send(as_alice)
    alice.refresh_from_db()
    version = f"?v={avatars.version(alice)}"
    assert as_alice.get(reverse("feed:avatar", args=[alice.handle, side]) + version).status_code == 404
    assert as_alice.get(reverse("feed:avatar", args=[alice.handle, 64]) + "?v=").status_code == 404
    assert as_alice.get(reverse("feed:avatar", args=[bob.handle, 64]) + version).status_code == 404
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert Client().get(avatars.address(alice, 64)).status_code == 404


def test_the_sweep_keeps_them_deletes_strays_and_mends_what_was_lost(as_alice: Client, alice: User) -> None:
    send(as_alice)
    alice.refresh_from_db()
    kept = files()
    stray = pictures.store_files("avatars", {avatars.SMALL: lambda: b"stray"})
    storage.delete(alice.avatar + avatars.SMALL.suffix)
    sweep.run(spared=timedelta(0))
    assert files() == kept and stray + avatars.SMALL.suffix not in files()
    storage.delete(*kept)
    sweep.run(spared=timedelta(0))
    alice.refresh_from_db()
    assert alice.avatar == ""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
def test_two_at_once_leave_the_files_of_one(monkeypatch: pytest.MonkeyPatch, guarded: bool) -> None:
    alice, gate = make.user("alice"), threading.Barrier(2)

    def unheld(person: User, name: str) -> None:
        before = User.objects.values_list("avatar", flat=True).get(pk=person.pk)
        with suppress(threading.BrokenBarrierError):
            gate.wait(1)
        User.objects.filter(pk=person.pk).update(avatar=name)
        if before:
            avatars._delete(before)

    if not guarded:
        monkeypatch.setattr(avatars, "_name", unheld)

    def change(colour: str) -> None:
        avatars.change(User.objects.get(pk=alice.pk), make.picture(colour=colour))

    together.at_once([lambda: change("red"), lambda: change("blue")])
    assert len(files()) == (2 if guarded else 4)
