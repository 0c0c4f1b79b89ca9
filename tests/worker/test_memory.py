"""Out of memory: once more in small pieces, never smaller than sold; else failed, in words."""

import gc
import weakref

import pytest
import torch

from people.models import User
from stylize.models import Job
from tests import make
from tests.worker.fake_engine import FakeEngine
from worker import engine, kiln
from worker.heart import Heart

ERRORS = [
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9 GiB."),
    MemoryError(),
    engine.TooLargeError("There is not enough memory for this size, not even in small tiles."),
]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def owner() -> User:
    return make.user("alice")


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    fake = FakeEngine()
    monkeypatch.setattr(kiln.dispatch, "wake", lambda: None)
    monkeypatch.setattr(kiln.engine, "stylise", fake)
    return fake


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_it_is_painted_in_small_pieces(owner: User, fake: FakeEngine, error: Exception) -> None:
    def once(step: int) -> None:
        if len(fake.calls) == 1:
            raise error

    fake.before_step = once
    job = make.job(owner)
    kiln.paint_next("test", lambda: False)
    job.refresh_from_db()
    assert (job.status, job.strikes) == (Job.Status.DONE, 0)
    assert fake.calls[0].memory == 0
    assert 0 < fake.calls[1].memory < 1000
    assert fake.calls[0].max_side == fake.calls[1].max_side  # never smaller than sold


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_twice_is_a_failure_in_words(owner: User, fake: FakeEngine, error: Exception) -> None:
    def always(step: int) -> None:
        raise error

    fake.before_step = always
    job = make.job(owner)
    assert kiln.paint_next("test", lambda: False) is True  # the kiln itself is well
    job.refresh_from_db()
    assert (job.status, job.failure, len(fake.calls)) == (Job.Status.FAILED, Job.Failure.MEMORY, 2)
    assert "memory" in job.get_failure_display()


def _at_once(job: Job, given: kiln._Given, heart: Heart) -> tuple[int, engine.Step]:
    """In the place of `kiln._painted_somehow`: the second try begins while the error is still being handled."""
    try:
        return kiln._painted(job, given, heart, memory_gb=0)
    except MemoryError:
        return kiln._painted(job, given, heart, memory_gb=0.01)


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
def test_what_the_first_try_held_is_free_before_the_second(
    owner: User, fake: FakeEngine, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """An exception keeps the frames of its traceback, and these their tensors, as long as it is being handled."""
    held: list[weakref.ref[torch.Tensor]] = []
    is_free: list[bool] = []

    def once(step: int) -> None:
        if len(fake.calls) == 1:
            big = torch.zeros(1000)
            held.append(weakref.ref(big))
            raise MemoryError
        is_free.append(held[0]() is None)

    fake.before_step = once
    if not guarded:
        monkeypatch.setattr(kiln, "_painted_somehow", _at_once)
    gc.disable()
    try:
        make.job(owner)
        kiln.paint_next("test", lambda: False)
    finally:
        gc.enable()
    assert is_free == [guarded]
