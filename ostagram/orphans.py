"""THE FRAME: no process outlives the one that started it, not even after kill -9 (on Linux; elsewhere by manners)."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from typing import Final

PR_SET_PDEATHSIG: Final = 1
LIBC: Final = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with(parent: int, last_signal: int = signal.SIGKILL) -> None:
    """Ask the kernel to send this process `last_signal` when its parent, the process `parent`, is gone."""
    if LIBC is None:
        return
    LIBC.prctl(PR_SET_PDEATHSIG, int(last_signal))
    if os.getppid() != parent:  # it was gone before we asked
        os._exit(1)


def bound(last_signal: int = signal.SIGKILL) -> Callable[[], None]:
    """A preexec_fn for Popen. Use it from the main thread: the kernel ties the child to the thread that starts it."""
    return partial(die_with, os.getpid(), last_signal)
