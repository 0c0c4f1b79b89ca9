"""The kiln's fire, its place: the device a setting means and the number format its chip is quick at."""

import torch

from worker.engine.errors import SettingsError


def chosen_device(name: str) -> torch.device:
    """The device a setting means. Raises SettingsError when this machine has none such."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.ones(1, device=device).item()
    except (RuntimeError, AssertionError) as error:
        raise SettingsError(f"device: {name!r} cannot be used here.") from error
    return device


def chosen_precision(name: str, device: torch.device) -> torch.dtype:
    """The convolutions' number format: "auto" is bfloat16 where the chip multiplies it natively."""
    if name != "auto":
        return torch.float32 if name == "float32" else torch.bfloat16
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32
    able = torch.cpu.get_capabilities() if device.type == "cpu" else {}
    native = able.get("avx512_bf16") or able.get("amx_bf16")
    return torch.bfloat16 if native else torch.float32


def is_device_lost(error: BaseException) -> bool:
    """Whether after this error every later call on the GPU fails in this process, as after a device-side assert."""
    if isinstance(error, torch.cuda.OutOfMemoryError):
        return False
    return isinstance(error, RuntimeError) and "CUDA error" in str(error)
