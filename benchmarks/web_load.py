"""Visitors by the dozen: a small load generator. One process, one core; connections stay open as a browser's do."""

import asyncio
import itertools
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

PATIENCE_S = 60


@dataclass(frozen=True)
class Ask:
    """One request; `header` comes before the ones that every request has."""

    path: str
    method: str = "GET"
    header: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass
class Answer:
    status: int
    header: dict[str, str]
    cookies: dict[str, str]
    body: bytes


@dataclass
class Tally:
    """What came of a load."""

    statuses: Counter[int] = field(default_factory=Counter)  # 0: no answer
    times_s: list[float] = field(default_factory=list)
    by_path: dict[str, list[float]] = field(default_factory=dict)
    lasted_s: float = 0.0
    broken: Counter[str] = field(default_factory=Counter)  # addresses that gave no answer, or 5xx

    @property
    def rate(self) -> float:
        return len(self.times_s) / self.lasted_s if self.lasted_s else 0.0

    @property
    def bad(self) -> int:
        return sum(count for status, count in self.statuses.items() if status == 0 or status >= 500)

    def ms(self, percent: int) -> float:
        """A percentile of the answers' times."""
        return 1000 * statistics.quantiles(self.times_s, n=100)[percent - 1] if len(self.times_s) > 1 else 0.0

    def __str__(self) -> str:
        return f"{self.rate:.0f} a second, p50 {self.ms(50):.0f} ms, p99 {self.ms(99):.0f} ms, {dict(self.statuses)}"


class Line:
    """One open connection."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, ask: Ask) -> Answer:
        """Raises OSError or EOFError; a connection that the server closed while idle is opened again, once."""
        was_open = self._streams is not None
        try:
            return await asyncio.wait_for(self._ask(ask), PATIENCE_S)
        except (OSError, EOFError):
            self.close()
            if not was_open:
                raise
        return await asyncio.wait_for(self._ask(ask), PATIENCE_S)

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()
        self._streams = None

    async def _ask(self, ask: Ask) -> Answer:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        header = {"Host": f"{self._host}:{self._port}", "Accept-Language": "en", **ask.header}
        if ask.body:
            header["Content-Length"] = str(len(ask.body))
        lines = [f"{ask.method} {ask.path} HTTP/1.1", *(f"{name}: {value}" for name, value in header.items())]
        writer.write("\r\n".join([*lines, "", ""]).encode() + ask.body)
        await writer.drain()
        return await self._answer(reader)

    async def _answer(self, reader: asyncio.StreamReader) -> Answer:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        header: dict[str, str] = {}
        cookies: dict[str, str] = {}
        for name, _colon, value in (line.partition(": ") for line in lines if line):
            header[name.lower()] = value
            if name.lower() == "set-cookie":
                cookie, _equals, content = value.partition(";")[0].partition("=")
                cookies[cookie] = content
        body = await self._body(reader, header)
        if header.get("connection") == "close":
            self.close()
        return Answer(int(first.split()[1]), header, cookies, body)

    async def _body(self, reader: asyncio.StreamReader, header: Mapping[str, str]) -> bytes:
        if "chunked" not in header.get("transfer-encoding", ""):
            return await reader.readexactly(int(header.get("content-length", 0)))
        body = b""
        while size := int(await reader.readline(), 16):
            body += await reader.readexactly(size)
            await reader.readexactly(2)
        await reader.readexactly(2)
        return body


async def closed(url: str, asks: Iterable[Ask], *, visitors: int, seconds: float) -> Tally:
    """So many visitors, each asking again as soon as the answer is there."""
    tally, began, source = Tally(), time.monotonic(), iter(asks)
    until = began + seconds

    async def visit() -> None:
        line = Line(url)
        while time.monotonic() < until:
            await _count(tally, line, next(source))
        line.close()

    await asyncio.gather(*(visit() for _visitor in range(visitors)))
    tally.lasted_s = time.monotonic() - began
    return tally


async def watchers(url: str, asks: Iterable[Ask], *, every_s: float, seconds: float) -> Tally:
    """One watcher for each request, who asks it every so often, with the ETag of the last answer."""
    tally, began = Tally(), time.monotonic()
    everybody = list(asks)

    async def watch(number: int, ask: Ask) -> None:
        line, etag = Line(url), ""
        await asyncio.sleep(every_s * number / len(everybody))
        while time.monotonic() - began < seconds:
            asked = time.monotonic()
            answer = await _count(tally, line, Ask(ask.path, header={"If-None-Match": etag} if etag else {}))
            etag = answer.header.get("etag", etag) if answer else ""
            await asyncio.sleep(max(0.0, every_s - (time.monotonic() - asked)))
        line.close()

    await asyncio.gather(*(watch(number, ask) for number, ask in enumerate(everybody)))
    tally.lasted_s = time.monotonic() - began
    return tally


async def paced(url: str, asks: Iterable[Ask], *, rate: float, seconds: float) -> Tally:
    """So many requests a second, whether the answers come or not."""
    tally, began, idle = Tally(), time.monotonic(), list[Line]()
    under_way = set[asyncio.Task[None]]()

    async def one(ask: Ask) -> None:
        line = idle.pop() if idle else Line(url)
        await _count(tally, line, ask)
        idle.append(line)

    for number, ask in zip(itertools.count(), asks, strict=False):
        due = began + number / rate
        if due > began + seconds:
            break
        if (wait := due - time.monotonic()) > 0:
            await asyncio.sleep(wait)
        under_way.add(task := asyncio.create_task(one(ask)))
        task.add_done_callback(under_way.discard)
    await asyncio.gather(*under_way)
    tally.lasted_s = time.monotonic() - began
    for line in idle:
        line.close()
    return tally


async def at_once(url: str, asks: Iterable[Ask]) -> list[Answer]:
    """All requests at the same moment, each over a connection of its own."""
    return await asyncio.gather(*(Line(url).ask(ask) for ask in asks))


async def _count(tally: Tally, line: Line, ask: Ask) -> Answer | None:
    asked = time.monotonic()
    try:
        answer = await line.ask(ask)
    except (OSError, EOFError, TimeoutError) as trouble:
        line.close()
        tally.statuses[0] += 1
        tally.broken[f"{ask.method} {ask.path}: {trouble!r}"] += 1
        return None
    took_s = time.monotonic() - asked
    tally.times_s.append(took_s)
    tally.by_path.setdefault(ask.path, []).append(took_s)
    tally.statuses[answer.status] += 1
    if answer.status >= 500:
        tally.broken[f"{ask.method} {ask.path}: {answer.status}"] += 1
    return answer


def forever(make: Callable[[int], Ask]) -> Iterable[Ask]:
    return map(make, itertools.count())
