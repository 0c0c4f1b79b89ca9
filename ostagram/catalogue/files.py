"""THE FRAME: a catalogue's two files: django.po, which people edit, and django.mo, which Django reads."""

import io
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from ostagram.catalogue.extraction import Found, Key

WIDTH: Final = 110


class Catalogue(Catalog):
    """Babel's, with a header that says nothing of dates and versions: the same messages are the same bytes."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        return [
            ("Project-Id-Version", "Ostagram"),
            ("Language", str(self.locale)),
            ("Plural-Forms", self.plural_forms),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
        ]


def folder(locale_path: Path, language: str) -> Path:
    return locale_path / language / "LC_MESSAGES"


def read(locale_path: Path, language: str) -> Catalogue:
    """The catalogue of a language, empty where there is none yet."""
    ours = _empty(language)
    path = folder(locale_path, language) / "django.po"
    if path.exists():
        with path.open("rb") as file:
            theirs = read_po(file, locale=language)
        for message in theirs:
            if message.id:
                _add(ours, message)
        ours.obsolete = theirs.obsolete
    return ours


def updated(old: Catalogue, found: Found) -> Catalogue:
    """A catalogue of all that was found, with the translations that `old` has. Nothing is guessed."""
    new = _empty(str(old.locale))
    known = {key_of(message): message for message in old if message.id}
    for key, sources in found.items():
        message = known.get(key)
        new.add(
            (key.singular, key.plural) if key.plural else key.singular,
            message.string if message else None,
            locations=[(source, 0) for source in sources],
            flags=message.flags & {"fuzzy"} if message else (),
            user_comments=message.user_comments if message else (),
            context=key.context or None,
        )
    return new


def dropped(old: Catalogue, found: Found) -> list[Message]:
    """The translations that nothing in the sources asks for any more."""
    return [message for message in old if message.id and any(forms(message)) and key_of(message) not in found]


def write(catalogue: Catalogue, locale_path: Path) -> None:
    place = folder(locale_path, str(catalogue.locale))
    place.mkdir(parents=True, exist_ok=True)
    (place / "django.po").write_bytes(po(catalogue))
    (place / "django.mo").write_bytes(mo(catalogue))


def compiled(locale_path: Path, language: str) -> bytes:
    """What Django reads now; nothing where there is no file yet."""
    path = folder(locale_path, language) / "django.mo"
    return path.read_bytes() if path.exists() else b""


def po(catalogue: Catalogue) -> bytes:
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=WIDTH, sort_output=True, include_lineno=False)
    return buffer.getvalue().rstrip() + b"\n"


def mo(catalogue: Catalogue) -> bytes:
    """As Django reads it; a message that is not wholly translated is left out, and shown in English."""
    whole = _empty(str(catalogue.locale))
    for message in catalogue:
        if message.id and is_whole(message, catalogue) and not message.fuzzy:
            _add(whole, message)
    buffer = io.BytesIO()
    write_mo(buffer, whole)
    return buffer.getvalue()


def key_of(message: Message) -> Key:
    return Key(message.context or "", *((message.id,) if isinstance(message.id, str) else message.id))


def forms(message: Message) -> list[str]:
    """The translations of a message: one, or one for each plural form."""
    return [message.string or ""] if isinstance(message.string, str | None) else list(message.string)


def is_whole(message: Message, catalogue: Catalogue) -> bool:
    wanted = catalogue.num_plurals if message.pluralizable else 1
    return len(forms(message)) == wanted and all(forms(message))


def _empty(language: str) -> Catalogue:
    return Catalogue(locale=language, header_comment=f"# What Ostagram says to people: {language}.", fuzzy=False)


def _add(catalogue: Catalogue, message: Message) -> None:
    catalogue.add(
        message.id, message.string, locations=message.locations, flags=message.flags,
        user_comments=message.user_comments, context=message.context,
    )  # fmt: skip
