"""THE DESK: what goes wrong at the practice till because somebody wants to see what the site makes of it.

In memory: a till that starts again is calm.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final

from billing.till.refusal import Refusal

HANG_S: Final = 60
CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "api": ("none", "hang", "hang-after", "500", "500-after", "500-kept", "429", "away"),
    "webhooks": ("send", "drop", "double"),
    "refunds": ("succeed", "pending", "fail"),
}


@dataclass(frozen=True)
class Trouble:
    api: str = "none"  # …-after: the work is done first; 500-kept: and the same key brings the same 500 again
    times: int = 0  # for so many calls; 0: until it is lifted
    only: str = "/v1/"  # how the paths begin that are concerned
    webhooks: str = "send"
    refunds: str = "succeed"
    webhook_url: str = ""  # in place of the settings' one
    clock: int = 0  # s by which the till's clock is ahead
    lifted: threading.Event = field(default_factory=threading.Event, compare=False)


_lock: Final = threading.Lock()
_now = Trouble()


def now() -> Trouble:
    return _now


def clock() -> int:
    """The till's time, in whole seconds as in all of Stripe's objects."""
    return int(time.time()) + _now.clock


def change(given: Mapping[str, str]) -> Trouble:
    """Take what is named, leave the rest. With a new one for `api`, calls that hang go on."""
    changes: dict[str, Any] = {name: _read(name, value) for name, value in given.items()}
    if "api" in changes:
        changes = {"times": 0, "only": "/v1/", "lifted": threading.Event()} | changes
    return _set(replace(_now, **changes))


def calm() -> Trouble:
    return _set(Trouble())


def strike(path: str) -> Trouble:
    """What befalls a call to `path`; counts it."""
    global _now
    with _lock:
        hit = _now
        if hit.api == "none" or not path.startswith(hit.only):
            return replace(hit, api="none")
        if hit.times:
            _now = replace(hit, times=hit.times - 1, api=hit.api if hit.times > 1 else "none")
        return hit


def _set(trouble: Trouble) -> Trouble:
    global _now
    with _lock:
        before, _now = _now, trouble
    if before.lifted is not trouble.lifted:
        before.lifted.set()
    return trouble


def _read(name: str, value: str) -> str | int:
    known = {one.name for one in fields(Trouble)} - {"lifted"}
    if name not in known or value not in CHOICES.get(name, (value,)):
        raise Refusal(f"The till knows no trouble {name}={value}.")
    if name not in ("times", "clock"):
        return value
    if not value.removeprefix("-").isdecimal():
        raise Refusal(f"{name}={value} is no whole number.")
    return int(value)
