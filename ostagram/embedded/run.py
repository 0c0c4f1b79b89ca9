"""THE FRAME: Postgres and Valkey from wheels as child processes of this one, for as long as it wants them."""

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from ostagram import embedded
from ostagram.embedded import postgres, process, valkey
from ostagram.embedded.process import EmbeddedError, Server

VARIABLES: Final = {"postgres": "DATABASE_URL", "valkey": "REDIS_URL"}
PORT_TRIES: Final = 3  # somebody may take a free port before the server does
LOCK_S: Final = 30  # for servers of a killed run, which are still putting their data in order


class Servers:
    """What runs: the environment variables that lead there, and a way to bring a dead one back."""

    def __init__(self, lock: IO[str], sleep: Callable[[float], None]) -> None:
        self._lock, self._sleep = lock, sleep
        self._servers: list[Server] = []

    @property
    def environ(self) -> dict[str, str]:
        return {VARIABLES[server.name]: server.url for server in self._servers}

    @property
    def urls(self) -> dict[str, str]:
        return {server.name: server.url for server in self._servers}

    def start(self, make: Callable[[int], Server], wanted_port: int | None) -> int:
        for tries_left in reversed(range(PORT_TRIES)):
            port = process.free_port(wanted_port)
            server = make(port)
            self._servers.append(server)
            server.start(self._lock)
            try:
                server.wait_until_ready(self._sleep)
                return port
            except EmbeddedError:
                server.stop()
                self._servers.remove(server)
                if not tries_left or process.is_free(port):
                    raise
        raise AssertionError("unreachable")

    def revive(self) -> list[str]:
        """The names of dead servers that were started again, at their old address."""
        return [server.name for server in self._servers if server.revive(self._lock)]

    def stop(self) -> None:
        for server in reversed(self._servers):
            server.stop()


@contextmanager
def running(
    var_dir: Path,
    names: tuple[str, ...] = ("postgres", "valkey"),
    *,
    fast: bool = False,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Servers]:
    """The named servers of this clone. Raises EmbeddedError.

    `fast`: the data need not survive a crash. `sleep`: waits for the servers; what it raises ends the start.
    """
    (var_dir / "run").mkdir(mode=0o700, parents=True, exist_ok=True)
    with embedded.lock_path(var_dir).open("a") as lock:
        _take(lock, var_dir, sleep)
        record = embedded.read_record(var_dir) | {"urls": {}}
        servers = Servers(lock, sleep)
        makers: dict[str, Callable[[int], Server]] = {
            "postgres": lambda port: postgres.server(var_dir, port, lock=lock, fast=fast),
            "valkey": lambda port: valkey.server(var_dir, port),
        }
        try:
            _write(var_dir, record)
            for name in names:
                record["ports"][name] = servers.start(makers[name], record["ports"].get(name))
            _write(var_dir, record | {"urls": servers.urls})
            yield servers
        finally:
            _write(var_dir, record)
            servers.stop()


def _take(lock: IO[str], var_dir: Path, sleep: Callable[[float], None]) -> None:
    give_up_at = time.monotonic() + LOCK_S
    while True:
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > give_up_at:
                raise EmbeddedError(
                    f"The embedded servers of {var_dir} are still running: another Ostagram uses this folder, "
                    "or one that was killed has not ended yet. Stop it, or set OSTAGRAM_VAR to another folder."
                ) from None
            sleep(0.1)


def _write(var_dir: Path, record: dict[str, Any]) -> None:
    path = embedded.record_path(var_dir)
    draft = path.with_suffix(f".{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(record))
    draft.rename(path)
