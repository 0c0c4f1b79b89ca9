"""THE FRAME: system checks: production does not start half set up."""

import os
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from people import ways

NEEDED_IN_PRODUCTION = {
    "DATABASE_URL": "the address of Postgres",
    "REDIS_URL": "the address of Valkey or Redis",
    "ALLOWED_HOSTS": "the host names of the site, separated by commas",
    "MAIL_URL": "the mail server, like smtp://user:password@host:587",
    "DEFAULT_FROM_EMAIL": "the sender of the site's mail",
    "MEDIA_ROOT": "the folder that holds the pictures, or S3_BUCKET to the bucket that does",
    "OPERATOR_NAME": "the name of whoever runs the site, as its terms and privacy pages give it",
    "CONTACT_EMAIL": "the address that visitors may write to",
}
S3_COMPANIONS = ("S3_PREFIX", "S3_ENDPOINT_URL", "S3_REGION", "S3_ACCESS_KEY", "S3_SECRET_KEY")
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@register()
def production_is_complete(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if not settings.PRODUCTION:
        return []
    needed = NEEDED_IN_PRODUCTION.keys() - ({"MEDIA_ROOT"} if settings.S3_BUCKET else set())
    missing = sorted(name for name in needed if not _given(name))
    return [
        Error(f"{name} is not set.", hint=f"Set {name} to {NEEDED_IN_PRODUCTION[name]}.", id="ostagram.E001")
        for name in missing
    ]


@register()
def secret_key_is_ones_own(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if not settings.PRODUCTION or len(settings.SECRET_KEY) >= 50:
        return []
    hint = 'Make one: python -c "import secrets; print(secrets.token_urlsafe(50))"'
    return [Error("SECRET_KEY is not 50 random characters or more.", hint=hint, id="ostagram.E004")]


@register()
def local_mode_stays_at_home(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Local mode has no HTTPS and prints its mail: it must not be offered to a network."""
    if settings.PRODUCTION or settings.HOST in LOOPBACK:
        return []
    hint = "Leave HOST unset, or set OSTAGRAM_MODE=production and what it asks for."
    return [Error(f"HOST={settings.HOST} would show local mode to the network.", hint=hint, id="ostagram.E002")]


@register()
def lease_outlives_missed_heartbeats(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if settings.LEASE_S > 4 * settings.BEAT_S:
        return []
    hint = "A lease must outlive a few missed heartbeats."
    return [Error("LEASE_S is too short for BEAT_S.", hint=hint, id="ostagram.E003")]


@register()
def bucket_is_set_up_whole(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    wrong = []
    if not settings.S3_BUCKET:
        alone = [name for name in S3_COMPANIONS if _given(name)]
        wrong += [f"{name} is set, but S3_BUCKET is not: the pictures would lie on disk." for name in alone]
    if bool(_given("S3_ACCESS_KEY")) != bool(_given("S3_SECRET_KEY")):
        wrong.append("S3_ACCESS_KEY and S3_SECRET_KEY belong together: only one of them is set.")
    endpoint = _given("S3_ENDPOINT_URL")
    if endpoint and not endpoint.startswith(("https://", "http://")):
        wrong.append("S3_ENDPOINT_URL does not begin with https:// or http://.")
    return [Error(problem, hint="See docs/operations.md.", id="ostagram.E005") for problem in wrong]


@register()
def ways_to_sign_in_are_set_up_whole(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    halves = [way for way in ways.WAYS if any(keys := settings.SIGN_IN_KEYS[way.id]) and not all(keys)]
    return [
        Error(
            f"{' and '.join(way.settings)} belong together: only one of them is set.",
            hint=f"Set both to offer {way.name}, or neither.",
            id="ostagram.E006",
        )
        for way in halves
    ]


def _given(name: str) -> str:
    return os.environ.get(name, "").strip()
