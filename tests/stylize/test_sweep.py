"""Files without rows and rows without files: found and mended both ways, on disk and in a bucket."""

import io
import logging
import os
import tracemalloc
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from people.models import User
from stylize import jobs, mending, pictures, storage, sweep, tasks
from stylize.framing import Framing
from stylize.models import Job, Mask, Style, Upload
from tests import bucket, make

AT_ONCE = timedelta(0)  # a file in the bucket cannot be made older
pytestmark = [pytest.mark.usefixtures("anywhere"), pytest.mark.django_db]
RESULTS = next(shelf for shelf in sweep.SHELVES if shelf.folder == "results")


def run(**options: object) -> dict[str, int]:
    told = sweep.run(spared=AT_ONCE, **options)  # type: ignore[arg-type]
    return {kind: count for kind, count in told.items() if not kind.endswith(" well")}


def files() -> set[str]:
    return {entry.name for entry in storage.entries("")}


def lose(name: str, *suffixes: str) -> None:
    there = [path for path in files() if path.startswith(name)]
    storage.delete(*(path for path in there if not suffixes or path.removeprefix(name) in suffixes))


def framed_job(owner: User, **fields: object) -> Job:
    return make.job(owner, photo=make.upload(owner, make.picture(400, 300)), framing=Framing(1), **fields)


def test_a_site_in_order_is_left_alone(alice: User) -> None:
    make.done_job(alice)
    framed_job(alice, protect=make.mask(alice))
    before = files()
    assert run() == {}
    assert files() == before


def test_files_without_a_row_are_deleted_and_all_others_stay(alice: User) -> None:
    """What a process leaves that dies between writing a file and committing its row, or in the middle of a file."""
    make.done_job(alice)
    framed_job(alice, protect=make.mask(alice))
    named = files()
    pictures.store_result(make.picture(), 1)
    pictures.store_upload(make.picture())
    pictures.store_mask(make.half())
    storage.save(min(named) + ".12ab.part", b"half a")
    storage.save("results/ab/what-is-this.txt", b"nobody knows")
    assert run(mend=False) == {"uploads orphan": 1, "masks orphan": 1, "results orphan": 2, "framed orphan": 1}
    assert files() > named
    assert sum(run().values()) == 5
    assert files() == named


def test_a_fresh_file_is_spared(alice: User) -> None:
    pictures.store_result(make.picture(), 2)
    before = files()
    tasks.sweep_files()
    assert files() == before


def test_folders_that_nobody_sweeps_are_left_alone() -> None:
    storage.save("elsewhere/ab/abc", b"")
    assert run() == {}
    assert storage.exists("elsewhere/ab/abc")


def test_copies_are_made_anew_from_the_original(alice: User) -> None:
    job = make.done_job(alice)
    before = files()
    lose(job.result, "-640.webp", "-320.webp")
    lose(job.photo.file, "-1280.webp")
    assert run() == {"uploads bare": 1, "results bare": 1}
    assert files() == before


def test_the_copies_of_a_framed_photo_are_made_anew_from_the_photo(alice: User) -> None:
    job = framed_job(alice)
    lose(job.framed, "-640.webp")
    assert run() == {"framed bare": 1}
    again = Job.objects.get(pk=job.pk)
    assert again.framed != job.framed
    with storage.open(again.framed + "-640.webp") as copy:
        assert Image.open(copy).size == (300, 400)
    assert run() == {}


def test_a_picture_that_is_gone_says_so_to_its_owner_and_hangs_nowhere(
    as_alice: Client, alice: User, anonymous: Client, caplog: pytest.LogCaptureFixture
) -> None:
    job, other = make.done_job(alice), make.done_job(alice)
    lose(job.result)
    with caplog.at_level(logging.ERROR):
        assert run() == {"results gone": 1}
    assert job.result in caplog.text  # staff are told
    job.refresh_from_db()
    assert (job.status, job.failure) == (Job.Status.FAILED, Job.Failure.GONE)
    page = as_alice.get(reverse("stylize:job", args=[job.key])).content.decode()
    assert "lost in our storage" in page
    feed = anonymous.get("/").content.decode()
    assert other.key in feed
    assert job.key not in feed
    for client in (anonymous, as_alice):
        assert client.get(f"/p/{job.key}/").status_code == 404
    assert run() == {}  # it is known


def test_a_picture_that_is_found_again_hangs_again(alice: User, anonymous: Client) -> None:
    job = make.done_job(alice)
    kept = {path: storage.open(path).read() for path in files() if path.startswith(job.result)}
    lose(job.result)
    run()
    assert job.key not in anonymous.get("/").content.decode()
    for path, content in kept.items():
        storage.save(path, content)
    assert run() == {"results back": 1}
    job.refresh_from_db()
    assert (job.status, job.failure) == (Job.Status.DONE, "")
    assert job.key in anonymous.get("/").content.decode()


def test_a_job_that_failed_otherwise_is_never_found(alice: User) -> None:
    job = make.in_status(alice, Job.Status.FAILED)
    Job.objects.filter(pk=job.pk).update(result=pictures.store_result(make.picture(), 1))
    assert run() == {}
    assert not jobs.find(Job.objects.get(pk=job.pk))


def test_a_picture_of_which_only_copies_are_left_is_still_shown(
    alice: User, anonymous: Client, caplog: pytest.LogCaptureFixture
) -> None:
    job = make.done_job(alice)
    lose(job.result, ".png")
    assert run() == {"results faded": 1}
    assert "the original" in caplog.text
    assert anonymous.get(reverse("stylize:result_file", args=[job.key, "card.webp"])).status_code == 200


def test_uploads_and_masks_that_are_gone_go_where_nothing_needs_them(alice: User) -> None:
    for row in (make.upload(alice), make.mask(alice)):
        lose(row.file)
    assert run() == {"uploads gone": 1, "masks gone": 1}
    assert not Upload.objects.exists()
    assert not Mask.objects.exists()


def test_a_style_and_a_photo_that_are_gone_are_shown_to_nobody(alice: User) -> None:
    style = make.style(alice, listed=True)
    job = make.done_job(alice, show_photo=True)
    lose(style.image.file)
    lose(job.photo.file)
    assert run() == {"uploads gone": 2}
    assert not Style.objects.for_gallery().exists()
    assert not Job.objects.get(pk=job.pk).show_photo


def test_a_wrong_storage_or_a_wrong_database_is_not_mended(alice: User) -> None:
    """An empty folder where the pictures should be, or yesterday's database: the site is not taken down for it."""
    names = [pictures.store_result(make.picture(64, 64), number) for number in range(sweep.FEW + 1)]
    before = files()
    with pytest.raises(sweep.TooMuch):
        run()
    assert files() == before
    for name in names:
        make.done_job(alice, result=name)
    lose("results/")
    with pytest.raises(sweep.TooMuch):
        run()
    assert Job.objects.filter(status=Job.Status.DONE).count() == len(names)
    run(even_much=True)
    assert not Job.objects.filter(status=Job.Status.DONE).exists()


@pytest.mark.parametrize("guarded", [True, False])
def test_a_picture_that_came_after_the_look_is_not_given_up(alice: User, guarded: bool) -> None:
    """The walk is as old as its beginning: each suspicion is looked at once more. The control mends without that."""
    job = make.done_job(alice)  # its files were not there when the walk came by
    if guarded:
        sweep._mend(RESULTS, sweep.Finding("gone", sweep.Row(job.pk, job.result, given_up=False), None))
    else:
        mending.lost_painting(job.pk, job.result)
    assert Job.objects.filter(status=Job.Status.DONE).exists() is guarded


@pytest.mark.parametrize("guarded", [True, False])
def test_files_whose_row_came_after_the_look_are_not_deleted(alice: User, guarded: bool) -> None:
    job = make.done_job(alice)  # its row was not there when the walk came by
    paths = [path for path in files() if path.startswith(job.result)]
    if guarded:
        sweep._mend(RESULTS, sweep.Finding("orphan", None, sweep.Files(job.result, paths, timezone.now())))
    else:
        storage.delete(*paths)
    assert files().issuperset(paths) is guarded


def test_staff_are_not_troubled_about_what_was_deleted_meanwhile(alice: User, caplog: pytest.LogCaptureFixture) -> None:
    finding = sweep.Finding("gone", sweep.Row(0, "results/ab/abc-1", given_up=False), None)
    sweep._mend(RESULTS, finding)
    assert "abc-1" not in caplog.text


def test_the_command_tells_and_changes_nothing_when_dry(alice: User, capsys: pytest.CaptureFixture[str]) -> None:
    job = make.done_job(alice)
    lose(job.result)
    call_command("sweep", "--dry-run")
    told = capsys.readouterr().out
    assert "1 results gone" in told
    assert "Nothing was changed." in told
    assert Job.objects.get(pk=job.pk).status == Job.Status.DONE
    call_command("sweep")
    assert Job.objects.get(pk=job.pk).status == Job.Status.FAILED


@pytest.mark.parametrize("anywhere", ["bucket"], indirect=True)
def test_a_storage_that_is_away_is_not_an_empty_one(alice: User, network: bucket.Network) -> None:
    """A disk that is away looks like an empty one: see test_a_wrong_storage."""
    job = make.done_job(alice)
    network.cut()
    with pytest.raises(CommandError, match="away"):
        call_command("sweep", stdout=io.StringIO())
    assert Job.objects.get(pk=job.pk).status == Job.Status.DONE


@pytest.mark.parametrize("anywhere", ["disk"], indirect=True)
def test_memory_does_not_grow_with_the_site(alice: User, settings: LazySettings) -> None:
    """Four times the files in four times the folders, hardly more memory."""

    def peak() -> int:
        tracemalloc.start()
        sweep.run(mend=False)
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    def grow(numbers: range) -> None:
        rows = []
        for number in numbers:
            name = f"uploads/{number // 100:03}/{number:020}"
            path = Path(settings.MEDIA_ROOT, name + ".jpg")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
            os.link(path, path.with_name(path.stem + "-1280.webp"))
            rows.append(Upload(owner=alice, file=name, width=64, height=64))
        Upload.objects.bulk_create(rows)

    grow(range(2500))
    peak()
    small = peak()
    grow(range(2500, 10_000))
    big = peak()
    assert big < 1.5 * small, (small, big)
