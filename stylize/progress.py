"""THE BENCH: live progress and previews in Redis. Losing them loses nothing: Postgres holds what counts."""

import json
import time
from dataclasses import asdict, dataclass, field
from typing import Final

from django.core import signing
from django.core.cache import cache

from stylize import promise as promises
from stylize.promise import Promise

LIVES_S: Final = 3600  # after the last word from the kiln
STALE_S: Final = 15  # after that, Postgres is asked whether the job still runs
GUESS_LIVES_S: Final = 3  # a place in line read from Postgres
PROMISE_LIVES_S: Final = 24 * 3600
PROOF: Final = "proof"  # the phase of nine small paintings, whatever their status
SALT: Final = "stylize.progress"
CURVE_POINTS: Final = 120


@dataclass(frozen=True)
class Snapshot:
    """What a watcher of a job is told; `fraction` is 0 to 1, `losses` the curve so far."""

    status: str
    fraction: float = 0.0
    phase: str = ""
    iteration: int = 0
    iterations: int = 0
    loss: float | None = None
    losses: list[float] = field(default_factory=list)
    remaining_s: float | None = None  # until it is ready, when this was told
    reason: str = ""  # why that is later than was told before
    interruptions: int = 0  # runs that ended without a picture
    resumed_at: int = 0  # the iteration from which an interrupted painting goes on; 0: it begins again
    ahead: int | None = None
    preview: int = 0  # its number; 0: there is none
    told_at: float = field(default_factory=time.time)  # seconds since 1970

    @property
    def is_stale(self) -> bool:
        """Whether its teller has been silent for so long that it may have stopped without a last word."""
        return time.time() - self.told_at > STALE_S

    @property
    def still_to_go_s(self) -> float | None:
        return None if self.remaining_s is None else max(0.0, self.remaining_s - (time.time() - self.told_at))

    @property
    def percent(self) -> int:
        return int(100 * self.fraction)


def token_of(key: str) -> str:
    """A signed leave to watch one job, so that watching needs no look at the database."""
    return signing.Signer(salt=SALT).sign(key)


def key_of(token: str) -> str | None:
    try:
        return signing.Signer(salt=SALT).unsign(token)
    except signing.BadSignature:
        return None


def write(key: str, snapshot: Snapshot, preview: bytes | None = None, lives_s: int = LIVES_S) -> None:
    """Publish; without a cache nobody watches, and the painting goes on."""
    if preview is not None:
        cache.set(_name(key, "preview"), preview, lives_s)
    cache.set(_name(key, "snapshot"), json.dumps(asdict(snapshot)), lives_s)


def read(key: str) -> Snapshot | None:
    found = cache.get(_name(key, "snapshot"))
    return Snapshot(**json.loads(found)) if found else None


def iteration(key: str) -> int:
    """Of the painting as the kiln told it last; 0 where nothing is known."""
    told = read(key)
    return told.iteration if told else 0


def preview(key: str) -> bytes | None:
    found = cache.get(_name(key, "preview"))
    return bytes(found) if found else None


def promise(key: str, estimate_s: float, *, ahead: int = 0, interruptions: int = 0) -> Promise:
    """What to tell about the time, after what was told before: it outlives snapshots, and a painting begun again."""
    now = time.time()
    estimate = Promise(now + estimate_s, ahead, interruptions)
    told = promises.renewed(promised(key), estimate, now)
    cache.set(_name(key, "promise"), json.dumps(asdict(told)), PROMISE_LIVES_S)
    return told


def promised(key: str) -> Promise | None:
    found = cache.get(_name(key, "promise"))
    return Promise(**json.loads(found)) if found else None


def forget(key: str) -> None:
    """Make watchers look at Postgres again, after a move that no kiln makes. What was promised stands."""
    cache.delete_many([_name(key, "snapshot"), _name(key, "preview")])


def thinned(losses: list[float]) -> list[float]:
    """At most about CURVE_POINTS of a long curve, with its last point."""
    stride = len(losses) // CURVE_POINTS + 1
    return losses[::stride] + (losses[-1:] if (len(losses) - 1) % stride else [])


def _name(key: str, part: str) -> str:
    return f"progress:{key}:{part}"
