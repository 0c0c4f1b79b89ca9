"""The copies of a picture, on disk and in a bucket: sizes and kinds, made once when asked for, gone with it."""

import io

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from PIL import Image

from people.models import User
from stylize import housekeeping, pictures, storage, tasks
from stylize.models import Job
from tests import make

pytestmark = pytest.mark.usefixtures("anywhere")


def painted(owner: User, width: int = 1200, height: int = 800, **fields: object) -> Job:
    files = pictures.store_result(make.picture(width, height, "red"), 1)
    return make.done_job(owner, result=files, width=width, height=height, **fields)


def file(client: Client, job: Job, name: str) -> bytes:
    answer = client.get(reverse("stylize:result_file", args=[job.key, name]))
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def stored(name: str) -> set[str]:
    return set(storage.names(name))


@pytest.mark.parametrize(
    ("name", "kind", "size"),
    [
        ("thumb.avif", "AVIF", (320, 213)), ("card.avif", "AVIF", (640, 427)), ("medium.avif", "AVIF", (960, 640)),
        ("large.avif", "AVIF", (1200, 800)), ("medium.webp", "WEBP", (960, 640)), ("large.webp", "WEBP", (1200, 800)),
        ("share.jpg", "JPEG", (1200, 800)),
    ],
)  # fmt: skip
def test_every_copy_has_its_kind_and_size_and_none_is_enlarged(
    anonymous: Client, alice: User, name: str, kind: str, size: tuple[int, int]
) -> None:
    with Image.open(io.BytesIO(file(anonymous, painted(alice), name))) as copy:
        assert (copy.format, copy.size) == (kind, size)
        copy.load()


def test_a_copy_is_made_when_it_is_asked_for_and_kept(
    anonymous: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = painted(alice)
    assert not storage.exists(job.result + "-640.avif")
    first = file(anonymous, job, "card.avif")
    assert storage.exists(job.result + "-640.avif")
    monkeypatch.setattr(pictures, "encoded", lambda *_: pytest.fail("encoded twice"))
    assert file(anonymous, job, "card.avif") == first


def test_a_copy_that_cannot_be_kept_is_shown_all_the_same(
    anonymous: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = painted(alice)

    def full(*args: object, **options: object) -> str:
        raise OSError("No space left on device")

    monkeypatch.setattr(type(default_storage._wrapped), "_save", full)  # type: ignore[attr-defined]
    assert file(anonymous, job, "card.avif")


def test_the_house_makes_the_copies_of_a_fresh_painting_once(alice: User) -> None:
    job = painted(alice)
    assert housekeeping.copy_fresh_paintings() == 5  # four of AVIF, and the WebP of 960 px
    assert storage.exists(job.result + "-1280.avif")
    assert housekeeping.copy_fresh_paintings() == 0


def test_of_a_small_painting_no_copies_are_made_that_no_page_asks_for(alice: User) -> None:
    job = painted(alice, 600, 400)
    tasks.copy()
    assert storage.exists(job.result + "-640.avif")
    assert not storage.exists(job.result + "-960.avif")


def test_a_painting_whose_files_are_gone_stops_nobody(alice: User) -> None:
    gone, other = painted(alice), painted(alice)
    pictures.delete_result(gone.result)
    tasks.copy()
    assert storage.exists(other.result + "-640.avif")


def test_every_copy_goes_with_the_painting(anonymous: Client, alice: User) -> None:
    job = painted(alice)
    for name in pictures.RESULT_VARIANTS:
        file(anonymous, job, name)
    assert len(stored(job.result)) == len(pictures.RESULT_VARIANTS)
    pictures.delete_result(job.result)
    assert not stored(job.result)


@pytest.mark.parametrize("meanwhile", ["another process has made it", "the painting was deleted"])
def test_what_happens_while_a_copy_is_made_leaves_nothing_behind(
    anonymous: Client, alice: User, monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    job = painted(alice)
    encoded = pictures.encoded

    def encode_slowly(picture: Image.Image, variant: pictures.Variant) -> bytes:
        if meanwhile == "the painting was deleted":
            pictures.delete_result(job.result)
        else:
            storage.save(job.result + variant.suffix, b"the other's")
        return encoded(picture, variant)

    monkeypatch.setattr(pictures, "encoded", encode_slowly)
    file(anonymous, job, "card.avif")
    left = {path for path in stored(job.result) if path.endswith(".avif")}
    assert left == (set() if "deleted" in meanwhile else {job.result + "-640.avif"})


def test_every_copy_belongs_to_its_painting() -> None:
    for variant in (*pictures.RESULT_VARIANTS.values(), *pictures.UPLOAD_VARIANTS.values()):
        assert pictures.common_name(f"results/ab/abc-1{variant.suffix}") == "results/ab/abc-1"


@pytest.mark.parametrize(("visibility", "status"), [("public", 200), ("unlisted", 404), ("private", 404)])
def test_the_copy_for_other_sites_is_of_public_pictures_only(
    as_alice: Client, alice: User, visibility: str, status: int
) -> None:
    job = painted(alice, visibility=visibility)
    assert as_alice.get(reverse("stylize:result_file", args=[job.key, "share.jpg"])).status_code == status


@pytest.mark.parametrize("full_is_there", [True, False])
def test_the_smallest_copy_of_an_upload_is_made_from_the_largest_that_is_there(
    as_alice: Client, alice: User, full_is_there: bool
) -> None:
    photo = make.upload(alice, make.picture(400, 300))
    if not full_is_there:
        storage.delete(photo.file + pictures.UPLOAD_FULL.suffix)
    answer = as_alice.get(reverse("stylize:upload_file", args=[photo.key, "mini.webp"]))
    with Image.open(io.BytesIO(b"".join(answer.streaming_content))) as copy:  # type: ignore[attr-defined]
        assert copy.size == (96, 72)
