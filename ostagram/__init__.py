"""THE FRAME: settings, addresses, processes. No business rule lives here."""

from ostagram.celery import app as celery_app

__all__ = ["celery_app"]
