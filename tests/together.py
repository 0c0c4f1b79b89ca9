"""Many who do something at the same moment, each with a connection of its own; what one of them raises is raised."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection


def at_once(actions: Sequence[Callable[[], Any]]) -> list[Any]:
    """What as many threads, with a connection each, are answered when all are let go at the same moment."""
    gate = threading.Barrier(len(actions))

    def one(action: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            gate.wait(timeout=30)
            return action()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as pool:
        return [future.result() for future in [pool.submit(one, action) for action in actions]]
