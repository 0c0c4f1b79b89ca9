"""THE FRAME: the wish to end (Ctrl-C, SIGTERM, a closed terminal): noted at once, heeded where nothing is half done."""

import signal
import time
from typing import Final

WISHES: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Ending:
    """A handler that raises would be lost where Python ignores exceptions, as in what it does around a fork."""

    def __init__(self) -> None:
        self._wished = False
        for wish in WISHES:
            signal.signal(wish, self._note)

    def heed(self) -> None:
        """Raises KeyboardInterrupt if somebody wished an end."""
        if self._wished:
            raise KeyboardInterrupt

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
        self.heed()

    def _note(self, _number: int, _frame: object) -> None:
        self._wished = True
