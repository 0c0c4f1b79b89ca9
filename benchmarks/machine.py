"""Where figures come from, in words, and what a process costs: its seconds and its memory. Loads no PyTorch."""

import datetime
import os
import platform
import shutil
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
"""Where `python -m benchmarks...` and `python -m worker.engine` are found."""
BFLOAT16: Final = ("amx_bf16", "avx512_bf16")
"""What Linux calls the instructions."""


def description() -> str:
    """Date, processor, cores, memory, graphics card and PyTorch, on one line."""
    today = datetime.datetime.now(datetime.UTC).date()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    what = f"{today}, {_processor()}, {cores()} cores, {memory:.0f} GB, {_card()}, torch {metadata.version('torch')}"
    threads = os.environ.get("OMP_NUM_THREADS")
    return f"{what}, OMP_NUM_THREADS={threads}" if threads else what


def cores() -> int:
    """Those this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processor() -> str:
    try:
        lines = [line.partition(":") for line in Path("/proc/cpuinfo").read_text().splitlines()]
    except OSError:
        return platform.processor() or platform.machine()
    facts = {name.strip(): value.strip() for name, _, value in reversed(lines)}
    name = facts.get("model name", platform.machine())
    bf16 = [flag for flag in BFLOAT16 if flag in facts.get("flags", "").split()]
    model = f" (family {facts['cpu family']}, model {facts['model']})" if "cpu family" in facts else ""
    return " ".join([name + model, *bf16])


def knows_bfloat16() -> bool:
    """Whether the processor multiplies it itself, as far as Linux tells."""
    return any(flag in _processor().split() for flag in BFLOAT16)


def _card() -> str:
    command = shutil.which("nvidia-smi")
    if command is None:
        return "no GPU"
    asked = [command, "--query-gpu=name", "--format=csv,noheader"]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603
    return answer.stdout.strip().replace("\n", " + ") or "no GPU"


def run(module: str, *arguments: object) -> tuple[float, float]:
    """Seconds and peak memory in GB of `python -m module ...` as a process of its own, whose standard output nobody
    sees. Raises CalledProcessError.

    The kernel counts what this process held when it started the other, too: some 0.05 GB.
    """
    command = [sys.executable, "-m", module, *map(str, arguments)]
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)  # noqa: S603
    try:
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:
        process.kill()
        raise
    seconds = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    unit = 1 if sys.platform == "darwin" else 1024
    return seconds, usage.ru_maxrss * unit / 1e9
