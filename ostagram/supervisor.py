"""THE FRAME: child processes under one roof: their output side by side, restarted when they die, stopped together."""

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from ostagram import orphans

FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 10.0
STEADY_S: Final = 30.0  # who ran this long begins with a short pause again
COLOURS: Final = (36, 35, 32, 33, 34, 31)
WIDTH: Final = 8  # of the longest name


@dataclass(frozen=True)
class Program:
    name: str
    argv: tuple[str, ...]
    once: bool = False  # runs to its end and is not started again


class Console:
    """Lines of many speakers on one terminal. Nobody listens any more: nobody speaks, and work goes on."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._colours: dict[str, int] = {}

    def say(self, name: str, line: str) -> None:
        prefix = f"{name:{WIDTH}}|"
        if self._out.isatty():
            colour = self._colours.setdefault(name, COLOURS[len(self._colours) % len(COLOURS)])
            prefix = f"\x1b[{colour}m{prefix}\x1b[0m"
        self.tell(f"{prefix} {line}")

    def tell(self, line: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._out.write(f"{line}\n")
            self._out.flush()


@dataclass
class Child:
    program: Program
    process: subprocess.Popen[bytes]
    started_at: float
    pause_s: float = FIRST_PAUSE_S
    due_at: float | None = None  # when it starts again, if it is to
    over: bool = False  # it ended and is not to start again
    unsaid: bytes = b""  # a line whose end has not come yet


class Supervisor:
    """One thread, because the kernel ties a child's life to the thread that started it. Call `tick` all the time."""

    def __init__(
        self, environ: Mapping[str, str], folder: Path, out: TextIO = sys.stdout, heed: Callable[[], None] | None = None
    ) -> None:
        self._heed = heed or (lambda: None)
        self._environ = {**environ, "PYTHONUNBUFFERED": "1"}
        self._folder = folder
        self._selector = selectors.DefaultSelector()
        self._children: dict[str, Child] = {}
        self.console = Console(out)

    def start(self, program: Program) -> None:
        self._children[program.name] = Child(program, self._spawn(program), time.monotonic())
        self._listen(self._children[program.name])

    def run(self, programs: Iterable[Program]) -> list[str]:
        """Run these side by side to their end; the names of those that failed."""
        names = []
        for program in programs:
            self.start(program)
            names.append(program.name)
        while not all(self._children[name].over for name in names):
            self.tick(0.05)
        return [name for name in names if self._children.pop(name).process.returncode]

    def tick(self, timeout_s: float) -> None:
        """Pass on what the children say, see who died, start again who is due. Raises what `heed` raises."""
        self._heed()
        for key, _events in self._selector.select(timeout_s):
            self._hear(key.data)
        for child in self._children.values():
            if child.due_at is not None and time.monotonic() >= child.due_at:
                self._restart(child)
            elif child.due_at is None and not child.over and child.process.poll() is not None:
                self._bury(child)

    def stop(self, patience_s: float, *, order: Sequence[str] = ()) -> None:
        """Ask all to end, those in `order` in that order, others before them; who does not in time is killed."""
        living = [child for child in self._children.values() if child.process.poll() is None]
        living.sort(key=lambda child: order.index(child.program.name) if child.program.name in order else -1)
        for child in living:
            child.process.terminate()
        give_up_at = time.monotonic() + patience_s
        while any(child.process.poll() is None for child in living) and time.monotonic() < give_up_at:
            for key, _events in self._selector.select(0.05):
                self._hear(key.data)
        for child in living:
            if child.process.poll() is None:
                self.console.say(child.program.name, f"did not end within {patience_s:g} s and is killed")
            self._kill_family(child)
            child.process.wait()
            self._hear(child)
            self._hang_up(child)
        self._children.clear()

    def _spawn(self, program: Program) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(  # noqa: S603
            program.argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
            env=self._environ,
            cwd=self._folder,
            preexec_fn=orphans.bound(),
            start_new_session=True,  # Ctrl-C in the terminal is for us alone; and a family can be killed as a group
        )
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)
        return process

    def _listen(self, child: Child) -> None:
        assert child.process.stdout is not None
        self._selector.register(child.process.stdout, selectors.EVENT_READ, child)

    def _hear(self, child: Child) -> None:
        pipe = child.process.stdout
        if pipe is None or pipe.closed:
            return
        while said := pipe.read(65536):  # None: nothing more for now; empty: nothing more at all
            *lines, child.unsaid = (child.unsaid + said).split(b"\n")
            for line in lines:
                self.console.say(child.program.name, line.decode(errors="replace").rstrip())
        if said is not None:
            self._hang_up(child)

    def _hang_up(self, child: Child) -> None:
        pipe = child.process.stdout
        if pipe is None or pipe.closed:
            return
        self._selector.unregister(pipe)
        pipe.close()
        if child.unsaid:
            self.console.say(child.program.name, child.unsaid.decode(errors="replace"))
            child.unsaid = b""

    def _bury(self, child: Child) -> None:
        self._kill_family(child)
        self._hear(child)
        self._hang_up(child)
        ending = how_it_ended(child.process.returncode)
        if child.program.once:
            child.over = True
            if child.process.returncode:
                self.console.say(child.program.name, ending)
            return
        if time.monotonic() - child.started_at > STEADY_S:
            child.pause_s = FIRST_PAUSE_S
        self.console.say(child.program.name, f"{ending}; starts again in {child.pause_s:g} s")
        child.due_at = time.monotonic() + child.pause_s
        child.pause_s = min(child.pause_s * 2, LONGEST_PAUSE_S)

    def _restart(self, child: Child) -> None:
        child.process, child.started_at, child.due_at = self._spawn(child.program), time.monotonic(), None
        self._listen(child)

    @staticmethod
    def _kill_family(child: Child) -> None:
        """Grandchildren are in the child's group; they must not go on working beside its successor."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.process.pid, signal.SIGKILL)


def how_it_ended(returncode: int | None) -> str:
    if returncode is not None and returncode < 0:
        return f"was killed by {signal.Signals(-returncode).name}"
    return f"ended by itself with status {returncode}"
