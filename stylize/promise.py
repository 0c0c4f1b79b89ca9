"""THE BENCH: how the expected time is told: an earlier end at once, a later one only together with a reason. Pure.

Estimates waver. A time that jumps back and forth is worth nothing, so what was told stands until it is off by more
than a slip; then the new time is told, and why.
"""

from dataclasses import dataclass, replace
from typing import Final

SLIP_S: Final = 8.0
SLIP: Final = 0.15  # of the time that was still to go
REASON_LIVES_S: Final = 60.0

OVERTAKEN: Final = "overtaken"
SLOWER: Final = "slower"
INTERRUPTED: Final = "interrupted"


@dataclass(frozen=True)
class Promise:
    """What a watcher was told; times are seconds since 1970."""

    ready_at: float
    ahead: int = 0  # pictures in line before this one
    interruptions: int = 0  # runs that ended without a picture
    reason: str = ""  # why it will be later than was told before
    since: float = 0.0  # of the reason

    def remaining_s(self, now: float) -> float:
        return max(0.0, self.ready_at - now)


def renewed(told: Promise | None, estimate: Promise, now: float) -> Promise:
    """What to tell now, after `told`."""
    if told is None:
        return estimate
    late = estimate.ready_at - told.ready_at
    if 0 < late <= max(SLIP_S, SLIP * told.remaining_s(now)):
        estimate = replace(estimate, ready_at=told.ready_at)
    elif late > 0:
        return replace(estimate, reason=_reason(told, estimate), since=now)
    if told.reason and now - told.since < REASON_LIVES_S:
        estimate = replace(estimate, reason=told.reason, since=told.since)
    return estimate


def tempered(*, passed_s: float, fraction: float, expected_s: float | None) -> float | None:
    """Seconds still to go: by the usual speed at first, by this painting's own from its first quarter on."""
    if fraction <= 0:
        return expected_s
    measured = passed_s / fraction
    trust = min(1.0, 4 * fraction) if expected_s is not None else 1.0
    return max(0.0, (1 - trust) * (expected_s or 0.0) + trust * measured - passed_s)


def _reason(told: Promise, estimate: Promise) -> str:
    if estimate.interruptions > told.interruptions:
        return INTERRUPTED
    return OVERTAKEN if estimate.ahead > told.ahead else SLOWER
