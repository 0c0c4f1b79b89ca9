"""A pytest plugin: an S3-compatible server as a process of its own, and a network to it that can be cut."""

import contextlib
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from django.conf import LazySettings

from ostagram import orphans

KEYS = {"access_key": "test", "secret_key": "test"}


class Network:
    """Passes connections on to the server, until it is cut: at once, or after some more requests."""

    def __init__(self, port: int) -> None:
        self._server = ("127.0.0.1", port)
        self._left: int | None = None  # requests that still get through; None: all
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, after: int = 0) -> None:
        self._left = after
        if not after:
            self._hang_up()

    def mend(self) -> None:
        self._left = None

    def close(self) -> None:
        self._door.close()
        self._hang_up()

    def _hang_up(self) -> None:
        for end in [end for pair in self._pairs for end in pair]:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._pairs.clear()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _address = self._door.accept()
                if self._left == 0:
                    client.close()
                    continue
                server = socket.create_connection(self._server)
                self._pairs.append((client, server))
                threading.Thread(target=self._pass_on, args=(client, server, True), daemon=True).start()
                threading.Thread(target=self._pass_on, args=(server, client, False), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, asks: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if asks and self._left is not None and data.split(b" ")[0] in (b"PUT", b"GET", b"HEAD", b"DELETE"):
                    if self._left == 0:
                        self._hang_up()
                        return
                    self._left -= 1
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def server() -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """An S3 server with its data in memory, and its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=orphans.bound()
    )
    try:
        for _try in range(300):
            with contextlib.suppress(requests.RequestException):
                requests.get(f"http://127.0.0.1:{port}/moto-api/", timeout=5)
                break
            assert process.poll() is None, "moto's server has ended by itself"
            time.sleep(0.1)
        yield port, process
    finally:
        process.send_signal(signal.SIGCONT)
        process.kill()
        process.wait()


def make_bucket(url: str) -> dict[str, Any]:
    """A new bucket, and the storage's options that lead there."""
    import boto3  # only where a test asks for it

    name = f"pictures-{uuid.uuid4().hex}"
    names = {"aws_access_key_id": KEYS["access_key"], "aws_secret_access_key": KEYS["secret_key"]}
    boto3.client("s3", endpoint_url=url, region_name="us-east-1", **names).create_bucket(Bucket=name)
    return KEYS | {"bucket_name": name, "endpoint_url": url, "region_name": "us-east-1", "location": "site"}


@pytest.fixture(scope="session")
def s3_port() -> Iterator[int]:
    with server() as (port, _process):
        yield port


@pytest.fixture
def network(s3_port: int, settings: LazySettings) -> Iterator[Network]:
    """Pictures lie in a bucket of the test's own; the network to it can be cut."""
    between = Network(s3_port)
    options = make_bucket(f"http://127.0.0.1:{s3_port}") | {"endpoint_url": between.url}
    place = {"BACKEND": "ostagram.bucket.BucketStorage", "OPTIONS": options}
    settings.STORAGES = settings.STORAGES | {"default": place}
    settings.S3_BUCKET = options["bucket_name"]
    yield between
    between.close()


@pytest.fixture(params=["disk", "bucket"])
def anywhere(request: pytest.FixtureRequest) -> str:
    """The test runs twice: with pictures on disk, and in a bucket."""
    if request.param == "bucket":
        request.getfixturevalue("network")
    return str(request.param)
