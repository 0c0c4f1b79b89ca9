"""THE FRAME: every message in our sources: templates by Django's templatize, all else by Babel's reader of Python."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from babel.messages.extract import extract
from django.utils.translation import templatize

ROOMS: Final = ("ostagram", "worker", "billing", "feed", "stylize", "people")
TEMPLATES: Final = ("*.html", "*.txt", "*.svg")
CONTEXT: Final = (1, "c")
PLAIN: Final = {"gettext": None, "ngettext": (1, 2), "pgettext": (CONTEXT, 2), "npgettext": (CONTEXT, 2, 3)}
KEYWORDS: Final = {
    "_": None, "gettext_noop": None, **PLAIN, **{f"{name}_lazy": spec for name, spec in PLAIN.items()},
}  # fmt: skip


class Key(NamedTuple):
    """What a message is known by; `plural` is empty where there is none."""

    context: str
    singular: str
    plural: str = ""


Found = dict[Key, list[str]]  # each message with the files it stands in


def messages(root: Path) -> Found:
    """Every message below `root`, with its files in order."""
    found: dict[Key, set[str]] = {}
    for path, text in _sources(root):
        for key in _in(text):
            found.setdefault(key, set()).add(path.relative_to(root).as_posix())
    return {key: sorted(files) for key, files in found.items()}


def _sources(root: Path) -> Iterator[tuple[Path, str]]:
    """Every file that may hold messages, as Python."""
    for room in ROOMS:
        for path in sorted((root / room).rglob("*.py")):
            text = path.read_text()
            if "gettext" in text and "migrations" not in path.parts:
                yield path, text
    for pattern in TEMPLATES:
        for path in sorted((root / "templates").rglob(pattern)):
            yield path, _flush_left(templatize(path.read_text(), origin=str(path)))


def _flush_left(text: str) -> str:
    """What templatize makes of a template keeps its indents, in which Python would see blocks that never were."""
    return "\n".join(line.lstrip() for line in text.splitlines())


def _in(text: str) -> Iterator[Key]:
    source = io.BytesIO(text.encode())
    for _line, words, _comments, context in extract("python", source, KEYWORDS, options={"encoding": "utf-8"}):
        singular, *plural = (words,) if isinstance(words, str) else words
        yield Key(context or "", singular, *plural[:1])
