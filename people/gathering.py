"""THE DOOR: notices as they are read: of many who like one picture, or follow, one line tells. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from people.models import Notice, User

GATHERED: Final = frozenset({Notice.Kind.LIKED, Notice.Kind.FOLLOWED})


@dataclass
class Line:
    """What happened, newest first; `new`: some of it was not read before."""

    newest: Notice
    people: list[User] = field(default_factory=list)  # who did it, each once
    new: bool = False

    @property
    def others(self) -> int:
        """How many besides the first."""
        return len(self.people) - 1


def lines(rows: Iterable[Notice], most: int) -> tuple[list[Line], int | None]:
    """At most so many lines of notices, newest first, and the last notice that is in them where more is left."""
    gathered: dict[tuple[object, ...], Line] = {}
    last = None
    for row in rows:
        name = (row.kind, row.key) if row.kind in GATHERED else (row.pk,)
        if name not in gathered:
            if len(gathered) == most:
                return list(gathered.values()), last
            gathered[name] = Line(row)
        _add(gathered[name], row)
        last = row.pk
    return list(gathered.values()), None


def _add(line: Line, row: Notice) -> None:
    line.new = line.new or row.read_at is None
    if row.by and row.by not in line.people:
        line.people.append(row.by)
