"""THE BENCH: whose work a log record belongs to: the job, and the visitor's request. Said in every record."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_job: ContextVar[str | None] = ContextVar("job", default=None)  # None: no piece of work has begun
_request: ContextVar[str] = ContextVar("request", default="")


@contextmanager
def begin(*, job: str = "", request: str = "") -> Iterator[None]:
    """A piece of work. What is bound within ends with it."""
    of_job, of_request = _job.set(job), _request.set(request)
    try:
        yield
    finally:
        _job.reset(of_job)
        _request.reset(of_request)


def bind(job: str) -> None:
    """From here to the end of this piece of work it is about this job. Outside of one nothing is bound."""
    if _job.get() is not None:
        _job.set(job)


def here() -> dict[str, str]:
    """What is bound: `job`, `request`, or nothing."""
    found = {"job": _job.get() or "", "request": _request.get()}
    return {name: value for name, value in found.items() if value}
