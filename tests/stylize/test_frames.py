"""Frames: when they are taken, who sees them, and choosing one of them as the result."""

import itertools
import os
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from PIL import Image

from people.models import User
from stylize import frames, housekeeping, jobs, keepsakes, pictures, recipe, runs, sweep
from stylize.models import Frame, Job
from tests import make
from tests.worker.fake_engine import FakeEngine
from worker import kiln

COLOURS = {1: "white", 40: "green", 100: "red"}


@pytest.mark.parametrize("iterations", [24, 50, 100, 300, 600, 1000, 10_000])
def test_twelve_are_planned_from_the_first_to_the_last(iterations: int) -> None:
    planned = frames.planned(iterations)
    assert frames.MOST - 1 <= len(set(planned)) == len(planned) <= frames.MOST
    assert (planned[0], planned[-1]) == (1, iterations)
    gaps = [later - earlier for earlier, later in itertools.pairwise(planned)]
    assert gaps[0] < gaps[-1]  # the closer the earlier


@pytest.mark.parametrize("iterations", [1, 5, 23])
def test_of_a_few_iterations_none_is_worth_it(iterations: int) -> None:
    assert frames.planned(iterations) == ()


@pytest.fixture
def job(alice: User) -> Job:
    """A finished picture with three frames, of which the last is shown."""
    job = make.done_job(alice, tier="hd", iterations=100, iterations_done=100)
    for iteration, colour in COLOURS.items():
        name = keepsakes.store_frame(make.picture(job.width, job.height, colour), 1)
        Frame.objects.create(job=job, iteration=iteration, file=name)
    return job


def choose(job: Job) -> str:
    return reverse("stylize:choose", args=[job.key])


def frame_address(job: Job, iteration: int, variant: str = "thumb.webp") -> str:
    return reverse("stylize:frame_file", args=[job.key, iteration, variant])


def master(job: Job, settings: LazySettings) -> Image.Image:
    return Image.open(Path(settings.MEDIA_ROOT, job.result + ".png"))


def files(settings: LazySettings, folder: str) -> set[Path]:
    return {path for path in Path(settings.MEDIA_ROOT).glob(f"{folder}/**/*") if path.is_file()}


@pytest.mark.django_db(transaction=True)
def test_a_long_painting_keeps_them(alice: User, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kiln.dispatch, "wake", lambda: None)
    monkeypatch.setattr(kiln.engine, "stylise", FakeEngine())
    job = make.job(alice, tier="hd", iterations=300)
    jobs.release(job)
    kiln.paint_next("test", lambda: False)
    job.refresh_from_db()
    assert job.status == Job.Status.DONE
    assert tuple(job.frames.values_list("iteration", flat=True)) == frames.planned(300)
    last = job.frames.last()
    assert last
    assert keepsakes.open_frame(last.file).size == (job.width, job.height)
    assert keepsakes.open_frame(last.file).tobytes() == master(job, settings).tobytes()
    assert len(files(settings, "frames")) == 2 * frames.MOST


def test_works_and_the_public_picture_follows(
    as_alice: Client, as_bob: Client, job: Job, settings: LazySettings
) -> None:
    old_page = as_bob.get(reverse("feed:post", args=[job.key])).content.decode()
    old_files, old_address = files(settings, "results"), reverse("stylize:result_file", args=[job.key, "card.webp"])
    assert old_address in old_page
    share = reverse("stylize:result_file", args=[job.key, "share.jpg"])
    assert as_bob.get(share).status_code == 200
    assert as_alice.post(choose(job), {"iteration": "40"}).headers["Location"] == reverse("stylize:job", args=[job.key])
    job.refresh_from_db()
    assert (job.shown_iteration, job.result_version) == (40, 1)
    assert master(job, settings).size == (job.width, job.height)
    assert master(job, settings).tobytes() == make.picture(job.width, job.height, "green").tobytes()
    assert not files(settings, "results") & old_files
    for address in (old_address, share, reverse("stylize:result_file", args=[job.key, "master.png"])):
        assert as_bob.get(address).status_code == 404  # whoever has the old picture cached asks for the new one
    page = as_bob.get(reverse("feed:post", args=[job.key])).content.decode()
    for name in ("card.webp", "thumb.avif", "share.jpg", "master.png"):
        new = reverse("stylize:result_file", args=[job.key, name]) + "?v=1"
        assert new in page
        assert as_bob.get(new).status_code == 200
    assert f"{old_address}?v=1" in as_bob.get("/").content.decode()
    assert f"{old_address} " not in page
    assert ("Shown as it was after", "iteration 40") in recipe.lines(job)


def test_and_back(as_alice: Client, job: Job, settings: LazySettings) -> None:
    as_alice.post(choose(job), {"iteration": "40"})
    as_alice.post(choose(job), {"iteration": "100"})
    job.refresh_from_db()
    assert (job.shown_iteration, job.result_version) == (None, 2)
    assert master(job, settings).tobytes() == make.picture(job.width, job.height, "red").tobytes()
    assert len(files(settings, "results")) == 1 + len(pictures.AT_ONCE)


def test_the_strip_shows_them_all_and_which_is_shown(as_alice: Client, as_bob: Client, job: Job) -> None:
    page = as_alice.get(reverse("stylize:job", args=[job.key])).content.decode()
    for iteration in COLOURS:
        assert frame_address(job, iteration) in page
    assert page.index('aria-current="true"') > page.index('value="100"')
    as_alice.post(choose(job), {"iteration": "1"})
    page = as_alice.get(reverse("stylize:job", args=[job.key])).content.decode()
    assert page.index('aria-current="true"') < page.index('value="40"')
    assert "frames/" not in as_bob.get(reverse("feed:post", args=[job.key])).content.decode()


@pytest.mark.parametrize("variant", keepsakes.FRAME_VARIANTS)
def test_they_are_their_owners_alone(
    as_alice: Client, as_bob: Client, anonymous: Client, job: Job, variant: str
) -> None:
    address = frame_address(job, 40, variant)
    answer = as_alice.get(address)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
    assert as_bob.get(address).status_code == anonymous.get(address).status_code == 404


@pytest.mark.parametrize("wrong", [("7", "thumb.webp"), ("40", "card.png")])
def test_what_is_not_there_is_404(as_alice: Client, job: Job, wrong: tuple[str, str]) -> None:
    assert as_alice.get(frame_address(job, int(wrong[0]), wrong[1])).status_code == 404


def test_a_choice_made_meanwhile_is_not_undone(job: Job, settings: LazySettings) -> None:
    """Two windows choose at once: the second finds another picture than it saw."""
    one, other = Job.objects.get(), Job.objects.get()
    assert frames.choose(one, one.frames.get(iteration=40))
    assert not frames.choose(other, other.frames.get(iteration=1))
    job.refresh_from_db()
    assert job.shown_iteration == 40
    assert len(files(settings, "results")) == 1 + len(pictures.AT_ONCE)  # and it leaves no files


def test_without_the_comparison_its_files_would_be_lost(job: Job, settings: LazySettings) -> None:
    """The control: a choice that only writes leaves the files of the one before, which no row names."""
    one, other = Job.objects.get(), Job.objects.get()
    frames.choose(one, one.frames.get(iteration=40))
    Job.objects.filter(pk=other.pk).update(result=pictures.store_result(make.picture(), 1))
    pictures.delete_result(other.result)
    assert len(files(settings, "results")) == 2 * (1 + len(pictures.AT_ONCE))


@pytest.mark.parametrize(
    "bad", [{}, {"iteration": "7"}, {"iteration": "x"}, {"iteration": "9" * 40}, {"iteration": "²"}]
)
def test_bad_input_404(as_alice: Client, job: Job, bad: dict[str, str]) -> None:
    assert as_alice.post(choose(job), bad).status_code == 404


def test_a_frame_whose_files_are_gone_is_told(as_alice: Client, job: Job) -> None:
    keepsakes.delete_frame(job.frames.get(iteration=40).file)
    page = as_alice.post(choose(job), {"iteration": "40"}, follow=True)
    assert "not there any more" in page.content.decode()
    job.refresh_from_db()
    assert (job.result_version, job.shown_iteration) == (0, None)


def test_stranger_404(as_bob: Client, job: Job) -> None:
    assert as_bob.post(choose(job), {"iteration": "40"}).status_code == 404


def test_anonymous_404(anonymous: Client, job: Job) -> None:
    assert anonymous.post(choose(job), {"iteration": "40"}).status_code == 404


def test_wrong_method_405(as_alice: Client, job: Job) -> None:
    assert as_alice.get(choose(job)).status_code == 405


def test_they_go_with_their_picture(job: Job, settings: LazySettings) -> None:
    housekeeping.delete_job(job)
    assert not files(settings, "frames")
    assert not Frame.objects.exists()


def test_they_are_not_swept_while_they_have_a_row(job: Job, settings: LazySettings) -> None:
    orphan = keepsakes.store_frame(make.picture(), 1)
    for path in files(settings, "frames"):
        os.utime(path, (0, 0))
    assert sweep.run()["frames orphan"] == 1
    assert len(files(settings, "frames")) == 2 * len(COLOURS)
    with pytest.raises(FileNotFoundError):
        keepsakes.open_frame(orphan)


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "the control"])
def test_a_zombie_leaves_no_frame(
    alice: User, settings: LazySettings, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:
        monkeypatch.setattr(runs, "_held", lambda job: Job.objects.filter(pk=job.pk))
    zombie = make.running_job(alice)
    jobs.put_back(zombie)
    jobs.claim_next("another worker")
    name = keepsakes.store_frame(make.picture(), zombie.fence)
    if guarded:
        with pytest.raises(jobs.Lost):
            runs.keep_frame(zombie, 5, name)
    else:
        runs.keep_frame(zombie, 5, name)
    assert Frame.objects.exists() is not guarded
    assert bool(files(settings, "frames")) is not guarded


def test_a_run_that_begins_again_drops_the_frames_it_will_paint_anew(alice: User, settings: LazySettings) -> None:
    job = make.running_job(alice)
    for iteration in (1, 20, 40):
        runs.keep_frame(job, iteration, keepsakes.store_frame(make.picture(), 1))
    runs.begin(job, 20)
    assert list(job.frames.values_list("iteration", flat=True)) == [1, 20]
    runs.begin(job, 0)
    assert not files(settings, "frames")
