"""THE FRAME: the practice till's door: billing/till/ as a small site of its own, without database and people."""

import logging
import os

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ostagram.settings")
if settings.PRODUCTION:
    raise ImproperlyConfigured("The practice till takes no money: production has Stripe itself. Nothing was started.")
if not settings.TILL:
    raise ImproperlyConfigured("STRIPE_SECRET_KEY names a real account, so the practice till has nothing to do.")

settings.ROOT_URLCONF = "billing.till.urls"
settings.ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
settings.INSTALLED_APPS = []
settings.APPEND_SLASH = False
settings.MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
]
settings.TEMPLATES = [
    {"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [settings.BASE_DIR / "templates"]}
]

from django.core.wsgi import get_wsgi_application  # noqa: E402 - it reads what is set above

from billing.till import books, post  # noqa: E402

application = get_wsgi_application()
logging.getLogger("django.request").setLevel(logging.ERROR)  # to refuse is the till's business
books.prepare()
post.start()
