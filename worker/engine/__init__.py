"""The kiln's fire: Gatys' neural style transfer in PyTorch, complete in itself; it knows no house."""

from worker.engine.device import is_device_lost
from worker.engine.errors import EngineError, FlatResultError, PictureError, SettingsError, WeightsError
from worker.engine.schedule import fitted_size
from worker.engine.settings import Settings
from worker.engine.stylise import Step, stylise, warm_up

ENGINE_VERSION = "1.0"

__all__ = [
    "ENGINE_VERSION",
    "EngineError",
    "FlatResultError",
    "PictureError",
    "Settings",
    "SettingsError",
    "Step",
    "WeightsError",
    "fitted_size",
    "is_device_lost",
    "stylise",
    "warm_up",
]
