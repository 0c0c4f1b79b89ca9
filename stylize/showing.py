"""THE BENCH: tells those who keep pages ready that what may be shown has changed."""

from collections.abc import Callable

from django.db import transaction

_listeners: list[Callable[[], None]] = []


def on_change(listener: Callable[[], None]) -> None:
    """Register what a floor above does then (from AppConfig.ready)."""
    if listener not in _listeners:
        _listeners.append(listener)


def changed() -> None:
    """A picture was shown, hidden or deleted, or a name beside it changed. Told once the change is committed."""
    for listener in _listeners:
        transaction.on_commit(listener)
