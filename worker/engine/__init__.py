"""The kiln's fire: Gatys' neural style transfer in PyTorch, complete in itself; it knows no house."""

from worker.engine.device import is_device_lost, is_out_of_memory, let_go
from worker.engine.easel import Style
from worker.engine.enlarge import enlarge
from worker.engine.errors import (
    EngineError,
    FlatResultError,
    PictureError,
    SettingsError,
    TooLargeError,
    WeightsError,
)
from worker.engine.explain import reconstruct, texture
from worker.engine.schedule import fitted_size
from worker.engine.settings import Settings
from worker.engine.stylise import Step, stylise, warm_up

ENGINE_VERSION = "2.1"

__all__ = [
    "ENGINE_VERSION",
    "EngineError",
    "FlatResultError",
    "PictureError",
    "Settings",
    "SettingsError",
    "Step",
    "Style",
    "TooLargeError",
    "WeightsError",
    "enlarge",
    "fitted_size",
    "is_device_lost",
    "is_out_of_memory",
    "let_go",
    "reconstruct",
    "stylise",
    "texture",
    "warm_up",
]
