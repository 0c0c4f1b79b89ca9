"""Memory of large pictures goes back, whichever thread had it."""

import subprocess
import sys

import pytest

from ostagram import memory

HELD_MB = """
import sys, threading, psutil
from PIL import Image
from ostagram import memory
if {guarded}:
    assert memory.give_back_large_blocks()
def once(size):
    Image.new("RGB", size).copy()
def many():
    once((4000, 3000))
    pictures = [Image.new("RGB", (2000, 2000)) for _picture in range(4)]
    small = [bytes(100_000) for _rest in range(20)]  # lies above them in the heap
    del pictures
    kept.append(small)
    ready.wait(); over.wait()
kept, ready, over = [], threading.Barrier(5), threading.Event()
for _thread in range(4):
    threading.Thread(target=many, daemon=True).start()
ready.wait()
print(psutil.Process().memory_info().rss // 1_000_000)
"""


def held_mb(*, guarded: bool) -> int:
    command = [sys.executable, "-c", HELD_MB.format(guarded=guarded)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


glibc = pytest.mark.skipif(not memory.give_back_large_blocks(), reason="mallopt is glibc's")


@glibc
def test_threads_keep_nothing_of_large_pictures() -> None:
    assert held_mb(guarded=True) < 100


@glibc
def test_control_left_to_itself_each_thread_keeps_them() -> None:
    assert held_mb(guarded=False) > 150
