"""THE FRAME: pictures in S3-compatible storage, shared by machines that share no disk.

Every file is one PUT, so that nobody ever sees half of one and nothing is left of one that broke off. One client
serves all threads (boto3's clients may be shared, its resources may not). What goes wrong on the way is a
ConnectionError, as with a disk that is away; a file that is not there is a FileNotFoundError.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from typing import IO, Any, Final, cast

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from django.core.files.base import File
from storages.backends.s3 import S3Storage
from storages.utils import clean_name

TRIES: Final = 2
NO_SUCH_FILE: Final = {"404", "NoSuchKey"}


class BucketStorage(S3Storage):
    """One bucket; `location` is the folder in it that is ours."""

    def __init__(self, **options: Any) -> None:
        # Only custom endpoints need the bucket in the path; checksums in trailers are understood by AWS and few others.
        config = Config(
            connect_timeout=3, read_timeout=10, retries={"total_max_attempts": TRIES, "mode": "standard"},
            max_pool_connections=32, tcp_keepalive=True, signature_version="s3v4",
            s3={"addressing_style": "path" if options.get("endpoint_url") else "auto"},
            request_checksum_calculation="when_required", response_checksum_validation="when_required",
        )  # fmt: skip
        super().__init__(client_config=config, **options)

    @cached_property
    def client(self) -> Any:
        return self._create_session().client(
            "s3", region_name=self.region_name, endpoint_url=self.endpoint_url, config=self.client_config
        )

    def stream(self, name: str) -> tuple[IO[bytes], int]:
        with _reached(name):
            answer = self.client.get_object(**self._named(name))
        return cast("IO[bytes]", answer["Body"]), int(answer["ContentLength"])

    def entries(self, prefix: str) -> Iterator[tuple[str, int, datetime]]:
        """Name, size and time of every file whose name begins like this, a thousand at a time, as S3 sorts them."""
        top = f"{self.location.rstrip('/')}/" if self.location else ""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket_name, Prefix=top + prefix)
        with _reached(prefix):
            for page in pages:
                for found in page.get("Contents", ()):
                    yield found["Key"].removeprefix(top), found["Size"], found["LastModified"]

    def room(self) -> int | None:
        """None: a bucket has no end. Raises ConnectionError when it does not answer."""
        with _reached(self.bucket_name):
            self.client.head_bucket(Bucket=self.bucket_name)
        return None

    def exists(self, name: str) -> bool:
        try:
            with _reached(name):
                self.client.head_object(**self._named(name))
        except FileNotFoundError:
            return False
        return True

    def size(self, name: str) -> int:
        with _reached(name):
            return int(self.client.head_object(**self._named(name))["ContentLength"])

    def delete(self, name: str) -> None:
        with _reached(name):
            self.client.delete_object(**self._named(name))

    def _open(self, name: str, mode: str = "rb") -> File:  # type: ignore[type-arg]
        """The whole file in memory: decoders jump about in it."""
        body, _size = self.stream(name)
        with _reached(name), body:
            return File(io.BytesIO(body.read()), name)

    def _save(self, name: str, content: File) -> str:  # type: ignore[type-arg]
        named = self._named(name)
        parameters = self._get_write_parameters(named["Key"], content)
        with _reached(name):
            self.client.put_object(**named, **parameters, Body=content.file)  # which is read in pieces
        return name

    def _named(self, name: str) -> dict[str, str]:
        return {"Bucket": self.bucket_name, "Key": self._normalize_name(clean_name(name))}


@contextmanager
def _reached(name: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] in NO_SUCH_FILE:
            raise FileNotFoundError(name) from error
        raise ConnectionError(f"{name}: {error}") from error
    except (BotoCoreError, HTTPClientError) as error:
        raise ConnectionError(f"{name}: {error}") from error
