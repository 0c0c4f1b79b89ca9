"""THE FRAME: readers of environment variables that fail loudly and say which variable is wrong."""

import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}
POSTGRES_SCHEMES = {"postgres", "postgresql"}


class EnvError(Exception):
    """An environment variable is missing or has a value that cannot be used."""


def text(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, "").strip() or default
    if value is None:
        raise EnvError(f"{name} is not set. Set it in the environment (see .env.example).")
    return value


def flag(name: str, *, default: bool) -> bool:
    value = text(name, "yes" if default else "no").lower()
    if value not in TRUE | FALSE:
        raise EnvError(f"{name}={value!r} is neither yes nor no.")
    return value in TRUE


def whole(name: str, default: int, *, least: int = 0) -> int:
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit() or int(value) < least:
        raise EnvError(f"{name}={value!r} is not a whole number of at least {least}.")
    return int(value)


def number(name: str, default: float) -> float:
    """More than nothing; with a point."""
    value = text(name, str(default))
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", value, re.ASCII) or float(value) <= 0:
        raise EnvError(f"{name}={value!r} is not a number above 0.")
    return float(value)


def choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    value = text(name, default)
    if value not in choices:
        raise EnvError(f"{name}={value!r} is not one of: {', '.join(choices)}.")
    return value


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list; empty parts are dropped."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def folder(name: str, default: Path) -> Path:
    return Path(text(name, str(default))).expanduser().absolute()


def database(url: str) -> dict[str, Any]:
    """Django's dictionary for postgres://user:password@host:port/name?option=value."""
    parts = urlsplit(url)
    if parts.scheme not in POSTGRES_SCHEMES or not parts.path.strip("/"):
        raise EnvError("DATABASE_URL must look like postgres://user:password@host:5432/name.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


def redis(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"redis", "rediss"} or parts.path.strip("/") or parts.query:
        raise EnvError("REDIS_URL must look like redis://:password@host:6379, without a database: 0 and 1 are used.")
    return url.rstrip("/")


def mail(url: str) -> dict[str, Any]:
    """Django's e-mail settings for console:, or smtp:// and smtps:// with user, password, host and port."""
    parts = urlsplit(url)
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise EnvError("MAIL_URL must be console: or look like smtp://user:password@host:587.")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp",
        "EMAIL_TIMEOUT": 10,
    }
