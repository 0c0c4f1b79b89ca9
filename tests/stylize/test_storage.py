"""The door to the files: the same on disk and in a bucket, and honest when the storage is away."""

import os
import resource
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people.models import User
from stylize import pictures, storage, tasks
from stylize.models import Job, Upload
from tests import bucket, make


def read(name: str) -> bytes:
    with storage.open(name) as file:
        return file.read()


def elsewhere(settings: LazySettings, **options: str) -> None:
    place: dict[str, Any] = dict(settings.STORAGES["default"])
    settings.STORAGES = settings.STORAGES | {"default": place | {"OPTIONS": place["OPTIONS"] | options}}


def test_what_is_saved_is_read_listed_and_deleted(anywhere: str) -> None:
    storage.save("results/ab/abc.png", b"painted")
    assert storage.exists("results/ab/abc.png")
    assert read("results/ab/abc.png") == b"painted"
    body, size = storage.stream("results/ab/abc.png")
    with body:
        assert (body.read(), size) == (b"painted", 7)
    (entry,) = storage.entries("results/")
    assert (entry.name, entry.size) == ("results/ab/abc.png", 7)
    assert abs(entry.written_at - timezone.now()) < timedelta(seconds=60)
    storage.delete("results/ab/abc.png", "results/ab/never-was.png")
    assert not storage.exists("results/ab/abc.png")
    assert not list(storage.entries(""))


def test_a_file_of_the_same_name_is_replaced(anywhere: str) -> None:
    for content in (b"first, and longer", b"second"):
        storage.save("checkpoints/ab/abc", content)
    assert read("checkpoints/ab/abc") == b"second"
    assert list(storage.names("")) == ["checkpoints/ab/abc"]


def test_what_is_not_there_is_said_to_be_missing(anywhere: str) -> None:
    for look in (storage.open, storage.stream):
        with pytest.raises(FileNotFoundError):
            look("results/ab/never-was.png")
    assert not list(storage.names("results/"))


def test_names_come_in_the_order_of_their_bytes_and_below_the_prefix_only(anywhere: str) -> None:
    there = ["a/b-c/x", "a/b/x", "a/b/x-1", "a/b/x.png", "a/bc/x", "b/x", "a/B/x"]
    for name in there:
        storage.save(name, b"")
    assert list(storage.names("")) == sorted(there)
    assert list(storage.names("a/b")) == sorted(name for name in there if name.startswith("a/b"))
    assert list(storage.names("a/b/x-")) == ["a/b/x-1"]


def test_a_long_list_is_whole(network: bucket.Network) -> None:
    """More than one answer of S3 holds."""
    for number in range(1005):
        storage.save(f"results/ab/{number:04}", b"")
    assert [*storage.names("results/")] == [f"results/ab/{number:04}" for number in range(1005)]


def test_the_folder_of_the_bucket_is_ours_alone(network: bucket.Network, settings: LazySettings) -> None:
    storage.save("results/ab/abc", b"")
    elsewhere(settings, location="another-site")
    assert not list(storage.names(""))


def test_a_draft_on_disk_is_not_a_name(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> None:
    """A process that is killed while it writes leaves a draft, and never a file of that name."""

    class Killed(BaseException):
        pass

    def die(descriptor: int) -> None:
        raise Killed

    monkeypatch.setattr("ostagram.disk.os.fsync", die)
    with pytest.raises(Killed):
        storage.save("results/ab/abc.png", b"painted")
    assert not list(storage.names(""))
    assert not storage.exists("results/ab/abc.png")
    (draft,) = storage.entries("")
    assert draft.name.endswith(storage.DRAFT)
    assert Path(settings.MEDIA_ROOT, draft.name).exists()


# The storage is away -------------------------------------------------------------------------------------------------


def test_nothing_can_be_done_while_the_storage_is_away(network: bucket.Network) -> None:
    storage.save("results/ab/abc.png", b"painted")
    network.cut()
    for attempt in (
        lambda: storage.save("results/ab/other", b""), lambda: storage.open("results/ab/abc.png"),
        lambda: storage.stream("results/ab/abc.png"), lambda: storage.exists("results/ab/abc.png"),
        lambda: list(storage.names("")),
    ):  # fmt: skip
        with pytest.raises(storage.StorageError):
            attempt()
    assert not pictures.has_room()
    storage.delete("results/ab/abc.png")  # is put off, and the sweep finds it
    network.mend()
    assert pictures.has_room()
    assert list(storage.names("")) == ["results/ab/abc.png"]


def test_a_connection_that_breaks_once_harms_nothing(network: bucket.Network) -> None:
    storage.save("results/ab/abc.png", b"painted")
    network._hang_up()
    assert read("results/ab/abc.png") == b"painted"


def test_a_bucket_that_is_not_there_is_not_an_empty_one(network: bucket.Network, settings: LazySettings) -> None:
    elsewhere(settings, bucket_name="never-made")
    for attempt in (lambda: storage.open("results/ab/abc"), lambda: list(storage.names(""))):
        with pytest.raises(storage.StorageError):
            attempt()
    assert not pictures.has_room()


def test_a_frozen_storage_is_given_up_in_time(settings: LazySettings) -> None:
    with bucket.server() as (port, process):
        options = bucket.make_bucket(f"http://127.0.0.1:{port}")
        place = {"BACKEND": "ostagram.bucket.BucketStorage", "OPTIONS": options}
        settings.STORAGES = settings.STORAGES | {"default": place}
        assert pictures.has_room()
        process.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        assert not pictures.has_room()
        assert time.monotonic() - began < 60


@pytest.mark.parametrize("files_before", range(4))
def test_an_upload_is_a_503_while_the_storage_is_away(
    as_alice: Client, alice: User, network: bucket.Network, files_before: int
) -> None:
    """Whenever it goes: of the upload at most files without a row are left, and the form can be sent again."""
    style = make.style(alice)
    earlier = set(storage.names(""))
    network.cut(after=files_before)
    form = make.form(style_image=None, style_key=style.key)
    answer = as_alice.post(reverse("stylize:create"), form)
    assert answer.status_code == 503
    assert "Please try again in a while." in answer.content.decode()
    assert not Job.objects.exists()
    network.mend()
    assert len(set(storage.names("")) - earlier) <= files_before
    assert Upload.objects.count() == 1
    answer = as_alice.post(reverse("stylize:create"), make.form(style_image=None, style_key=style.key))
    assert answer.status_code == 302


def test_a_picture_is_a_503_and_not_lost_while_the_storage_is_away(
    as_alice: Client, alice: User, network: bucket.Network
) -> None:
    job = make.done_job(alice)
    address = reverse("stylize:result_file", args=[job.key, "card.webp"])
    network.cut()
    answer = as_alice.get(address)
    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert "public" not in answer["Cache-Control"]
    network.mend()
    assert as_alice.get(address).status_code == 200


def test_the_chores_wait_while_the_storage_is_away(alice: User, network: bucket.Network) -> None:
    make.done_job(alice)
    network.cut()
    tasks.copy()
    tasks.sweep_files()
    tasks.expire()
    network.mend()
    assert Job.objects.filter(status=Job.Status.DONE).count() == 1


def test_a_job_is_deleted_while_the_storage_is_away(as_alice: Client, alice: User, network: bucket.Network) -> None:
    job = make.done_job(alice)
    network.cut()
    assert as_alice.post(reverse("stylize:delete", args=[job.key])).status_code == 302
    assert not Job.objects.exists()


def test_a_private_picture_in_a_bucket_is_the_owners_alone(
    as_alice: Client, as_bob: Client, alice: User, network: bucket.Network
) -> None:
    job = make.done_job(alice, visibility="private")
    address = reverse("stylize:result_file", args=[job.key, "master.png"])
    assert as_bob.get(address).status_code == 404
    answer = as_alice.get(address)
    assert answer["Cache-Control"] == "private, no-store"
    body = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert len(body) == int(answer["Content-Length"])
    assert body == read(job.result + ".png")


@contextmanager
def full_disk() -> Iterator[None]:
    """The kernel itself refuses to write on."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_fills_up_in_the_middle_of_a_file_leaves_nothing_of_it() -> None:
    storage.save("results/ab/small", b"x" * 500)
    with full_disk(), pytest.raises(storage.StorageError):
        storage.save("results/ab/large", os.urandom(200_000))
    assert [entry.name for entry in storage.entries("")] == ["results/ab/small"]


def test_control_djangos_own_storage_leaves_half_a_file_of_that_name(settings: LazySettings) -> None:
    plain = FileSystemStorage(settings.MEDIA_ROOT)
    with full_disk(), pytest.raises(OSError, match="File too large"):
        plain.save("results/ab/large", ContentFile(os.urandom(200_000)))
    assert plain.size("results/ab/large") == 1000


def test_a_full_disk_leaves_nothing(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    write, tries = FileSystemStorage._save, iter(range(9))  # type: ignore[attr-defined]

    def fill_up(self: FileSystemStorage, name: str, content: object) -> str:
        if next(tries) == 2:
            raise OSError("No space left on device")
        return str(write(self, name, content))

    monkeypatch.setattr(FileSystemStorage, "_save", fill_up)
    with pytest.raises(pictures.StorageError):
        pictures.store_upload(make.picture())
    assert not list(storage.entries(""))
