"""THE DESK: how everything at the practice till begins and ends: what is overdue first, and the post goes at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from billing.till import books, post, sessions


@contextmanager
def at_work() -> Iterator[books.Books]:
    """One transaction."""
    with books.opened() as opened:
        sessions.expire_due(opened)
        yield opened
    post.hurry()
