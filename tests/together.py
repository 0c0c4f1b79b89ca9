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
            try:
                connection.ensure_connection()
            except Exception:
                gate.abort()
                raise
            gate.wait(timeout=30)
            return action()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as pool:
        futures = [pool.submit(one, action) for action in actions]
    troubles = [trouble for trouble in (future.exception() for future in futures) if trouble]
    for trouble in sorted(troubles, key=lambda one: isinstance(one, threading.BrokenBarrierError)):
        raise trouble  # whoever broke the gate says why; who waited at it does not know
    return [future.result() for future in futures]
