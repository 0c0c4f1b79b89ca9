"""Collecting one's data: the litany, and that all of it is in the file, for its owner alone, for a week."""

import io
import json
import threading
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.conf import LazySettings
from django.core import mail
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from feed.models import Comment, Follow, Like, Post, Report
from people import export
from people.export import Sheet
from people.models import Export, Notice, User
from stylize import parcels, pictures, storage, sweep, tasks
from stylize.models import Filter, Job
from tests import make, together
from tests.billing import canvasing
from tests.billing.conftest import till as till
from tests.billing.conftest import with_till as with_till
from tests.till import Till

PAGE = "/account/data/"


def collected(client: Client) -> zipfile.ZipFile:
    """Asked for, packed and downloaded."""
    assert client.post(PAGE).headers["Location"] == PAGE
    assert parcels.collect_due() == 1
    answer = client.get(address(Export.objects.get()))
    assert answer.status_code == 200
    return zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]


def address(found: Export) -> str:
    return reverse("stylize:data_file", args=[found.key])


def sheet(archive: zipfile.ZipFile, name: str) -> Any:
    return json.loads(archive.read(name))


@pytest.mark.usefixtures("with_till")
def test_all_of_it_is_in_the_file(as_alice: Client, alice: User, bob: User, till: Till, settings: LazySettings) -> None:
    settings.PRINT_DPI = canvasing.TINY_DPI
    alice.about = 'Ünïcode ‮ 🎨 \\ " </script>'
    alice.save()
    job, theirs = make.done_job(alice), make.post(bob)
    Job.objects.filter(pk=job.pk).update(protect=make.mask(alice), seed=2**40, controls={"style_weight": 2.0})
    style = job.styles.get()
    Filter.objects.create(owner=alice, style=style, name="Mine", controls={"brush": 1.5})
    Comment.objects.create(post=theirs, owner=alice, text="Lovely")
    Like.objects.create(post=theirs, owner=alice)
    Follow.objects.create(owner=alice, followed=bob)
    Notice.objects.create(owner=alice, by=bob, kind="followed")
    Report.objects.create(owner=alice, post=theirs, picture_key=theirs.job.key, reason="spam", words="Buy!")
    canvasing.paid(till, alice)
    archive = collected(as_alice)
    assert archive.testzip() is None
    (profile,) = sheet(archive, "profile.json")
    assert (profile["handle"], profile["about"]) == (alice.handle, alice.about)
    row = next(one for one in sheet(archive, "pictures.json") if one["key"] == job.key)
    assert (row["seed"], row["controls"]["style_weight"], row["tier"]) == (2**40, 2.0, "free")
    for name in (row["photo"], row["mask"], row["result"], row["styles"][0]["file"]):
        assert archive.getinfo(name).file_size > 100
    assert archive.read(row["result"]) == storage.open(job.result + ".png").read()
    assert archive.read(row["photo"]) == storage.open(job.photo.file + ".jpg").read()
    assert sheet(archive, "saved-styles.json")[0]["name"] == "Mine"
    assert sheet(archive, "comments.json")[0]["text"] == "Lovely"
    assert sheet(archive, "likes.json")[0]["picture"] == theirs.job.key
    assert sheet(archive, "follows.json")[0]["handle"] == bob.handle
    assert sheet(archive, "notices.json")[0]["by"] == bob.handle
    assert sheet(archive, "reports.json")[0]["words"] == "Buy!"
    assert sheet(archive, "payments.json")[0]["status"] == "paid"
    assert sheet(archive, "canvases.json")[0]["name"] == "Ann Smith"
    assert "missing.json" not in archive.namelist()


def test_who_signs_in_elsewhere_reads_what_we_were_told_there(as_alice: Client, alice: User, bob: User) -> None:
    SocialAccount.objects.create(user=alice, provider="yandex", uid="42", extra_data={"email": "al@ya.ru"})
    SocialAccount.objects.create(user=bob, provider="google", uid="43")
    (profile,) = sheet(collected(as_alice), "profile.json")
    (elsewhere,) = profile["signs_in_with"]
    assert (elsewhere["provider"], elsewhere["uid"]) == ("yandex", "42")
    assert elsewhere["extra_data"] == {"email": "al@ya.ru"}


def test_nothing_of_anybody_else_is_in_it(as_alice: Client, alice: User, bob: User) -> None:
    make.done_job(alice)
    theirs = make.done_job(bob)
    names = " ".join(collected(as_alice).namelist())
    assert theirs.key not in names and theirs.photo.key not in names


def test_an_empty_account_gets_empty_sheets(as_alice: Client) -> None:
    archive = collected(as_alice)
    assert sheet(archive, "pictures.json") == []
    assert "Ostagram" in archive.read("README.txt").decode()


def test_a_guest_can_collect_too(client: Client, db: None) -> None:
    client.post(reverse("stylize:create"), make.form())
    assert len(sheet(collected(client), "pictures.json")) == 1
    assert not mail.outbox


def test_a_file_that_is_lost_is_named(as_alice: Client, alice: User) -> None:
    job = make.done_job(alice)
    pictures.delete_result(job.result)
    archive = collected(as_alice)
    assert sheet(archive, "missing.json") == [{"file": f"pictures/{job.key}.png"}]


def test_a_mail_tells_once_when_it_is_ready(as_alice: Client, alice: User) -> None:
    as_alice.post(PAGE)
    assert "being collected" in as_alice.get(PAGE).content.decode()
    for _round in range(2):
        parcels.collect_due()
    assert [sent.to for sent in mail.outbox] == [[alice.email]]
    assert "It is ready" in as_alice.get(PAGE).content.decode()


def test_one_at_a_time(as_alice: Client, alice: User) -> None:
    as_alice.post(PAGE)
    first = Export.objects.get()
    as_alice.post(PAGE)
    assert Export.objects.get() == first


def test_a_new_one_takes_the_place_of_the_old_one(as_alice: Client, settings: LazySettings) -> None:
    collected(as_alice)
    old = Export.objects.get()
    collected(as_alice)
    assert as_alice.get(address(old)).status_code == 404
    assert len(list(storage.names("exports/"))) == 1


def test_stranger_404(as_alice: Client, as_bob: Client, anonymous: Client) -> None:
    collected(as_alice)
    assert {one.get(address(Export.objects.get())).status_code for one in (as_bob, anonymous)} == {404}


def test_before_it_is_ready_404(as_alice: Client, alice: User) -> None:
    as_alice.post(PAGE)
    assert as_alice.get(address(Export.objects.get())).status_code == 404


def test_anonymous_is_sent_to_sign_in(anonymous: Client, db: None) -> None:
    for answer in (anonymous.get(PAGE), anonymous.post(PAGE)):
        assert answer.headers["Location"].startswith("/accounts/login/")


def test_wrong_method_405(as_alice: Client) -> None:
    as_alice.post(PAGE)
    assert as_alice.delete(PAGE).status_code == 405
    assert as_alice.post(address(Export.objects.get())).status_code == 405


def test_looking_asks_for_nothing(as_alice: Client) -> None:
    as_alice.get(PAGE)
    assert not Export.objects.exists()


def test_nobody_else_may_keep_it(as_alice: Client) -> None:
    collected(as_alice)
    answer = as_alice.get(address(Export.objects.get()))
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_after_a_week_it_is_gone(as_alice: Client, settings: LazySettings) -> None:
    collected(as_alice)
    Export.objects.update(ready_at=timezone.now() - parcels.LIVES - timedelta(seconds=1))
    assert as_alice.get(address(Export.objects.get())).status_code == 404
    assert "Collect my data" in as_alice.get(PAGE).content.decode()
    tasks.expire()
    assert not Export.objects.exists()
    assert not list(storage.names("exports/"))


def test_the_sweep_knows_its_shelf(as_alice: Client) -> None:
    collected(as_alice)
    storage.save("exports/zz/nobodys.zip", b"x")
    told = sweep.run(spared=timedelta(0))
    assert (told["exports orphan"], told["exports well"]) == (1, 1)
    storage.delete(Export.objects.get().file)
    assert sweep.run(spared=timedelta(0))["exports gone"] == 1
    assert not Export.objects.exists()


def test_a_storage_that_is_away_is_waited_for(as_alice: Client, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    make.done_job(alice)
    as_alice.post(PAGE)

    def refuse(name: str) -> Any:
        raise ConnectionError(name)

    with monkeypatch.context() as away:
        away.setattr(default_storage, "stream", refuse, raising=False)
        assert parcels.collect_due() == 0
    assert parcels.collect_due() == 1


def test_rows_are_written_one_by_one(alice: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first is in the file before the last is made: nothing holds them all."""
    written: list[int] = []
    file = (tmp_path / "data.zip").open("wb")

    def rows() -> Any:
        for number in range(60_000):
            if number % 20_000 == 0:
                written.append(file.tell())
            yield {"number": number, "noise": str(hash(str(number)))}

    monkeypatch.setattr(export, "_parts", [lambda person: [Sheet("many.json", rows())]])
    with file:
        parcels.write(file, alice)
    assert written == sorted(set(written)) and len(written) == 3
    assert len(json.loads(zipfile.ZipFile(tmp_path / "data.zip").read("many.json"))) == 60_000


def test_a_guest_who_signs_in_leaves_no_file_behind(client: Client, alice: User) -> None:
    client.post(reverse("stylize:create"), make.form())
    collected(client)
    client.post("/accounts/login/", {"login": alice.email, "password": make.PASSWORD})
    assert not Export.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_two_houses_at_once_pack_one_file(guarded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unguarded, the lock of the name and the last look are away: a second file is left that no row names."""
    from contextlib import contextmanager

    from people import outbox

    alice = make.user("alice")
    parcels.ask(alice)
    both = threading.Barrier(2, timeout=5)

    @contextmanager
    def everybody(name: str) -> Any:
        both.wait()
        yield True

    if not guarded:
        monkeypatch.setattr(outbox, "alone", everybody)
        monkeypatch.setattr(export, "ready", lambda one, file, size: True)

    together.at_once([lambda: parcels._collect(Export.objects.select_related("owner").get())] * 2)
    assert (len(list(storage.names("exports/"))) == 1) is guarded


def test_who_leaves_while_it_is_packed_leaves_no_file(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    parcels.ask(alice)
    wanted = Export.objects.select_related("owner").get()
    whole = parcels.write

    def and_leave(file: Any, person: User) -> None:
        whole(file, person)
        Export.objects.all().delete()

    monkeypatch.setattr(parcels, "write", and_leave)
    assert not parcels._collect(wanted)
    assert not list(storage.names("exports/"))
    assert not Post.objects.exists()
