"""A site in a database of its own, whose processes may run as if on machines that share no disk."""

import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
from django.conf import settings

from tests import bucket


class Site:
    """A database and a place for pictures of its own, used through processes of their own only."""

    def __init__(self, var_dir: Path, s3_port: int | None, like: "Site | None" = None) -> None:
        self.name, self.var_dir = f"site_{uuid.uuid4().hex}", var_dir
        self._server = os.environ["DATABASE_URL"]
        self.environ = os.environ | {
            "DATABASE_URL": f"{self._server.rsplit('/', 1)[0]}/{self.name}",
            "OSTAGRAM_VAR": str(var_dir),
        }
        if s3_port:
            options = bucket.make_bucket(f"http://127.0.0.1:{s3_port}")
            self.environ |= {
                "S3_BUCKET": options["bucket_name"], "S3_ENDPOINT_URL": options["endpoint_url"],
                "S3_ACCESS_KEY": options["access_key"], "S3_SECRET_KEY": options["secret_key"],
            }  # fmt: skip
        if like:
            shutil.copytree(like.var_dir, var_dir)
        self._execute(f"CREATE DATABASE {self.name}" + (f" TEMPLATE {like.name}" if like else ""))

    def manage(self, *words: str, well: bool = True) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=settings.BASE_DIR,
            env=self.environ,
            capture_output=True,
            text=True,
        )
        assert (done.returncode == 0) is well, done.stdout + done.stderr
        return done.stdout if well else done.stderr

    def shell(self, code: str) -> str:
        return self.manage("shell", "--no-imports", "-c", code)

    def drop(self) -> None:
        self._execute(f"DROP DATABASE {self.name} WITH (FORCE)")

    def _execute(self, sql: str) -> None:
        with closing(psycopg2.connect(self._server)) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            cursor.execute(sql)


@contextmanager
def site(var_dir: Path, s3_port: int | None = None, *, like: Site | None = None) -> Iterator[Site]:
    """On disk below `var_dir`, or in a new bucket of the server at this port; empty, or a copy of one on disk."""
    made = Site(var_dir, s3_port, like)
    try:
        yield made
    finally:
        made.drop()
