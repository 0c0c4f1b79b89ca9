"""THE FRAME: the Celery application; what it sends and how is in settings.py."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ostagram.settings")

app = Celery("ostagram")
app.config_from_object("django.conf:settings", namespace="CELERY")
