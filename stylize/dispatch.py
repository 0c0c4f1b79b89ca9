"""THE BENCH: wakes the kiln by task name. Best effort: Postgres is the queue, and the rescue rings again."""

import logging
from typing import Any, Final

from celery import current_app
from django.conf import settings
from kombu.exceptions import KombuError
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from stylize.models import Job

log = logging.getLogger(__name__)

PAINT: Final = "worker.tasks.paint"
QUEUE: Final = "paint"
MOST_CALLS: Final = 32  # waiting in the broker at once; each worker that finishes rings for itself
BROKER_TROUBLE: Final = (KombuError, RedisError, OSError)


def wake(times: int = 1) -> bool:
    """Send wake-up calls. False: the broker is away, and the next rescue will ring."""
    try:
        _knock()
        with current_app.producer_or_acquire() as producer:
            for _call in range(times):
                current_app.send_task(PAINT, queue=QUEUE, producer=producer, retry=False, ignore_result=True)
    except BROKER_TROUBLE as trouble:
        log.warning("no wake-up call sent, the rescue will: %s", trouble)
        return False
    return True


def top_up() -> int:
    """Ring as often as there are jobs in line that no waiting call will reach; how many calls were sent."""
    queued = Job.objects.in_line()[:MOST_CALLS].count()
    try:
        _knock()
        with current_app.connection_for_write() as connection:
            channel: Any = connection.default_channel
            calls = channel.queue_declare(QUEUE).message_count if queued else 0
    except BROKER_TROUBLE as trouble:
        log.warning("the broker is away: %s", trouble)
        return 0
    missing = max(queued - calls, 0)
    return missing if missing and wake(missing) else 0


def _knock() -> None:
    """Raise at once when the broker is away: left to itself, the client would try again for many seconds."""
    url, patience = current_app.conf.broker_url, settings.BROKER_TIMEOUT_S
    once = Retry(NoBackoff(), 0)
    with Redis.from_url(url, socket_timeout=patience, socket_connect_timeout=patience, retry=once) as broker:
        broker.ping()
