"""THE FRAME: what is wrong with a catalogue, in sentences for whoever has to mend it. Pure."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from babel.messages.catalog import Message

from ostagram.catalogue import files
from ostagram.catalogue.extraction import Found, Key

PLACEHOLDER: Final = re.compile(r"%\(\w+\)[#0+-]*[\d.]*[a-zA-Z]|%[#0+-]*[\d.]*[diouxXeEfFgGcrs%]|\{\w*\}|</?\w+[^>]*>")
NEWLINE_ENDS: Final = re.compile(r"\A\n|\n\Z")


def of(catalogue: files.Catalogue, found: Found, compiled: bytes) -> list[str]:
    """Every fault; an empty list where the catalogue says in its language all that the sources say."""
    known = {files.key_of(message): message for message in catalogue if message.id}
    return [
        *(f"missing: {_named(key)} ({', '.join(found[key])})" for key in sorted(found.keys() - known.keys())),
        *(f"obsolete: {_named(key)}" for key in sorted(known.keys() - found.keys())),
        *(f"obsolete: {_named(files.key_of(message))}" for message in catalogue.obsolete.values()),
        *(fault for key in sorted(known.keys() & found.keys()) for fault in _in(known[key], catalogue)),
        *(["not current: django.mo is not what django.po compiles to"] if files.mo(catalogue) != compiled else []),
    ]


def _in(message: Message, catalogue: files.Catalogue) -> Iterator[str]:
    name = _named(files.key_of(message))
    if message.fuzzy:
        yield f"fuzzy: {name}"
    if not files.is_whole(message, catalogue):
        yield f"untranslated: {name}"
        return
    key = files.key_of(message)
    wanted = _placeholders([key.plural or key.singular])
    for form in files.forms(message):
        if _placeholders([form]) != wanted:
            yield f"other placeholders: {name} has {_listed(wanted)}; {form!r} has {_listed(_placeholders([form]))}"
        if NEWLINE_ENDS.findall(form) != NEWLINE_ENDS.findall(key.singular):
            yield f"other line ends: {name}"


def _placeholders(texts: Iterable[str]) -> set[str]:
    return {placeholder for text in texts for placeholder in PLACEHOLDER.findall(text)}


def _named(key: Key) -> str:
    return f"{key.singular!r}" + (f" in the context {key.context!r}" if key.context else "")


def _listed(placeholders: set[str]) -> str:
    return ", ".join(sorted(placeholders)) or "none"
