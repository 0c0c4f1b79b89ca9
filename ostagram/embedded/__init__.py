"""THE FRAME: Postgres and Valkey from wheels, for when DATABASE_URL and REDIS_URL are unset; here: their addresses.

While they run, their addresses stand in var/run/embedded.json, so that a command in a second terminal finds them.
Whether they run is told by a lock that the servers themselves inherit: it is free when the last of them is gone.
"""

import fcntl
import json
from pathlib import Path
from typing import Any

# Addresses that fail with their own explanation; nothing resolves below .invalid (RFC 6761).
NO_POSTGRES = "postgres://ostagram@postgres-is-not-running.start-it-with-make-run.invalid/ostagram"
NO_VALKEY = "redis://valkey-is-not-running.start-it-with-make-run.invalid:6379"


def database_url(var_dir: Path) -> str:
    """Where the embedded Postgres of this clone listens, when it runs."""
    return _address(var_dir, "postgres", NO_POSTGRES)


def redis_url(var_dir: Path) -> str:
    return _address(var_dir, "valkey", NO_VALKEY)


def record_path(var_dir: Path) -> Path:
    return var_dir / "run" / "embedded.json"


def lock_path(var_dir: Path) -> Path:
    return var_dir / "run" / "embedded.lock"


def read_record(var_dir: Path) -> dict[str, Any]:
    """{"ports": {name: port of the last run}, "urls": {name: address while it runs}}."""
    try:
        record = json.loads(record_path(var_dir).read_text())
    except (OSError, ValueError):
        record = {}
    return {"ports": {}, "urls": {}} | (record if isinstance(record, dict) else {})


def _address(var_dir: Path, name: str, otherwise: str) -> str:
    url = read_record(var_dir)["urls"].get(name)
    return str(url) if url and _alive(var_dir) else otherwise


def _alive(var_dir: Path) -> bool:
    try:
        with lock_path(var_dir).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
