"""THE FRAME: the web server's door."""

import os

from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

from ostagram import memory

memory.give_back_large_blocks()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ostagram.settings")
application = get_wsgi_application()
if settings.PRODUCTION:
    call_command("check", fail_level="ERROR")  # a site that is half set up does not start
