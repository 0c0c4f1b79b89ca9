"""THE FRAME: one embedded server as a child process: start, wait until it answers, revive, stop."""

import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from pwd import struct_passwd
from typing import IO, Any, Final

from ostagram import orphans

READY_S: Final = 60  # after a power loss Postgres replays its log first
STOP_S: Final = 4
REVIVE_S: Final = 2  # between two starts of a server that keeps dying
TAIL_LINES: Final = 8


class EmbeddedError(Exception):
    """An embedded server cannot run; the text says what to do."""


@dataclass
class Server:
    name: str
    url: str
    argv: list[str]
    log: Path
    answers: Callable[[], bool]
    stop_signal: signal.Signals
    kill_signal: signal.Signals = signal.SIGKILL
    stdin: bytes = b""
    owner: struct_passwd | None = None  # the OS user to run as; None: whoever starts it
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    started_at: float = field(default=0.0, init=False)

    def start(self, lock: IO[str]) -> None:
        """The server inherits the lock, and so holds it for as long as any of its processes lives."""
        self.started_at = time.monotonic()
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(  # noqa: S603
                self.argv,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=(lock.fileno(),),
                preexec_fn=orphans.bound(self.stop_signal),
                start_new_session=True,  # Ctrl-C in the terminal is for the one who started us
                **as_owner(self.owner),
            )
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(self.stdin)
            self.process.stdin.close()
        except BrokenPipeError:
            pass  # it died at once; wait_until_ready tells why

    def wait_until_ready(self, sleep: Callable[[float], None]) -> None:
        """Raises EmbeddedError when the server dies or stays silent."""
        assert self.process is not None
        give_up_at = time.monotonic() + READY_S
        while not self.answers():
            if self.process.poll() is not None:
                raise EmbeddedError(f"{self.name} does not start. The end of {self.log}:\n{self._log_tail()}")
            if time.monotonic() > give_up_at:
                raise EmbeddedError(
                    f"{self.name} did not answer for {READY_S} s. The end of {self.log}:\n{self._log_tail()}"
                )
            sleep(0.02)

    def revive(self, lock: IO[str]) -> bool:
        """Start it again if it died, at the same address; whether it did."""
        if self.process is None or self.process.poll() is None or time.monotonic() - self.started_at < REVIVE_S:
            return False
        self.start(lock)
        return True

    def stop(self) -> None:
        process, self.process = self.process, None
        if process is None:
            return
        for last in (self.stop_signal, self.kill_signal, signal.SIGKILL):
            if process.poll() is None:
                process.send_signal(last)
            try:
                process.wait(STOP_S)
                return
            except subprocess.TimeoutExpired:
                continue

    def _log_tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-TAIL_LINES:])


def as_owner(owner: struct_passwd | None) -> dict[str, Any]:
    """Popen's arguments for a server's process: its user, a bare environment, files for that user only."""
    environ = {name: value for name, value in os.environ.items() if name.startswith("OSTAGRAM_")}
    environ |= {"PATH": os.defpath, "LC_ALL": "C"}
    arguments: dict[str, Any] = {"env": environ, "cwd": "/", "umask": 0o077}
    if owner is not None:
        arguments |= {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
    return arguments


def password(path: Path) -> str:
    """The password in this file, made on first use."""
    if not path.exists() or not path.read_text():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(24))
    return path.read_text()


def free_port(wanted: int | None) -> int:
    """The wanted port if nobody has it, else any free one of 127.0.0.1."""
    if wanted and is_free(wanted):
        return wanted
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections just closed do not count
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
