"""What a page says to people: its text, and the attributes that are read out, shown, or put on the page by scripts."""

from html.parser import HTMLParser

SILENT = {"script", "style"}
WORDS = {"alt", "title", "aria-label", "placeholder"}
ADDRESSES = ("/", "http")


class _Ear(HTMLParser):
    def __init__(self, language: str) -> None:
        super().__init__()
        self.language, self.heard = language, list[str]()
        self._deaf_within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        foreign = given.get("lang", self.language) != self.language
        if self._deaf_within or tag in SILENT or foreign:
            self._deaf_within.append(tag)
            return
        said = [value for name, value in given.items() if name in WORDS or name.startswith("data-")]
        if given.get("name") == "description" or given.get("property") == "og:title":
            said.append(given["content"])
        self.heard += [value for value in said if not value.startswith(ADDRESSES)]

    def handle_endtag(self, tag: str) -> None:
        if self._deaf_within and self._deaf_within[-1] == tag:
            self._deaf_within.pop()

    def handle_data(self, data: str) -> None:
        if not self._deaf_within:
            self.heard.append(data)


def by(page: str, language: str) -> list[str]:
    """Everything the page says, but for what it marks as being in another language."""
    ear = _Ear(language)
    ear.feed(page)
    return [" ".join(words.split()) for words in ear.heard if words.strip()]
