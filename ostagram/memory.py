"""THE FRAME: memory of large pictures goes back to the system as soon as they are done with."""

import contextlib
import ctypes
from typing import Final

M_MMAP_THRESHOLD: Final = -3  # malloc.h of glibc
LARGE_BYTES: Final = 4 * 1024 * 1024  # Pillow asks for 16 MB at a time


def give_back_large_blocks() -> bool:
    """Fix the size from which a block of its own is taken, and given back. False: this is not glibc.

    Left to itself glibc raises it to the largest block that was ever freed. Then pictures come from the heaps of the
    threads, each of which keeps what it once had: twenty uploads of 12 megapixels at once took 1.4 GB instead of 0.7.
    """
    with contextlib.suppress(OSError, AttributeError):
        return bool(ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE_BYTES) == 1)
    return False
