"""THE FRAME: `manage.py up`: Postgres, Valkey, web server, workers and beat under one supervisor, until Ctrl-C."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NoReturn

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from ostagram import programs, site_address, static_state
from ostagram.embedded import run as embedded
from ostagram.embedded.process import EmbeddedError
from ostagram.ending import Ending
from ostagram.supervisor import Supervisor

TICK_S: Final = 0.25
PATIENCE_S: Final = 15  # for children that are asked to stop; the embedded servers come after them
HEAD_START_S: Final = 5
SILENCE_S: Final = 60  # after which the site is said not to answer


class Command(BaseCommand):
    help = "Run everything until Ctrl-C; Postgres and Valkey too, unless DATABASE_URL and REDIS_URL are set."

    def handle(self, *args: Any, **options: Any) -> None:
        ending = Ending()
        try:
            with _alone(settings.VAR_DIR / "run" / "up.lock"):
                site_address.claim(settings.HOST, settings.PORT)
                if settings.TILL:
                    site_address.claim("127.0.0.1", settings.TILL_PORT, variable="TILL_PORT")
                self._run_all(ending)
        except KeyboardInterrupt:
            pass
        except (EmbeddedError, site_address.Taken) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            if error.filename is None:
                raise
            raise CommandError(
                f"{error.filename} cannot be used: {error.strerror}. If another user made it, give the folder "
                "to the user who starts Ostagram, or set OSTAGRAM_VAR to another one."
            ) from error

    def _run_all(self, ending: Ending) -> None:
        with (
            embedded.running(settings.VAR_DIR, _missing_servers(), sleep=ending.sleep) as servers,
            _supervised({**os.environ, **servers.environ}, ending) as house,
        ):
            static_files = static_state.is_stale()
            failed = house.run(programs.preparations(static_files=static_files))
            if failed:
                raise CommandError(f"{' and '.join(failed)} failed; the reason is above.")
            if static_files:
                static_state.remember()
            self._serve(house, servers)

    def _serve(self, house: Supervisor, servers: embedded.Servers) -> NoReturn:
        """The web server first: with few cores the others would only make its visitors wait."""
        house.start(programs.web())
        answered = _answers_within(HEAD_START_S, house, servers)
        for program in programs.workers():
            house.start(program)
        while not answered:
            answered = _answers_within(SILENCE_S, house, servers)
            if not answered:
                house.console.tell(f"{site_address.url()} does not answer yet; the lines of `web` may say why.")
        house.console.tell(f"Ostagram is at {site_address.url()}  (Ctrl-C stops it)")
        house.start(programs.welcome())
        while True:
            _tick(house, servers)


def _answers_within(limit_s: float, house: Supervisor, servers: embedded.Servers) -> bool:
    give_up_at = time.monotonic() + limit_s
    while time.monotonic() < give_up_at:
        _tick(house, servers)
        if site_address.answers():
            return True
    return False


def _tick(house: Supervisor, servers: embedded.Servers) -> None:
    house.tick(TICK_S)
    for name in servers.revive():
        house.console.say(name, "was gone and has been started again")


def _missing_servers() -> tuple[str, ...]:
    return tuple(name for name, variable in embedded.VARIABLES.items() if not os.environ.get(variable, "").strip())


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One `up` for each var/ folder; a second one is told where the first is."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CommandError(
                f"Ostagram already runs {lock.read()}. Stop it there with Ctrl-C, "
                "or set OSTAGRAM_VAR to another folder to run a second one."
            ) from None
        lock.truncate(0)
        lock.write(f"at {site_address.url()} (process {os.getpid()})")
        lock.flush()
        yield


@contextlib.contextmanager
def _supervised(environ: dict[str, str], ending: Ending) -> Iterator[Supervisor]:
    house = Supervisor(environ, settings.BASE_DIR, heed=ending.heed)
    try:
        yield house
    except KeyboardInterrupt:
        house.console.tell("\nOstagram is stopping …")
        raise
    finally:
        house.stop(PATIENCE_S, order=programs.STOP_ORDER)
