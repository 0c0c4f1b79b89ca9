"""THE FRAME: where the site of this machine is: whether its port is free, and whether it answers."""

import http.client
import socket
from typing import Final

from django.conf import settings

ANYWHERE: Final = {"0.0.0.0", "::", ""}  # noqa: S104 - compared with, not listened on
ANSWER_S: Final = 5


class Taken(Exception):
    """The web server cannot listen where it should; the text says what to do."""


def url() -> str:
    return f"http://{_bracketed(_reachable_host())}:{settings.PORT}/"


def bind() -> str:
    """Where the web server is to listen."""
    return f"{_bracketed(settings.HOST)}:{settings.PORT}"


def claim(host: str, port: int, *, variable: str = "PORT") -> None:
    """Raises Taken when no server could listen there; `variable` is what chooses the port."""
    try:
        family, kind, *_rest, address = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
    except socket.gaierror as error:
        raise Taken(f"HOST={host} is not an address of this machine: {error.strerror}.") from error
    except OverflowError as error:
        raise Taken(f"{variable}={port} is not a port; the highest is 65535.") from error
    except PermissionError as error:
        raise Taken(
            f"This user may not listen on port {port}. Choose one above 1023: {variable}=8001 make run"
        ) from error
    except OSError as error:
        raise Taken(
            f"Port {port} of {host} cannot be used ({error.strerror}). Stop the program that has it, or choose "
            f"another port: {variable}={port + 1 if port < 65535 else 8001} make run"
        ) from error


def answers() -> bool:
    """Whether the site really serves: 200 for its first page, or for /healthz where plain HTTP is redirected."""
    connection = http.client.HTTPConnection(_reachable_host(), settings.PORT, timeout=ANSWER_S)
    try:
        path = "/healthz" if settings.SECURE_SSL_REDIRECT else "/"
        connection.request("GET", path, headers={"Host": _named_host()})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _reachable_host() -> str:
    return "127.0.0.1" if settings.HOST in ANYWHERE else settings.HOST


def _named_host() -> str:
    """A name that ALLOWED_HOSTS lets in."""
    names = [name.lstrip(".") for name in settings.ALLOWED_HOSTS if name != "*"]
    return _reachable_host() if _reachable_host() in names or not names else names[0]


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
