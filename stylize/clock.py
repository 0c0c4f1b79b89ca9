"""THE BENCH: the line's clock: the highest rank that was ever taken to the kiln. It never goes back.

Jobs may be deleted. If the clock fell with the highest of them, somebody who deletes each picture once it is painted
would join before those who wait, time after time, and they would wait for ever. So Postgres keeps the rank of what
is deleted, by a trigger (migrations 0005 and 0010), whatever deletes it. A job that steps aside gets another rank: the
trigger keeps the one before, and the new one counts once it is claimed with it.
"""

from typing import Final

from django.db import connection, models

NOW: Final = """
SELECT greatest(
    (SELECT max(rank) FROM stylize_job WHERE fence > 0 AND NOT is_aside), (SELECT max(rank) FROM stylize_clock), 0
)
"""


class Clock(models.Model):
    """One row at most: the highest rank among claimed jobs that are not there any more."""

    rank = models.FloatField(default=0.0)


def now() -> float:
    """What the clock shows: the highest rank that was ever taken to the kiln."""
    with connection.cursor() as cursor:
        cursor.execute(NOW)
        ((rank,),) = cursor.fetchall()
    return float(rank)
