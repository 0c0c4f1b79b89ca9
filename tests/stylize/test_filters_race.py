"""Saved at the same moment, in real Postgres: names are single, the limit holds, a style is kept or told to be gone."""

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import IntegrityError, connection

from people import guests
from people.models import User
from stylize import filters, housekeeping
from stylize.models import Filter, Style
from tests import make

CROWD = 4
pytestmark = pytest.mark.django_db(transaction=True)


def save_all(owner: User, styles: list[tuple[Style, str]]) -> list[Filter]:
    """What became of styles that were saved all at once: those that were taken."""

    def save(style: Style, name: str) -> Filter | None:
        try:
            return filters.save(owner, style, name=name, settings={}, is_public=False)
        except filters.Refused:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(CROWD) as pool:
        return [found for found in pool.map(lambda one: save(*one), styles) if found]


@pytest.fixture
def _all_have_looked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has found room waits for the others before going on; where they are kept out, not for long."""
    check, gate = filters._check_room, threading.Barrier(CROWD)

    def check_and_wait(owner: User) -> None:
        check(owner)
        with contextlib.suppress(threading.BrokenBarrierError):
            gate.wait(0.5)

    monkeypatch.setattr(filters, "_check_room", check_and_wait)


@pytest.mark.usefixtures("_all_have_looked")
@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
def test_nobody_gets_more_than_the_limit(monkeypatch: pytest.MonkeyPatch, guarded: bool) -> None:
    monkeypatch.setattr(filters, "MOST", 1)
    alice = make.user("alice")
    styles = [(make.style(alice), f"No {number}") for number in range(CROWD)]
    if not guarded:
        monkeypatch.setattr(guests, "hold_owner", lambda owner, with_neighbours: None)
    assert len(save_all(alice, styles)) == Filter.objects.count() == (1 if guarded else CROWD)


@pytest.mark.usefixtures("_all_have_looked")
def test_one_form_sent_many_times_at_once_is_one_saved_style() -> None:
    alice = make.user("alice")
    style = make.style(alice)
    assert len(save_all(alice, [(style, "Stormy")] * CROWD)) == Filter.objects.count() == 1


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
def test_a_style_that_is_saved_while_it_is_deleted_is_kept_or_said_to_be_gone(
    monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Deleted after the look at it. With the row held, the deletion waits and finds that it is needed."""
    alice = make.user("alice")
    style = make.style(alice)
    deleter = threading.Thread(target=_delete, args=[style])
    check = filters._check_name

    def check_while_it_is_deleted(*args: Any, **options: Any) -> None:
        check(*args, **options)
        deleter.start()
        deleter.join(0.5)

    monkeypatch.setattr(filters, "_check_name", check_while_it_is_deleted)
    if not guarded:
        monkeypatch.setattr(filters, "_held", lambda owner, style: Style.objects.get(pk=style.pk))
    saved: list[Filter] = []
    with contextlib.suppress(filters.Refused):
        saved.append(filters.save(alice, style, name="Stormy", settings={}, is_public=False))
    deleter.join()
    assert bool(saved) is Style.objects.exists() is Filter.objects.exists() is guarded


def _delete(style: Style) -> None:
    try:
        housekeeping.delete_style_if_unused(style)
    finally:
        connection.close()


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
def test_a_style_saved_after_the_look_of_whoever_deletes_it_is_kept(guarded: bool) -> None:
    """What stands in the way is the database; a deletion that does not ask it what hangs on a style would break it."""
    alice = make.user("alice")
    style = make.style(alice)
    make.filter(alice, style)
    if guarded:
        housekeeping.delete_style_if_unused(style)
        assert Style.objects.filter(pk=style.pk).exists()
    else:
        with pytest.raises(IntegrityError):
            Style.objects.filter(pk=style.pk)._raw_delete(connection.alias)
