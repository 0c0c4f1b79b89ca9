"""The kiln's fire, its place: the device a setting means and the number format its chip is quick at."""

import ctypes
import gc
import os
import sys
from contextlib import AbstractContextManager
from pathlib import Path

import torch

from worker.engine.errors import SettingsError


def chosen_device(name: str) -> torch.device:
    """The device a setting means. Raises SettingsError when this machine has none such."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        # Whole: its index too, and the optimiser's float64 with it.
        return torch.ones(1, device=torch.device(name), dtype=torch.float64).device
    except Exception as error:  # every kind of device has its own way to be missing
        raise SettingsError(f"device: {name!r} cannot be used here.") from error


def chosen_precision(name: str, device: torch.device) -> torch.dtype:
    """The convolutions' number format: "auto" is bfloat16 where the chip multiplies it natively; an old
    graphics card that does not know it gets float32 in any case.
    """
    if name == "float32":
        return torch.float32
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32
    if name == "bfloat16":
        return torch.bfloat16
    able = torch.cpu.get_capabilities() if device.type == "cpu" else {}
    native = able.get("avx512_bf16") or able.get("amx_bf16")
    return torch.bfloat16 if native else torch.float32


def is_device_lost(error: BaseException) -> bool:
    """Whether after this error every later call on the GPU fails in this process, as after a device-side assert."""
    if is_out_of_memory(error):
        return False
    return isinstance(error, RuntimeError) and "CUDA error" in str(error)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an allocation failed, on whichever device."""
    words = ("can't allocate memory", "not enough memory", "out of memory", "bad_alloc")
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or (
        isinstance(error, RuntimeError) and any(word in str(error) for word in words)
    )


def free_memory(device: torch.device) -> int:
    """Bytes that can be had on `device` now: of a GPU's own memory, or of this machine's or container's."""
    if device.type == "cuda":
        cached = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return int(torch.cuda.mem_get_info(device)[0]) + cached
    return min(_machine_memory(), _container_memory())


def let_go(name: str) -> float:
    """Gives back what nothing holds any more, to be called outside of `except`, for an exception holds tensors.

    GB that are then free on the device a setting means.
    """
    gc.collect()
    keep_freed_memory(False)
    return free_memory(chosen_device(name)) / 1e9


def _machine_memory() -> int:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
    except (OSError, StopIteration):  # not Linux: half of all there is
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2


def _container_memory() -> int:
    """What a Linux control group (version 2) leaves; without a limit, any number."""
    group = Path("/sys/fs/cgroup")
    try:
        used = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
        files = int(used["active_file"]) + int(used["inactive_file"])  # copies of the disk, given up when asked for
        return int((group / "memory.max").read_text()) - int((group / "memory.current").read_text()) + files
    except (OSError, ValueError, KeyError):  # no such group, or "max"
        return 1 << 62


def keep_freed_memory(kept: bool) -> None:
    """Tells the C library what to do with what large tensors give back, and lets go of what is free now.

    By default every page returns to Linux and is cleared again at the next layer, which takes about a seventh of
    an iteration.
    `kept`, it stays, which is quick; but beside a picture that fills the memory it would be missed.
    """
    if library := _glibc():
        library.malloc_trim(0)
        library.mallopt(-1, 1 << (30 if kept else 20))  # M_TRIM_THRESHOLD: bytes free at the heap's end
        library.mallopt(-3, 1 << (30 if kept else 20))  # M_MMAP_THRESHOLD: what is larger never comes from the heap
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        torch.cuda.empty_cache()


def repeatable() -> AbstractContextManager[None]:
    """Within it a graphics card computes the same on every run, and float32 is float32."""
    return torch.backends.cudnn.flags(enabled=True, deterministic=True, benchmark=False, allow_tf32=False)


def _glibc() -> ctypes.CDLL | None:
    library = ctypes.CDLL(None) if sys.platform == "linux" else None
    return library if library and hasattr(library, "malloc_trim") else None  # musl has none
