"""What strikes: each kind hits real processes of a running service; what it froze, it lets go some seconds later."""

import contextlib
import signal
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

import psutil
import redis
import requests

from tests.journeys.service import Service

ZOMBIE_S: Final = 25.0  # frozen: longer than a lease and a look of the rescue, so that another worker has its job
SILENT_S: Final = 6.0  # the broker is frozen: three times as long as a visitor's request waits for it
WIPED_WITHIN_S: Final = 20.0
MUTE_S: Final = 12.0

Later = tuple[float, Callable[[], None]]  # in how many seconds what is to be done
Strike = Callable[[Service], Later | None]


def kill_the_workers(site: Service) -> None:
    """All of them at once, with their children."""
    site.kill("-Q", "paint")


def kill_a_child(site: Service) -> None:
    """The one that paints, of one worker; its parent lives."""
    for main in _paint_mains(site):
        children = _children(main)
        if children:
            return _kill(children)


def stop_a_worker(site: Service) -> None:
    """As a deploy does: it puts its job back."""
    for main in _paint_mains(site)[:1]:
        _send(main, signal.SIGTERM)


def freeze_a_worker(site: Service) -> Later | None:
    """Until another has its job; then it wakes up and knows nothing of that."""
    mains = _paint_mains(site)
    if not mains:
        return None
    family = [mains[-1], *_children(mains[-1])]
    for process in family:
        _send(process, signal.SIGSTOP)
    return ZOMBIE_S, partial(_let_go, family)


def restart_the_broker(site: Service) -> None:
    for process in _servers(site, "valkey"):
        _send(process, signal.SIGTERM)


def wipe_the_broker(site: Service) -> None:
    """kill -9, and what it had written down is gone, too."""
    _kill(_servers(site, "valkey"))
    give_up_at = time.monotonic() + WIPED_WITHIN_S
    while time.monotonic() < give_up_at:
        with contextlib.suppress(redis.RedisError), site.broker() as broker:
            broker.flushall()
            return
        time.sleep(0.2)
    raise AssertionError(f"the broker has not come back within {WIPED_WITHIN_S:g} s:\n{site.tail()}")


def freeze_the_broker(site: Service) -> Later:
    frozen = _servers(site, "valkey")
    for process in frozen:
        _send(process, signal.SIGSTOP)
    return SILENT_S, partial(_let_go, frozen)


def restart_postgres(site: Service) -> None:
    """All connections are cut."""
    for process in _servers(site, "postgres"):
        _send(process, signal.SIGINT)


def kill_the_web(site: Service) -> None:
    """In the middle of whatever it answers."""
    _kill(site.processes("gunicorn", "ostagram.wsgi:application"))


def kill_the_house(site: Service) -> None:
    """Who rescues, and whose clock says when."""
    site.kill("-Q", "house")
    site.kill("beat")


def freeze_stripe(site: Service) -> Later:
    """Longer than the site waits for an answer."""
    frozen = site.processes("gunicorn", "ostagram.till:application")
    for process in frozen:
        _send(process, signal.SIGSTOP)
    return MUTE_S, partial(_let_go, frozen)


def kill_stripe(site: Service) -> None:
    """In the middle of whatever it is asked; what it has written down stays."""
    _kill(site.processes("gunicorn", "ostagram.till:application"))


def lose_the_webhooks(site: Service) -> Later:
    """For a while Stripe's messages reach nobody, and never will."""
    _let_go(site.processes("gunicorn", "ostagram.till:application"))  # a frozen one would not hear of it
    with contextlib.suppress(requests.RequestException):
        site.till.trouble(webhooks="drop")
    return MUTE_S, partial(_send_webhooks_again, site)


KINDS: Final[dict[str, Strike]] = {
    "workers killed": kill_the_workers,
    "pool child killed": kill_a_child,
    "worker stopped (deploy)": stop_a_worker,
    "worker frozen 25 s (zombie)": freeze_a_worker,
    "broker restarted": restart_the_broker,
    "broker killed and wiped": wipe_the_broker,
    "broker frozen 6 s": freeze_the_broker,
    "Postgres restarted": restart_postgres,
    "web killed": kill_the_web,
    "house and beat killed": kill_the_house,
    "Stripe frozen 12 s": freeze_stripe,
    "Stripe killed": kill_stripe,
    "webhooks lost for 12 s": lose_the_webhooks,
}


def _paint_mains(site: Service) -> list[psutil.Process]:
    """The workers' main processes, the oldest first."""
    painting = site.processes("-Q", "paint")
    ours = {process.pid for process in painting}
    mains = [process for process in painting if _parent(process) not in ours]
    return sorted(mains, key=lambda process: process.pid)


def _send_webhooks_again(site: Service) -> None:
    with contextlib.suppress(requests.RequestException):  # killed meanwhile: it begins anew without trouble
        site.till.trouble(webhooks="send")


def _servers(site: Service, name: str) -> list[psutil.Process]:
    """The supervisor's child of this name: its title and its surroundings are its own, so it is known by its parent."""
    assert site.supervisor
    children = psutil.Process(site.supervisor.pid).children()
    return [child for child in children if name in child.name()]


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _parent(process: psutil.Process) -> int | None:
    try:
        return process.ppid()
    except psutil.NoSuchProcess:
        return None


def _kill(victims: Iterable[psutil.Process]) -> None:
    for victim in victims:
        _send(victim, signal.SIGKILL)


def _let_go(frozen: Iterable[psutil.Process]) -> None:
    for process in frozen:
        _send(process, signal.SIGCONT)


def _send(process: psutil.Process, what: signal.Signals) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(what)
