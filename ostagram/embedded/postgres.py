"""THE FRAME: the Postgres from the wheel: as which user it runs, where its files may lie, how a cluster begins.

Postgres refuses to run as root. Started by root it runs as the user `ostagram`, who is made for this, and who cannot
reach anything below a private folder such as /root: then data and a copy of the binaries lie below /var/lib/ostagram.
"""

import hashlib
import os
import pwd
import shutil
import signal
import subprocess
from contextlib import closing
from pathlib import Path
from typing import IO, Final

import psycopg2

from ostagram import orphans
from ostagram.embedded import binaries
from ostagram.embedded.process import EmbeddedError, Server, as_owner, password

NAME: Final = "ostagram"  # of the database, of its user and of the OS user
FAST: Final = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=300")
"""For data that may be lost, and tests in which fifty come at once in each of several processes."""


def server(var_dir: Path, port: int, *, lock: IO[str], fast: bool = False) -> Server:
    """The server of this clone; its cluster is made if there is none yet. `lock` must be held: see run.py."""
    secret = password(var_dir / "postgres.password")
    owner = _owner(home(var_dir))
    folder = home(var_dir)
    programs = binaries.folder(needs_copy=owner is not None)
    _make_cluster(folder, programs, secret=secret, owner=owner, lock=lock, fast=fast)
    (folder / "data" / "postmaster.pid").unlink(missing_ok=True)  # we hold the lock: whoever wrote it is gone
    options = ["log_checkpoints=off", *(FAST if fast else ())]
    return Server(
        name="postgres",
        url=f"postgres://{NAME}:{secret}@127.0.0.1:{port}/{NAME}",
        argv=[
            *(str(programs / "postgres"), "-D", str(folder / "data"), "-h", "127.0.0.1", "-p", str(port), "-k", ""),
            *(part for option in options for part in ("-c", option)),
        ],
        log=var_dir / "run" / "postgres.log",
        answers=lambda: _answers(port, secret),
        stop_signal=signal.SIGINT,  # "fast": SIGTERM would wait for the clients
        kill_signal=signal.SIGQUIT,
        owner=owner,
    )


def home(var_dir: Path) -> Path:
    """The folder of this clone's cluster.

    The password is part of the outside folder's name: who deletes var/ begins anew, and nothing of the old is lost.
    """
    inside = var_dir.resolve() / "postgres"
    if os.geteuid() != 0:
        return inside
    key = f"{var_dir.resolve()}\0{password(var_dir / 'postgres.password')}"
    outside = binaries.LIBRARY / hashlib.sha256(key.encode()).hexdigest()[:16]
    stays_outside = outside.exists()  # even if somebody opened the private folder since
    return outside if stays_outside or not (inside.exists() or binaries.all_can_reach(inside)) else inside


def _owner(folder: Path) -> pwd.struct_passwd | None:
    """The OS user to run as. Root takes the one whose data it is, or makes one."""
    if os.geteuid() != 0:
        return None
    try:
        if folder.exists() and folder.stat().st_uid != 0:
            return pwd.getpwuid(folder.stat().st_uid)
        return pwd.getpwnam(NAME)
    except KeyError:
        return _new_user()


def _new_user() -> pwd.struct_passwd:
    command = ["useradd", "--system", "--no-create-home", "--shell", "/bin/false", NAME]
    try:
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603
        return pwd.getpwnam(NAME)
    except (OSError, subprocess.CalledProcessError, KeyError) as error:
        raise EmbeddedError(
            f"Postgres does not run as root, and no user {NAME!r} could be made for it ({error}).\n"
            "Start Ostagram as an ordinary user, or set DATABASE_URL to a Postgres of yours."
        ) from error


def _make_cluster(
    folder: Path, programs: Path, *, secret: str, owner: pwd.struct_passwd | None, lock: IO[str], fast: bool
) -> None:
    version = folder / "data" / "PG_VERSION"
    if version.exists():
        if version.read_text().strip() != binaries.MAJOR:
            raise EmbeddedError(
                f"{folder} holds data of Postgres {version.read_text().strip()}, this is {binaries.MAJOR}. "
                "Start the old version once more, dump the database, move the folder away and load the dump."
            )
        return
    if folder.parent == binaries.LIBRARY:
        binaries.make_library()
    folder.mkdir(mode=0o700, exist_ok=True)
    draft, password_file = folder / "data.new", folder / "password.new"  # renamed when whole: a crash leaves no half
    shutil.rmtree(draft, ignore_errors=True)
    password_file.unlink(missing_ok=True)
    password_file.touch(mode=0o600)
    password_file.write_text(secret)
    if owner is not None:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        os.chown(password_file, owner.pw_uid, owner.pw_gid)
    command = [
        *(str(programs / "initdb"), "-D", str(draft), "-U", NAME, f"--pwfile={password_file}", "-A", "scram-sha-256"),
        *("-E", "UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"),
        *(["--no-sync"] if fast else []),
    ]
    done = subprocess.run(  # noqa: S603
        command,
        capture_output=True,
        text=True,
        pass_fds=(lock.fileno(),),
        preexec_fn=orphans.bound(),
        **as_owner(owner),
    )
    password_file.unlink()
    if done.returncode:
        raise EmbeddedError(f"Postgres cannot begin in {folder}:\n{done.stdout}{done.stderr}")
    draft.rename(folder / "data")


def _answers(port: int, secret: str) -> bool:
    """Whether it answers; the database of Ostagram is made when it does for the first time."""
    try:
        connection = psycopg2.connect(
            host="127.0.0.1", port=port, user=NAME, password=secret, dbname="postgres", connect_timeout=2
        )
    except psycopg2.OperationalError as error:
        if "password authentication failed" in str(error):
            raise EmbeddedError(
                "var/postgres.password is not the password of the data in var/postgres. Put the right one back, "
                "or move both away to begin with an empty database."
            ) from error
        return False
    with closing(connection), connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE DATABASE {NAME}")
    return True
