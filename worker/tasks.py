"""THE KILN: Celery's door to painting: one message = one claim.

PyTorch is loaded in the pool's child only, because CUDA does not survive a fork; so the kiln is imported by the
functions that run there. The stop flag is shared memory made before the fork: the main process raises it, the child
sees it.
"""

import logging
import multiprocessing
import os
import signal
import socket
from typing import Any

from celery import shared_task
from celery.signals import worker_process_init, worker_shutting_down

log = logging.getLogger(__name__)

_stopping = multiprocessing.get_context("fork").Event()


@worker_process_init.connect
def _heat(**_details: Any) -> None:
    """Load the network before the first job; without its weights this worker can do nothing and stops."""
    # PyTorch's threads wait for each other by spinning. Beside a busy web server that makes a painting up to four
    # times slower; asleep they cost nothing. Read when PyTorch is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from worker import kiln, roster

    roster.enter(_name(), _stopping.is_set)
    try:
        kiln.heat()
    except kiln.Cold as error:
        log.critical("This worker stops: %s", error)
        _stopping.set()  # nothing is claimed until it has stopped
        os.kill(os.getppid(), signal.SIGTERM)


@worker_shutting_down.connect
def _stop(**_details: Any) -> None:
    _stopping.set()


@shared_task(name="worker.tasks.paint")
def paint() -> None:
    from stylize import trail
    from worker import kiln

    if not _stopping.is_set():
        with trail.begin():
            kiln.paint_next(_name(), _stopping.is_set)


def _name() -> str:
    """Of this pool child, in its jobs and in the workers' book."""
    return f"{socket.gethostname()}:{os.getpid()}"
