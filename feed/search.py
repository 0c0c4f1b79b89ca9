"""THE GALLERY: what somebody looks for: words of titles, #tags and @painters, in any mixture. Pure."""

from dataclasses import dataclass
from typing import Final

from django.contrib.postgres.search import CombinedSearchQuery, SearchQuery

from feed import tags

CONFIG: Final = "russian"
"""Of Postgres' full-text search: it knows Russian words by their stems, and English ones, too."""
AS_IS: Final = "simple"  # handles are no words of any language
MOST_LETTERS: Final = 100


@dataclass(frozen=True)
class Asked:
    words: str = ""  # as people write to search engines: "in this order", this or that, -without
    tags: tuple[str, ...] = ()
    handles: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words or self.tags or self.handles)

    @property
    def is_one_tag(self) -> bool:
        return len(self.tags) == 1 and not self.words and not self.handles

    @property
    def query(self) -> SearchQuery | CombinedSearchQuery:
        """Of the words. Whoever excludes some is not answered by handles: as they are, they would let stems through."""
        stems = SearchQuery(self.words, config=CONFIG, search_type="websearch")
        if any(word.startswith("-") for word in self.words.split()):
            return stems
        return stems | SearchQuery(self.words, config=AS_IS, search_type="websearch")


def read(text: str) -> Asked:
    words: list[str] = []
    tagged: list[str] = []
    handles: list[str] = []
    for word in text.split():
        tag = tags.normal(word[1:]) if word.startswith("#") else ""
        if tags.is_tag(tag):
            tagged.append(tag)
        elif word.startswith("@") and len(word) > 1:
            handles.append(word[1:].lower())
        else:
            words.append(word)
    return Asked(" ".join(words), tuple(dict.fromkeys(tagged)), tuple(dict.fromkeys(handles)))
