"""Taking a painting as it is: the wish, who may have it, and what the kiln makes of it."""

import time
from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from feed.models import Post
from people.models import User
from stylize import jobs, progress, recipe, runs, watching
from stylize.models import Job
from tests import make
from tests.worker.fake_engine import FakeEngine
from worker import kiln

Status = Job.Status
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> None:
    monkeypatch.setattr(kiln.dispatch, "wake", lambda: None)
    settings.BEAT_S = 0.02


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    fake = FakeEngine()
    monkeypatch.setattr(kiln.engine, "stylise", fake)
    return fake


def long_job(owner: User, iterations: int = 1000) -> Job:
    job = make.job(owner, tier="hd", iterations=iterations)
    jobs.release(job)
    return job


def end(job: Job) -> str:
    return reverse("stylize:end", args=[job.key])


def paint() -> None:
    kiln.paint_next("test", lambda: False)


def slowly(at: int, do: Callable[[], object]) -> Callable[[int], None]:
    def before(step: int) -> None:
        if step == at:
            do()
        time.sleep(0.02)

    return before


def test_works_within_a_heartbeat(as_alice: Client, alice: User, fake: FakeEngine) -> None:
    job = long_job(alice)
    fake.before_step = slowly(20, lambda: as_alice.post(end(job)))
    began = time.monotonic()
    paint()
    assert time.monotonic() - began < 10  # of the 20 s that all steps would take
    job.refresh_from_db()
    assert (job.status, job.strikes) == (Status.DONE, 0)
    assert job.iterations_done is not None
    assert 19 <= job.iterations_done < 300
    assert Post.objects.get().job == job
    page = as_alice.get(reverse("stylize:job", args=[job.key])).content.decode()
    assert f"{job.iterations_done} of 1000" in page.replace(",", "")


def test_the_last_frame_is_what_was_taken(as_alice: Client, alice: User, fake: FakeEngine) -> None:
    job = long_job(alice)
    fake.before_step = slowly(20, lambda: as_alice.post(end(job)))
    paint()
    job.refresh_from_db()
    last = job.frames.last()
    assert last
    assert last.iteration == job.iterations_done


def test_not_before_there_is_a_picture_of_full_size(as_alice: Client, alice: User, fake: FakeEngine) -> None:
    """Wished while it is still laid out: told so, and granted with the first iteration."""
    job = long_job(alice)

    def wish() -> None:
        page = as_alice.post(end(job), follow=True)
        assert "still being laid out" in page.content.decode()
        time.sleep(0.3)  # the heart has noticed

    fake.before_step = slowly(1, wish)
    paint()
    job.refresh_from_db()
    assert (job.status, job.iterations_done) == (Status.DONE, 1)


def test_the_wish_outlives_a_worker(alice: User, fake: FakeEngine) -> None:
    job = long_job(alice)
    claim = jobs.claim_next("test")
    assert claim
    assert runs.want_end(claim)
    jobs.strike(claim, Job.Failure.LOST)
    fake.before_step = lambda step: time.sleep(0.05)
    paint()
    job.refresh_from_db()
    assert job.status == Status.DONE
    assert job.iterations_done is not None
    assert job.iterations_done < 100


def test_of_another_run_than_was_seen_nothing_is_wished(alice: User) -> None:
    """The page was opened on one run; the wish of it does not reach the next."""
    long_job(alice)
    seen = jobs.claim_next("test")
    assert seen
    jobs.put_back(seen)
    jobs.claim_next("another worker")
    assert not runs.want_end(seen)
    assert not Job.objects.get().finish_early


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "the control"])
def test_a_wish_that_comes_too_late_changes_nothing(
    alice: User, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:
        monkeypatch.setattr(runs, "_held", lambda job: Job.objects.filter(pk=job.pk))
    job = make.running_job(alice)
    jobs.finish(job, jobs.Result("results/x/x-1", 1.0, "test", 7))
    assert runs.want_end(job) is not guarded
    assert Job.objects.get().finish_early is not guarded


@pytest.mark.parametrize("status", [status for status in Status.values if status != Status.RUNNING])
def test_what_is_not_painted_now_stays_as_it_is(as_alice: Client, alice: User, status: str) -> None:
    job = make.in_status(alice, status)
    page = as_alice.post(end(job), follow=True)
    assert "not being painted just now" in page.content.decode()
    job.refresh_from_db()
    assert (job.status, job.finish_early) == (status, False)


def test_the_button_is_there_while_it_can_be_used(as_alice: Client, alice: User) -> None:
    job = long_job(alice)
    page = reverse("stylize:job", args=[job.key])
    assert "data-end hidden" in as_alice.get(page).content.decode()
    claim = jobs.claim_next("test")
    assert claim
    told = progress.Snapshot(status=Status.RUNNING, phase="paint", iteration=3, iterations=1000)
    progress.write(job.key, told)
    assert watching.words(told, "token")["can_end"]
    assert "data-end>" in as_alice.get(page).content.decode()
    assert "finished with what is there" in as_alice.post(end(job), follow=True).content.decode()
    assert "data-end" not in as_alice.get(page).content.decode()


def test_a_free_picture_has_nothing_to_end(as_alice: Client, alice: User) -> None:
    job = make.running_job(alice)
    assert "data-end" not in as_alice.get(reverse("stylize:job", args=[job.key])).content.decode()


def test_stranger_404(as_bob: Client, alice: User) -> None:
    job = make.running_job(alice)
    assert as_bob.post(end(job)).status_code == 404
    assert not Job.objects.get().finish_early


def test_anonymous_404(anonymous: Client, alice: User) -> None:
    assert anonymous.post(end(make.running_job(alice))).status_code == 404


def test_wrong_method_405(as_alice: Client, alice: User) -> None:
    assert as_alice.get(end(make.running_job(alice))).status_code == 405


def test_the_recipe_names_its_interruptions(alice: User) -> None:
    job = make.done_job(alice, resumed_at=[120, 300])
    assert ("Interrupted, gone on from", "iteration 120, 300") in recipe.lines(job)
