"""THE FRAME: Postgres and Valkey from wheels, for when DATABASE_URL and REDIS_URL are unset."""

from pathlib import Path


def database_url(var_dir: Path) -> str:
    """Where the embedded Postgres of this clone listens, when it runs."""
    return "postgres://ostagram@embedded-postgres-is-not-running/ostagram"


def redis_url(var_dir: Path) -> str:
    return "redis://embedded-valkey-is-not-running:6379"
