"""Those who keep pages ready hear of a change when it is committed, and of none that was not."""

from collections.abc import Iterator

import pytest
from django.db import transaction

from stylize import showing


@pytest.fixture
def heard(transactional_db: None) -> Iterator[list[str]]:
    told: list[str] = []

    def listen() -> None:
        told.append("changed")

    showing.on_change(listen)
    showing.on_change(listen)  # registered once all the same
    yield told
    showing._listeners.remove(listen)


def test_told_once_the_change_is_committed(heard: list[str]) -> None:
    with transaction.atomic():
        showing.changed()
        assert heard == []
    assert heard == ["changed"]


def test_a_change_that_was_taken_back_is_not_told(heard: list[str]) -> None:
    def change_and_break() -> None:
        with transaction.atomic():
            showing.changed()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_and_break()
    assert heard == []
