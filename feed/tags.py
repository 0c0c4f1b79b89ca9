"""THE GALLERY: tags: a few words of letters, digits and hyphens in any script, all of them small. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

MOST: Final = 5  # of one picture
LONGEST: Final = 30
BETWEEN: Final = re.compile(r"[\s,;#]+")


def normal(word: str) -> str:
    """One spelling for what looks alike; idempotent."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", word).lower())


def is_tag(word: str) -> bool:
    return 0 < len(word) <= LONGEST and word == normal(word) and all(map(_fits, word)) and any(map(str.isalnum, word))


def split(text: str) -> list[str]:
    """`#Night, sea` → night, sea; each once, in their order, good or bad."""
    return list(dict.fromkeys(normal(word) for word in BETWEEN.split(text) if word))


def written(tags: Iterable[str]) -> str:
    """As a form shows them."""
    return " ".join(tags)


def _fits(letter: str) -> bool:
    """Marks are the vowels of many scripts."""
    return letter == "-" or letter.isalnum() or unicodedata.category(letter).startswith("M")
