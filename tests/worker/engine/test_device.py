"""The place: devices, number formats, what is free, and which errors mean what."""

from pathlib import Path

import pytest
import torch

from tests.worker.engine.brush import CPU
from worker.engine import SettingsError, device

GB = 1 << 30


@pytest.fixture
def files(monkeypatch) -> dict[str, str]:
    """What the system's own files say; those not in here do not exist."""
    said: dict[str, str] = {}

    def read_text(path: Path) -> str:
        if str(path) not in said:
            raise FileNotFoundError(2, "No such file or directory", str(path))
        return said[str(path)]

    monkeypatch.setattr(Path, "read_text", read_text)
    return said


def test_the_machines_memory_counts_where_no_container_has_a_limit(files):
    files["/proc/meminfo"] = "MemTotal:  32000000 kB\nMemFree:   100 kB\nMemAvailable:   4194304 kB\n"
    assert device.free_memory(CPU) == 4 * GB
    files["/sys/fs/cgroup/memory.max"] = "max\n"
    files["/sys/fs/cgroup/memory.current"] = f"{GB}\n"
    assert device.free_memory(CPU) == 4 * GB


def test_a_containers_limit_counts_where_it_leaves_less(files):
    files["/proc/meminfo"] = "MemAvailable:   4194304 kB\n"
    files["/sys/fs/cgroup/memory.max"] = f"{3 * GB}\n"
    files["/sys/fs/cgroup/memory.current"] = f"{2 * GB}\n"
    files["/sys/fs/cgroup/memory.stat"] = f"anon 7\nactive_file {GB // 2}\ninactive_file {GB // 2}\n"
    assert device.free_memory(CPU) == 2 * GB  # copies of files are given up when asked for


def test_on_a_machine_that_does_not_say_half_of_its_memory_counts(files):
    assert 1 << 20 < device.free_memory(CPU) < 1 << 50


@pytest.mark.parametrize(
    ("error", "out"),
    [
        (MemoryError(), True),
        (torch.OutOfMemoryError("CUDA out of memory."), True),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 4 bytes"), True),
        (RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 4 bytes"), True),
        (RuntimeError("CUDA error: out of memory"), True),
        (RuntimeError("std::bad_alloc"), True),
        (RuntimeError("CUDA error: device-side assert triggered"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_an_error_of_memory_is_known(error, out):
    assert device.is_out_of_memory(error) is out


def test_what_pytorch_says_without_memory_is_known():
    with pytest.raises(RuntimeError) as raised:
        torch.empty(1 << 60, dtype=torch.uint8)
    assert device.is_out_of_memory(raised.value)


@pytest.mark.parametrize(
    ("error", "lost"),
    [
        (RuntimeError("CUDA error: device-side assert triggered"), True),
        (torch.OutOfMemoryError("CUDA out of memory."), False),
        (RuntimeError("CUDA error: out of memory"), False),
        (RuntimeError("shapes differ"), False),
    ],
)
def test_a_device_that_is_lost_is_known(error, lost):
    assert device.is_device_lost(error) is lost


def test_a_device_is_found_or_refused():
    assert device.chosen_device("cpu") == CPU
    assert device.chosen_device("auto").type in ("cpu", "cuda")
    for name in ("abacus", "cuda:99", "meta:x", ""):
        with pytest.raises(SettingsError, match="cannot be used here"):
            device.chosen_device(name)


@pytest.mark.parametrize(
    ("able", "dtype"),
    [({"avx512_bf16": True}, torch.bfloat16), ({"amx_bf16": True}, torch.bfloat16), ({"avx2": True}, torch.float32)],
)
def test_the_quick_format_is_chosen_where_the_chip_knows_it(monkeypatch, able, dtype):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: able)
    assert device.chosen_precision("auto", CPU) == dtype
    assert device.chosen_precision("bfloat16", CPU) == torch.bfloat16
    assert device.chosen_precision("float32", CPU) == torch.float32
