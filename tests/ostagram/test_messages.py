"""`manage.py messages`: finds every message, keeps every translation; `--check` fails for each thing that is wrong."""

import io
import re
from pathlib import Path

import pytest
from django.conf import LazySettings, settings
from django.core.management import CommandError, call_command

from ostagram.catalogue import extraction, faults, files
from ostagram.catalogue.extraction import Key

ROOT = Path(settings.BASE_DIR)
PYTHON = """
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext_lazy
WORDS = [_("Blue"), gettext_lazy("Red " "and green"), pgettext_lazy("of the sea", "Deep")]
def count(n): return ngettext("%(n)d brush", "%(n)d brushes", n)
"""
TEMPLATE = """
  {% load i18n %}{# a comment isn't a message #}
      <p title="{% translate 'Canvas' %}">{% translate "Main" context "e-mail" %}</p>
{% include "x.html" with invite=_("Come in") %}{{ _("Welcome")|upper }}
 {% blocktranslate with name=a.b trimmed %}
    Painted by
    {{ name }}
 {% endblocktranslate %}
{% blocktranslate count n=some|length %}{{ n }} frame{% plural %}{{ n }} frames{% endblocktranslate %}
{% comment %}{% translate "Not this" %} it's{% endcomment %}
"""
TRANSLATIONS: dict[str, str | tuple[str, ...]] = {
    "Blue": "Синий", "Red and green": "Красный и зелёный", "Deep": "Глубокое", "Canvas": "Холст", "Main": "Основной",
    "Come in": "Входите", "Welcome": "Добро пожаловать", "Painted by %(name)s": "Автор: %(name)s",
    "%(n)d brush": ("%(n)d кисть", "%(n)d кисти", "%(n)d кистей"),
    "%(n)s frame": ("%(n)s рама", "%(n)s рамы", "%(n)s рам"),
}  # fmt: skip


@pytest.fixture
def project(tmp_path: Path, settings: LazySettings) -> Path:
    """A small project of one Python file and one template, wholly translated."""
    for room in ("people", "templates"):
        (tmp_path / room).mkdir()
    (tmp_path / "people/words.py").write_text(PYTHON)
    (tmp_path / "templates/page.html").write_text(TEMPLATE)
    settings.BASE_DIR, settings.LOCALE_PATHS = tmp_path, [tmp_path / "locale"]
    run()
    for english, russian in TRANSLATIONS.items():
        translate(tmp_path, english, russian)
    run()
    return tmp_path


def run(*, check: bool = False) -> str:
    told = io.StringIO()
    call_command("messages", check=check, stdout=told)
    return told.getvalue()


def folder(project: Path) -> Path:
    return files.folder(project / "locale", "ru")


def translate(project: Path, english: str, russian: str | tuple[str, ...]) -> None:
    """As a person does it, in django.po."""
    catalogue = files.read(project / "locale", "ru")
    (message,) = [one for one in catalogue if one.id and files.key_of(one).singular == english]
    message.string = russian
    (folder(project) / "django.po").write_bytes(files.po(catalogue))


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def complaint() -> str:
    with pytest.raises(CommandError) as failure:
        run(check=True)
    return str(failure.value)


def test_every_message_is_found_with_its_file(project: Path) -> None:
    assert extraction.messages(project) == {
        Key("", "Blue"): ["people/words.py"], Key("", "Red and green"): ["people/words.py"],
        Key("of the sea", "Deep"): ["people/words.py"], Key("", "%(n)d brush", "%(n)d brushes"): ["people/words.py"],
        Key("", "Canvas"): ["templates/page.html"], Key("e-mail", "Main"): ["templates/page.html"],
        Key("", "Come in"): ["templates/page.html"], Key("", "Welcome"): ["templates/page.html"],
        Key("", "Painted by %(name)s"): ["templates/page.html"],
        Key("", "%(n)s frame", "%(n)s frames"): ["templates/page.html"],
    }  # fmt: skip


def test_a_whole_catalogue_passes_and_is_left_alone(project: Path) -> None:
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder(project).iterdir()}
    assert len(before) == 2
    assert "10 messages, all translated" in run(check=True)
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder(project).iterdir()} == before


def test_collecting_again_changes_no_byte(project: Path) -> None:
    before = {path: path.read_bytes() for path in folder(project).iterdir()}
    run()
    assert {path: path.read_bytes() for path in folder(project).iterdir()} == before


def test_the_files_name_sources_but_no_lines_and_no_dates(project: Path) -> None:
    po = (folder(project) / "django.po").read_text()
    assert "#: people/words.py\n" in po and "#: templates/page.html\n" in po
    assert "Date" not in po and not re.search(r"\.(py|html):\d", po)


def test_a_missing_message_fails(project: Path) -> None:
    edit(project / "people/words.py", '_("Blue")', '_("Blue"), _("A new word")')
    assert "missing: 'A new word' (people/words.py)" in complaint()
    assert "untranslated: 'A new word'" in run()  # it is collected, and named until it is translated
    assert "untranslated: 'A new word'" in complaint()


def test_an_obsolete_message_fails_and_is_dropped_with_a_word(project: Path) -> None:
    edit(project / "people/words.py", '_("Blue")', '"Blue"')
    assert "obsolete: 'Blue'" in complaint()
    assert "dropped 'Blue', which was 'Синий'" in run()
    run(check=True)


def test_a_message_that_is_commented_out_fails(project: Path) -> None:
    po = folder(project) / "django.po"
    po.write_text(po.read_text() + '\n#~ msgid "Old"\n#~ msgstr "Старый"\n')
    assert "obsolete: 'Old'" in complaint()


@pytest.mark.parametrize(("english", "russian"), [("Blue", ""), ("%(n)d brush", ("%(n)d кисть", "%(n)d кисти", ""))])
def test_an_untranslated_message_fails(project: Path, english: str, russian: str | tuple[str, ...]) -> None:
    translate(project, english, russian)
    assert f"untranslated: {english!r}" in complaint()


def test_a_plural_with_too_few_forms_fails(project: Path) -> None:
    edit(folder(project) / "django.po", 'msgstr[2] "%(n)d кистей"\n', "")
    assert "untranslated: '%(n)d brush'" in complaint()


def test_a_fuzzy_message_fails(project: Path) -> None:
    edit(folder(project) / "django.po", 'msgid "Blue"', '#, fuzzy\nmsgid "Blue"')
    assert "fuzzy: 'Blue'" in complaint()


@pytest.mark.parametrize(
    ("english", "russian"),
    [
        ("Painted by %(name)s", "Автор неизвестен"), ("Painted by %(name)s", "Автор: %(nom)s"),
        ("Painted by %(name)s", "Автор: %(name)d"), ("Blue", "Синий на %(share)d"), ("Blue", "<b>Синий</b>"),
        ("Blue", "Синий {n}"), ("%(n)d brush", ("одна кисть", "%(n)d кисти", "%(n)d кистей")),
    ],
)  # fmt: skip
def test_other_placeholders_fail(project: Path, english: str, russian: str | tuple[str, ...]) -> None:
    translate(project, english, russian)
    run()
    assert f"other placeholders: {english!r}" in complaint()


def test_a_compiled_file_that_is_not_current_fails(project: Path) -> None:
    translate(project, "Blue", "Голубой")
    assert "not current: django.mo" in complaint()
    run()
    run(check=True)


def test_no_compiled_file_fails(project: Path) -> None:
    (folder(project) / "django.mo").unlink()
    assert "not current: django.mo" in complaint()


def test_our_own_catalogue_is_whole_and_current() -> None:
    run(check=True)


def test_continuous_integration_asks_for_it() -> None:
    assert re.search(r"^\.venv/bin/python manage\.py messages --check$", (ROOT / ".ci/run").read_text(), re.MULTILINE)


def test_the_image_takes_the_catalogue_along() -> None:
    assert re.search(r"^COPY \. \.$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    ignored = (ROOT / ".dockerignore").read_text() + (ROOT / ".gitignore").read_text()
    assert "locale" not in ignored and ".mo" not in ignored


@pytest.mark.parametrize(
    ("english", "same", "other"),
    [("a%(n)db", "б%(n)dа", "б%(n)sа"), ("50%%", "50%%", "50"), ("{low} to {high}", "{high}, {low}", "{low}")],
)
def test_placeholders_may_change_their_places_and_nothing_else(english: str, same: str, other: str) -> None:
    assert faults._placeholders([english]) == faults._placeholders([same]) != faults._placeholders([other])
