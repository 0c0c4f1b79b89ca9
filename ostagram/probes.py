"""THE FRAME: a question to something that may hang, with an answer in time all the same."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from django.db import connections

log = logging.getLogger(__name__)

AWAY: Final = "away"
PATIENCE_S: Final = 1.5
GIVEN_UP_S: Final = 10.0  # a question that hangs longer is forgotten, and asked anew


class Probe:
    """Asks in a thread of its own. Who asks at the same time shares the question: a frozen part costs one thread."""

    def __init__(self, name: str, ask: Callable[[], str]) -> None:
        self.name = name
        self._ask = ask
        self._lock = threading.Lock()
        self._question: _Question | None = None

    def begin(self) -> "_Question":
        with self._lock:
            if self._question is None or not self._question.is_open():
                self._question = _Question(self.name, self._ask)
            return self._question


class _Question:
    def __init__(self, name: str, ask: Callable[[], str]) -> None:
        self._name, self._ask = name, ask
        self._asked_at = time.monotonic()
        self._answered = threading.Event()
        self._answer = AWAY
        threading.Thread(target=self._run, name=f"probe-{name}", daemon=True).start()

    def is_open(self) -> bool:
        return not self._answered.is_set() and time.monotonic() - self._asked_at < GIVEN_UP_S

    def answer(self, until: float) -> str:
        """What was answered by then (monotonic), or `away`."""
        return self._answer if self._answered.wait(max(0.0, until - time.monotonic())) else AWAY

    def _run(self) -> None:
        try:
            own = connections["default"].copy()  # it waits two seconds for Postgres, not for ever
            own.settings_dict["OPTIONS"] = own.settings_dict["OPTIONS"] | {"connect_timeout": 2}
            connections["default"] = own
            self._answer = self._ask()
        except Exception as trouble:  # whatever it is, this part cannot be used
            log.warning("%s is away: %s", self._name, type(trouble).__name__)
        finally:
            self._answered.set()
            connections.close_all()
