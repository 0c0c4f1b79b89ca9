"""`manage.py up` and its supervisor: real processes, a folder and a port of their own."""

import contextlib
import io
import os
import re
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from django.conf import LazySettings
from django.contrib.staticfiles.finders import FileSystemFinder

from ostagram import embedded, ending, orphans, static_state
from ostagram.embedded import process
from ostagram.supervisor import Console, Program, Supervisor, how_it_ended
from tests import servers

CLONE = Path(__file__).parents[2]
START_S = 90  # generous: the machine may be busy
NEEDS_PRCTL = orphans.LIBC is not None


class Up:
    """One `manage.py up` with its output; every process of this run carries a mark in its environment."""

    def __init__(self, var: Path, port: int, **environ: str) -> None:
        self.mark = uuid.uuid4().hex
        kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
        kept = {name: value for name, value in kept.items() if not name.startswith(("PYTEST", "DJANGO"))}
        kept |= {"OSTAGRAM_VAR": str(var), "PORT": str(port), "OSTAGRAM_RUN": self.mark, "SAMPLE_GALLERY": "no"}
        self.began_at = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=CLONE,
            env=kept | environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.lines: list[str] = []  # with the second in which each came
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(f"{time.monotonic() - self.began_at:5.1f} {line.rstrip()}")

    def wait_for(self, pattern: str, timeout_s: float = START_S) -> str:
        give_up_at = time.monotonic() + timeout_s
        while time.monotonic() < give_up_at:
            found = [line for line in list(self.lines) if re.search(pattern, line)]
            if found:
                return found[0]
            assert self.process.poll() is None, "\n".join(self.lines)
            time.sleep(0.05)
        raise AssertionError(f"no line {pattern!r} in:\n" + "\n".join(self.lines))

    def end(self, timeout_s: float = 30) -> int:
        try:
            status = self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise AssertionError("\n".join(["it does not end", *self.lines, *self.survivors()])) from None
        self._reader.join(5)
        return status

    def survivors(self) -> list[str]:
        found = []
        for candidate in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if candidate.environ().get("OSTAGRAM_RUN") == self.mark:
                    found.append(f"{candidate.pid} {' '.join(candidate.cmdline())[:120]}")
        return found

    def named(self, word: str) -> list[psutil.Process]:
        """The supervisor's own children with this word on their command line."""
        found = []
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.Error):  # it may just be ending
                if word in child.cmdline():
                    found.append(child)
        return found

    def sweep(self) -> None:
        for line in self.survivors():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(line.split()[0]), signal.SIGKILL)


@pytest.fixture
def var() -> Iterator[Path]:
    with servers.var_folder() as folder:
        yield folder


@pytest.fixture
def start(var: Path) -> Iterator[Callable[..., Up]]:
    runs: list[Up] = []

    def begin(port: int, **environ: str) -> Up:
        runs.append(Up(var, port, **environ))
        return runs[-1]

    yield begin
    for one in runs:
        one.sweep()
        one.end()


def wait_until(true: Callable[[], object], timeout_s: float) -> bool:
    give_up_at = time.monotonic() + timeout_s
    while not true() and time.monotonic() < give_up_at:
        time.sleep(0.1)
    return bool(true())


def status(port: int) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
            return int(answer.status)
    except OSError:
        return 0


def test_up_serves_keeps_serving_and_ends_when_asked(start: Callable[..., Up], var: Path) -> None:
    port = process.free_port(None)
    up = start(port)
    up.wait_for(f"Ostagram is at http://127.0.0.1:{port}/ ")
    assert status(port) == 200
    up.wait_for("one-time password")

    second = start(port)
    assert second.end(START_S) == 1
    assert f"Ostagram already runs at http://127.0.0.1:{port}/ (process {up.process.pid})" in " ".join(second.lines)

    assert embedded.database_url(var) != embedded.NO_POSTGRES, "a second terminal finds the database"
    command = [sys.executable, "manage.py", "migrate", "--check"]
    clean = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    subprocess.run(command, cwd=CLONE, env=clean | {"OSTAGRAM_VAR": str(var)}, check=True)

    assert len(up.named("gunicorn")) == 2, "web and till"
    (web,) = [server for server in up.named("gunicorn") if "ostagram.wsgi:application" in server.cmdline()]
    web.kill()
    up.wait_for(r"web +\| was killed by SIGKILL; starts again in 0.5 s", 10)
    assert wait_until(lambda: status(port) == 200, 30)
    assert len(up.named("celery")) == 3, "house, paint and beat"

    asked_at = time.monotonic()
    os.kill(up.process.pid, signal.SIGINT)
    os.kill(up.process.pid, signal.SIGINT)  # an impatient hand, or make and the terminal both
    assert up.end() == 0
    assert time.monotonic() - asked_at < 25
    assert up.survivors() == []
    assert not [line for line in up.lines if "Traceback" in line]


def test_nothing_survives_kill_9_and_the_next_start_is_quick(start: Callable[..., Up]) -> None:
    port = process.free_port(None)
    first = start(port)
    first.wait_for("Ostagram is at")
    first.wait_for("one-time password")
    assert wait_until(lambda: pool_children(first) >= 3, 30), "the pools have started"
    first.process.kill()
    assert not NEEDS_PRCTL or wait_until(lambda: not first.survivors(), 5), first.survivors()

    again = start(port)
    again.wait_for("Ostagram is at")
    assert not [line for line in again.lines if "password" in line], "the staff account was made once"
    os.kill(again.process.pid, signal.SIGTERM)
    assert again.end() == 0
    assert again.survivors() == []


def pool_children(up: Up) -> int:
    count = 0
    for worker in up.named("worker"):
        with contextlib.suppress(psutil.Error):
            count += len(worker.children())
    return count


def test_a_taken_port_is_named_before_anything_starts(start: Callable[..., Up], var: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        up = start(port)
        assert up.end(START_S) == 1
    assert f"PORT={port + 1} make run" in " ".join(up.lines)
    assert not (var / "postgres").exists()


def test_a_folder_of_somebody_else_is_named(start: Callable[..., Up], var: Path) -> None:
    (var / "run").write_text("not a folder")
    up = start(process.free_port(None))
    assert up.end(START_S) == 1
    assert str(var / "run") in " ".join(up.lines)
    assert not [line for line in up.lines if "Traceback" in line]


def test_static_files_are_collected_again_only_when_one_changed(
    settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.VAR_DIR, settings.STATICFILES_DIRS = tmp_path / "var", [tmp_path / "source"]
    monkeypatch.setattr(static_state, "get_finders", lambda: [FileSystemFinder()])
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "new.css").write_text("a {}")
    assert static_state.is_stale(), "never collected"
    static_state.remember()
    assert static_state.is_stale(), "the collected files are gone"
    (Path(settings.STATIC_ROOT) / "staticfiles.json").write_text("{}")
    assert not static_state.is_stale()
    (tmp_path / "source" / "new.css").write_text("a {color: red}")
    assert static_state.is_stale()


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


@pytest.fixture
def out() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def house(out: io.StringIO) -> Iterator[Supervisor]:
    supervisor = Supervisor(os.environ, CLONE, out)
    yield supervisor
    supervisor.stop(0)


def tick_until(house: Supervisor, true: Callable[[], object], timeout_s: float = 20) -> bool:
    give_up_at = time.monotonic() + timeout_s
    while not true() and time.monotonic() < give_up_at:
        house.tick(0.05)
    return bool(true())


def test_lines_carry_the_name_of_their_speaker(house: Supervisor, out: io.StringIO) -> None:
    code = "import sys; print('привет'); print('broken \\xff', file=sys.stderr); sys.stdout.write('no end')"
    assert house.run([Program("web", python(code), once=True), Program("longer", python("print(1)"), once=True)]) == []
    lines = set(out.getvalue().splitlines())
    assert lines == {"web     | привет", "web     | broken ÿ", "web     | no end", "longer  | 1"}


def test_colour_is_for_terminals_only() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    Console(terminal).say("web", "hello")
    assert terminal.getvalue() == "\x1b[36mweb     |\x1b[0m hello\n"


def test_a_terminal_that_is_gone_stops_nothing() -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    Console(Gone()).say("web", "hello")


def test_who_dies_starts_again_after_growing_pauses(house: Supervisor, out: io.StringIO) -> None:
    house.start(Program("paint", python("raise SystemExit(3)")))
    assert tick_until(house, lambda: out.getvalue().count("starts again") == 3)
    pauses = re.findall(r"ended by itself with status 3; starts again in (\S+) s", out.getvalue())
    assert pauses == ["0.5", "1", "2"]


def test_who_dies_takes_its_children_along(house: Supervisor, out: io.StringIO) -> None:
    code = "import subprocess; print(subprocess.Popen(['/bin/sleep', '300']).pid, flush=True); raise SystemExit(1)"
    house.start(Program("paint", python(code)))
    assert tick_until(house, lambda: "starts again" in out.getvalue())
    grandchild = int(out.getvalue().split("|")[1].split()[0])
    assert wait_until(lambda: dead(grandchild), 5)


def dead(pid: int) -> bool:
    """Dead, whether buried or not."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def test_what_runs_once_is_not_repeated_and_its_failure_is_told(house: Supervisor, out: io.StringIO) -> None:
    good, bad = Program("good", python("pass"), once=True), Program("bad", python("raise SystemExit(4)"), once=True)
    assert house.run([good, bad]) == ["bad"]
    house.tick(0.1)
    assert out.getvalue() == "bad     | ended by itself with status 4\n"


def test_who_does_not_stop_is_killed(house: Supervisor, out: io.StringIO) -> None:
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(99)"
    )
    house.start(Program("deaf", python(code)))
    house.start(Program("polite", python("import time; print('here', flush=True); time.sleep(99)")))
    assert tick_until(house, lambda: "deaf    | deaf" in out.getvalue() and "here" in out.getvalue())
    began_at = time.monotonic()
    house.stop(0.5)
    assert time.monotonic() - began_at < 5
    assert "deaf    | did not end within 0.5 s and is killed" in out.getvalue()
    assert "starts again" not in out.getvalue()
    assert "polite  | did" not in out.getvalue()


@pytest.mark.parametrize(("code", "words"), [(0, "status 0"), (1, "status 1"), (-9, "SIGKILL"), (-15, "SIGTERM")])
def test_how_it_ended(code: int, words: str) -> None:
    assert words in how_it_ended(code)


def test_who_is_bound_dies_with_its_parent_even_at_work(tmp_path: Path) -> None:
    """With a control: who is not bound goes on."""
    code = """
        import os, time
        from ostagram import orphans
        for bound in (True, False):
            parent = os.getpid()
            if not os.fork():
                bound and orphans.die_with(parent)
                os.write(1, b"%d\\n" % os.getpid())
                time.sleep(60)
        time.sleep(60)
    """
    with subprocess.Popen(python(textwrap.dedent(code)), cwd=CLONE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pids = [int(parent.stdout.readline()) for _child in range(2)]
        parent.kill()
    wait_until(lambda: all(dead(pid) for pid in pids), 1)
    left = [pid for pid in pids if not dead(pid)]
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert len(left) == (1 if NEEDS_PRCTL else 2)


def test_the_wish_to_end_is_heeded_where_it_is_asked_for() -> None:
    before = {wish: signal.getsignal(wish) for wish in ending.WISHES}
    try:
        for wish in ending.WISHES:
            end = ending.Ending()
            end.heed()
            os.kill(os.getpid(), wish)
            os.kill(os.getpid(), wish)
            with pytest.raises(KeyboardInterrupt):
                end.heed()
            with pytest.raises(KeyboardInterrupt):
                end.sleep(0)
    finally:
        for wish, handler in before.items():
            signal.signal(wish, handler)


def test_a_child_whose_parent_is_gone_already_does_not_begin() -> None:
    """The gap between fork and prctl: the kernel is asked too late to notice."""
    code = "import os; from ostagram import orphans; orphans.die_with(os.getppid() + 1); print('lives')"
    ended = subprocess.run(python(code), cwd=CLONE, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == ((1, "") if NEEDS_PRCTL else (0, "lives\n"))
