"""THE FRAME: /healthz: whether this web process can serve, and what else is not well. For machines; nothing secret."""

import os
import time
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from ostagram.probes import AWAY, PATIENCE_S, Probe
from stylize import house, pictures
from stylize.workers import Worker

OK: Final = "ok"
NONE: Final = "none"  # nobody has been heard of within a lease
ESSENTIAL: Final = ("database", "storage")  # without these no page can be served


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """503: this process can serve nobody. 200 with `degraded`: pages work, something behind them does not."""
    found = look()
    if AWAY in [found[name] for name in ESSENTIAL]:
        return JsonResponse({"status": AWAY} | found, status=503)
    well = all(state == OK for state in found.values())
    return JsonResponse({"status": OK if well else "degraded"} | found)


def look() -> dict[str, str]:
    """The state of every part, all asked at once."""
    until = time.monotonic() + PATIENCE_S
    asked = {probe.name: probe.begin() for probe in PROBES}
    return {name: question.answer(until) for name, question in asked.items()}


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return OK


def _storage() -> str:
    if isinstance(default_storage, FileSystemStorage):
        folder = Path(default_storage.location)
        if not os.access(folder if folder.exists() else folder.parent, os.W_OK | os.X_OK):
            return AWAY
    else:
        default_storage.exists("healthz")
    return OK if pictures.has_room() else "full"


def _broker() -> str:
    patience = PATIENCE_S - 0.2
    once = Retry(NoBackoff(), 0)
    url = f"{settings.REDIS_URL}/0"
    with Redis.from_url(url, socket_timeout=patience, socket_connect_timeout=patience, retry=once) as broker:
        broker.ping()
    return OK


def _workers() -> str:
    """A busy worker is a healthy one: its row is beaten for as long as the engine gives signs of life."""
    return OK if Worker.objects.at_work().exists() else NONE


def _house() -> str:
    age_s = house.age_s()
    return OK if age_s is not None and age_s < house.LATE_S else NONE


PROBES: Final = (
    Probe("database", _database),
    Probe("storage", _storage),
    Probe("broker", _broker),
    Probe("workers", _workers),
    Probe("house", _house),
)
