"""THE FRAME: the Celery application; what it sends and how is in settings.py."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_process_init

from ostagram import orphans

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ostagram.settings")

app = Celery("ostagram")
app.config_from_object("django.conf:settings", namespace="CELERY")


@worker_process_init.connect
def _stay_no_longer_than_the_worker(**_details: Any) -> None:
    """A pool's child does not notice by itself that its worker was killed, and would go on painting."""
    orphans.die_with(os.getppid())
