"""Russian without a word of English: every main page, and the words that scripts put on it."""

import html
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from ostagram.catalogue import faults, files
from people.models import User
from stylize.models import Job, JobStyle
from tests import make
from tests.ostagram import spoken

ROOT = Path(settings.BASE_DIR)
RUSSIAN = {"Accept-Language": "ru"}
SHORT = 12  # letters; below that a word may well be a name
ENGLISH = re.compile(r"\b[A-Za-z]{2,}(?:['’]?,? [a-z]{2,}){2,}")  # three words in a row
FOR_ALL = [
    "/", "/?before=1", "/paint/", "/mine/", "/payments/", "/nowhere", "/accounts/login/", "/accounts/signup/",
    "/accounts/inactive/",
    "/accounts/password/reset/", "/accounts/password/reset/done/", "/accounts/password/reset/key/1-x/",
    "/accounts/password/reset/key/done/", "/accounts/confirm-email/", "/accounts/confirm-email/no-such-key/",
    "/how-it-works/", "/prices/", "/terms/", "/privacy/", "/licence/", "/contact/", "/design/", "/offline/",
]  # fmt: skip
FOR_USERS = [
    "/mine/",
    "/payments/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/logout/",
    "/accounts/reauthenticate/",
]


def english_of_the_catalogue() -> list[str]:
    """Every longer piece of an English message between its placeholders, unless Russian says the same."""
    pieces = set()
    for message in files.read(ROOT / "locale", "ru"):
        for text in files.key_of(message)[1:] if message.id else ():
            parts = [html.unescape(part).strip(" .,:;…") for part in faults.PLACEHOLDER.split(text)]
            pieces |= {part for part in parts if len(part) > SHORT and part not in " ".join(files.forms(message))}
    return sorted(pieces)


PIECES = english_of_the_catalogue()


def assert_russian(client: Client, path: str, status: int = 200) -> None:
    answer = client.get(path, headers=RUSSIAN)
    assert answer.status_code == status
    assert_speaks_russian(answer.content.decode())


def assert_speaks_russian(page: str) -> None:
    assert '<html lang="ru">' in page
    said = spoken.by(page, "ru")
    assert not [(piece, words) for words in said for piece in PIECES if piece in words and _is_whole(piece, words)]
    assert not [words for words in said if ENGLISH.search(words)]


def _is_whole(piece: str, words: str) -> bool:
    return bool(re.search(rf"\b{re.escape(piece)}\b", words))


def test_there_is_something_to_look_for() -> None:
    assert len(PIECES) > 150
    assert "Sign up" not in PIECES and "The machine that painted it stopped three times" in PIECES
    with pytest.raises(AssertionError):
        assert_speaks_russian('<html lang="ru"><p aria-label="The painting so far">Картина</p>')
    with pytest.raises(AssertionError):
        assert_speaks_russian('<html lang="ru"><p>Nobody has translated this</p>')


@pytest.fixture
def wall(alice: User) -> Job:
    """A picture of every kind on the wall, with a house style and a mixed one."""
    house = make.style(alice, name="Golden mosaic", slug="golden-mosaic", listed=True)
    Job.objects.filter(pk=make.done_job(alice).pk).update(sample=True)
    job = make.done_job(alice, show_photo=True, controls={"strength": 0.5, "colours": "palette", "palette": 3})
    JobStyle.objects.filter(job=job).update(style=house)
    JobStyle.objects.create(job=job, style=make.style(alice), weight=2)
    return job


@pytest.mark.parametrize("path", FOR_ALL)
def test_every_page_for_all(anonymous: Client, wall: Job, path: str) -> None:
    assert_russian(anonymous, path, 404 if path == "/nowhere" else 200)


@pytest.mark.parametrize("path", FOR_USERS)
def test_every_page_for_users(as_alice: Client, wall: Job, path: str) -> None:
    assert_russian(as_alice, path)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/mine/", "/paint/"])
def test_every_page_that_is_still_empty(anonymous: Client, path: str) -> None:
    assert_russian(anonymous, path)


@pytest.mark.parametrize("status", Job.Status.values)
def test_a_jobs_page_whatever_its_status(as_alice: Client, alice: User, status: str) -> None:
    assert_russian(as_alice, reverse("stylize:job", args=[make.in_status(alice, status).key]))


@pytest.mark.parametrize("failure", Job.Failure.values)
def test_a_failed_jobs_page_whatever_the_reason(as_alice: Client, alice: User, failure: str) -> None:
    job = make.in_status(alice, "failed")
    Job.objects.filter(pk=job.pk).update(failure=failure)
    assert_russian(as_alice, reverse("stylize:job", args=[job.key]))


@pytest.mark.parametrize("who", ["as_alice", "anonymous"])
def test_a_pictures_page(request: pytest.FixtureRequest, wall: Job, who: str) -> None:
    assert_russian(request.getfixturevalue(who), reverse("feed:post", args=[wall.key]))


@pytest.mark.parametrize(
    "wrong",
    [
        {"photo": None, "style_image": None}, {"photo": make.file("x.jpg", make.picture(20, 20))}, {"tier": "gold"},
        {"strength": "0", "colours": "sepia", "palette": "1", "parts": "99"}, {"tier": "hd", "iterations": "7"},
        {"form_token": "x"}, {"photo": make.file("x.jpg", make.picture(2000, 70)), "visibility": "all"},
    ],
)  # fmt: skip
def test_the_form_that_comes_back(as_alice: Client, wrong: dict[str, object]) -> None:
    answer = as_alice.post("/paint/", make.form(**wrong), headers=RUSSIAN)
    assert answer.status_code == 400
    assert_speaks_russian(answer.content.decode())


@pytest.mark.parametrize("verb", ["cancel", "show", "delete"])
def test_what_is_said_after_something_was_done(as_alice: Client, alice: User, verb: str) -> None:
    job = make.job(alice)
    answer = as_alice.post(reverse(f"stylize:{verb}", args=[job.key]), headers=RUSSIAN, follow=True)
    assert 'class="note note--' in answer.content.decode()
    assert_speaks_russian(answer.content.decode())


@pytest.mark.parametrize("path", sorted((ROOT / "static/js").rglob("*.js")), ids=lambda path: path.name)
def test_no_script_brings_words_of_its_own(path: Path) -> None:
    code = re.sub(r"^\s*//.*$|\s// .*$|/\*.*?\*/", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)
    assert not re.findall(r"""["'`][A-Z][a-z]+(?: [a-z]+)+[^"'`]*["'`]""", code)
    assert not re.findall(r"""(?:textContent|ariaLabel|placeholder|alt) ?[=:] ?["'][^"']*[a-z]{3}""", code)
