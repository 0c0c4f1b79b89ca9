"""THE FRAME: what Ostagram consists of at run time. docker-compose.yml starts the same programs one by one."""

import sys
from typing import Final

from django.conf import settings

from ostagram import site_address
from ostagram.supervisor import Program

MANAGE: Final = (sys.executable, "manage.py")
AS_ROOT_TOO: Final = ("-W", "ignore:You're running the worker with superuser")  # its reason is pickles: none here
CELERY: Final = (sys.executable, *AS_ROOT_TOO, "-m", "celery", "--quiet", "-A", "ostagram")
ALONE: Final = ("--without-gossip", "--without-mingle")  # workers have nothing to tell each other
STOP_ORDER: Final = ("beat", "web", "house", "paint", "till")  # who gives work first, who does it last
KILN: Final = ("-c", "1", "-P", "prefork", "-I", "worker.tasks")  # one child for each device


def preparations(*, static_files: bool) -> list[Program]:
    """What must have ended before anything serves."""
    programs = [Program("migrate", (*MANAGE, "migrate", "--no-input", "--verbosity=0"), once=True)]
    if static_files:
        programs.append(Program("static", (*MANAGE, "collectstatic", "--no-input", "--verbosity=0"), once=True))
    return programs


def web() -> Program:
    argv = (
        *(sys.executable, "-m", "gunicorn", "ostagram.wsgi:application", "--bind", site_address.bind()),
        *("--worker-class", "gthread", "--workers", str(settings.WEB_WORKERS), "--threads", str(settings.WEB_THREADS)),
        *("--graceful-timeout", "10", "--log-level", "warning", "--no-control-socket"),
        *("--logger-class", "ostagram.logs.Gunicorn"),
    )
    return Program("web", argv)


def till(port: int) -> Program:
    """One process, because its state is one file; many threads, because it can play a Stripe that hangs."""
    argv = (
        *(sys.executable, "-m", "gunicorn", "ostagram.till:application", "--bind", f"127.0.0.1:{port}"),
        *("--worker-class", "gthread", "--workers", "1", "--threads", "32", "--graceful-timeout", "2"),
        *("--log-level", "warning", "--no-control-socket", "--logger-class", "ostagram.logs.Gunicorn"),
    )
    return Program("till", argv)


def workers() -> list[Program]:
    return [
        *([till(settings.TILL_PORT)] if settings.TILL else []),
        Program("paint", (*CELERY, "worker", "-Q", "paint", "-n", "paint@%h", *ALONE, *KILN)),
        Program("house", (*CELERY, "worker", "-Q", "house", "-n", "house@%h", "-c", "3", *ALONE)),
        Program("beat", (*CELERY, "beat", "--schedule", settings.CELERY_BEAT_SCHEDULE_FILENAME, "--pidfile=")),
    ]


def welcome() -> Program:
    """What is done once the site answers: the first staff account, the sample gallery."""
    return Program("welcome", (*MANAGE, "welcome"), once=True)
