"""THE FRAME: the web server's door."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ostagram.settings")
application = get_wsgi_application()
