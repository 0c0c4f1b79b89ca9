"""THE DESK: the practice till's books: one sqlite file that survives kill -9, one transaction at a time.

Objects are kept as Stripe would show them; what is the till's own has a name that begins with an underscore.
"""

import json
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from billing.till import trouble
from billing.till.refusal import missing

Object = dict[str, Any]

WAIT_S: Final = 30  # for another transaction to end
PREFIXES: Final = {
    "checkout.session": "cs_test_", "payment_intent": "pi_", "charge": "ch_", "refund": "re_", "dispute": "du_",
    "event": "evt_",
}  # fmt: skip
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, object TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS objects_kind ON objects (object, seq);
CREATE INDEX IF NOT EXISTS objects_intent ON objects (json_extract(body, '$.payment_intent'), object);
CREATE INDEX IF NOT EXISTS sessions_open ON objects (json_extract(body, '$.expires_at'))
    WHERE object = 'checkout.session' AND json_extract(body, '$.status') = 'open';
CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY, asked TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL, at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS deliveries (
    event TEXT PRIMARY KEY, type TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'due',
    tries INTEGER NOT NULL DEFAULT 0, due_at REAL NOT NULL, made_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (due_at) WHERE state = 'due';
"""


class Books:
    """What can be read and written within a transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.run = connection.execute
        self.cause: Object = {"id": None, "idempotency_key": None}  # the request that events name

    def new(self, kind: str, body: Object) -> Object:
        """Write down a new object of this kind, with an id of its own."""
        made = {"id": PREFIXES[kind] + secrets.token_hex(12), "object": kind, "created": trouble.clock(),
                "livemode": False, **body}  # fmt: skip
        self.run("INSERT INTO objects (id, object, body) VALUES (?, ?, ?)", (made["id"], kind, json.dumps(made)))
        return made

    def save(self, changed: Object) -> Object:
        self.run("UPDATE objects SET body = ? WHERE id = ?", (json.dumps(changed), changed["id"]))
        return changed

    def get(self, kind: str, name: str, *, param: str = "id") -> Object:
        """Raises Refusal for an unknown one."""
        found = self.run("SELECT body FROM objects WHERE id = ? AND object = ?", (name, kind)).fetchone()
        if found is None:
            raise missing(kind, name, param=param)
        return dict(json.loads(found[0]))

    def all(self, kind: str, where: str = "1", *values: Any, most: int = -1) -> list[Object]:
        """The newest first; `where` is SQL of ours, in which ? stands for each value."""
        rows = self.run(
            f"SELECT body FROM objects WHERE object = ? AND {where} ORDER BY seq DESC LIMIT ?",  # noqa: S608
            (kind, *values, most),
        )
        return [json.loads(body) for (body,) in rows]

    def of_intent(self, kind: str, intent_id: str) -> list[Object]:
        return self.all(kind, "json_extract(body, '$.payment_intent') = ?", intent_id)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """What goes wrong within leaves nothing behind, and the transaction goes on."""
        self.run("SAVEPOINT attempt")
        try:
            yield
        except BaseException:
            self.run("ROLLBACK TO attempt")
            raise
        finally:
            self.run("RELEASE attempt")


def prepare() -> None:
    """Before the first transaction of a process."""
    path = _path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    connection = sqlite3.connect(path, timeout=WAIT_S)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(SCHEMA)
    connection.close()


@contextmanager
def opened() -> Iterator[Books]:
    connection = sqlite3.connect(_path(), timeout=WAIT_S, isolation_level=None)
    try:
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield Books(connection)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
    finally:
        connection.close()


def shown(kept: Object) -> Object:
    """Without what is the till's own."""
    return {name: value for name, value in kept.items() if not name.startswith("_")}


def _path() -> Path:
    return Path(settings.VAR_DIR) / "till" / "till.sqlite3"
