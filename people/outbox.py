"""THE DOOR: mail that is to go once, though several look for what is due, and any of them may be killed."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def alone(mail: str) -> Iterator[bool]:
    """Whether nobody else is about to send the mail of this name. Within: look whether it is still due, send, mark.

    The lock is the connection's and goes with it: whoever is killed before the mark loses no mail, and only one who
    is killed between the mail server's answer and the mark lets it be sent twice.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [f"mail:{mail}"])
        (got,) = cursor.fetchone() or (False,)
    try:
        yield got
    finally:
        if got:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [f"mail:{mail}"])
