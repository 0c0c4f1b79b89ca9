"""Two languages: the browser's wish, the switch in the footer, numbers and dates, and mail in the recipient's own."""

import datetime
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import formats, translation

from people import languages
from people.models import User
from stylize import progress, tuning, wording
from stylize.models import Job
from tests import make

RUSSIAN = {"Accept-Language": "ru-RU,ru;q=0.9,en;q=0.5"}
SWITCH = "/language/"


def russian_of(client: Client) -> bool:
    return '<html lang="ru">' in client.get("/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wish", "language", "words"),
    [
        ("ru", "ru", "Создать картину"), ("ru-RU,ru;q=0.9,en;q=0.5", "ru", "Создать картину"),
        ("en", "en", "Paint a picture"), ("de, en;q=0.1", "en", "Paint a picture"), ("", "en", "Paint a picture"),
    ],
)  # fmt: skip
def test_a_browser_is_answered_in_the_language_it_asks_for(
    anonymous: Client, wish: str, language: str, words: str
) -> None:
    answer = anonymous.get("/", headers={"Accept-Language": wish})
    page = answer.content.decode()
    assert f'<html lang="{language}">' in page and words in page
    assert answer.headers["Content-Language"] == language


@pytest.mark.django_db
def test_the_switch_sticks_and_comes_back_to_the_same_page(anonymous: Client) -> None:
    answer = anonymous.post(SWITCH, {"language": "ru", "next": "/paint/?style=x"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/paint/?style=x")
    cookie = answer.cookies["django_language"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["max-age"] > 300 * 24 * 3600
    assert '<html lang="ru">' in anonymous.get("/paint/", headers={"Accept-Language": "en"}).content.decode()
    anonymous.post(SWITCH, {"language": "en", "next": "/"})
    assert not russian_of(anonymous)


@pytest.mark.parametrize("where", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", ""])
def test_the_switch_leads_to_no_other_host(anonymous: Client, where: str) -> None:
    assert anonymous.post(SWITCH, {"language": "ru", "next": where}).headers["Location"] == "/"


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["xx", "de", "", "ru\n"])
def test_a_language_that_we_do_not_speak_changes_nothing(as_alice: Client, alice: User, language: str) -> None:
    as_alice.post(SWITCH, {"language": language, "next": "/"})
    alice.refresh_from_db()
    assert not russian_of(as_alice) and alice.language == ""


def test_the_switch_is_sent_not_followed(anonymous: Client) -> None:
    assert anonymous.get(SWITCH, {"language": "ru"}).status_code == 405


@pytest.mark.django_db
def test_the_switch_needs_neither_script_nor_cookie() -> None:
    strict = Client(enforce_csrf_checks=True)
    page = strict.get("/?before=1").content.decode()
    assert '<form class="language" method="post" action="/language/"' in page
    assert '<input type="hidden" name="next" value="/?before=1">' in page
    assert '<button name="language" value="ru" lang="ru">Русский</button>' in page
    assert '<span lang="en" aria-current="true">English</span>' in page
    assert not strict.cookies
    assert strict.post(SWITCH, {"language": "ru", "next": "/"}).status_code == 302


def test_the_switch_on_a_refused_form_leads_to_a_page_that_opens(as_alice: Client, alice: User) -> None:
    where = reverse("stylize:cancel", args=[make.job(alice).key])
    strict = Client(enforce_csrf_checks=True)
    assert 'name="next" value="/"' in strict.post(where).content.decode()
    assert 'name="next" value="/paint/"' in as_alice.post("/paint/", make.form(photo=None)).content.decode()


def test_who_is_signed_in_is_remembered_with_their_language(as_alice: Client, alice: User) -> None:
    as_alice.post(SWITCH, {"language": "ru", "next": "/"})
    alice.refresh_from_db()
    assert alice.language == "ru"


@pytest.mark.django_db
@pytest.mark.parametrize(("headers", "language"), [(RUSSIAN, "ru"), ({}, "en")])
def test_signing_up_remembers_the_language(anonymous: Client, headers: dict[str, str], language: str) -> None:
    form = {"email": "carol@example.org", "password1": "wide-brush-42", "password2": "wide-brush-42"}
    anonymous.post(reverse("account_signup"), form, headers=headers)
    assert User.objects.get(email="carol@example.org").language == language


@pytest.mark.parametrize(
    ("theirs", "browsers", "subject"),
    [
        ("ru", "en", "Новый пароль для Ostagram"),
        ("en", "ru", "A new password for Ostagram"),
        ("", "ru", "Новый пароль для Ostagram"),
    ],
)
def test_mail_is_in_the_recipients_language(
    anonymous: Client, alice: User, theirs: str, browsers: str, subject: str
) -> None:
    User.objects.filter(pk=alice.pk).update(language=theirs)
    where = reverse("account_reset_password")
    anonymous.post(where, {"email": alice.email}, headers={"Accept-Language": browsers})
    assert subject in mail.outbox[-1].subject


@pytest.mark.parametrize("path", ["/", "/paint/", "/mine/", "/accounts/login/", "/nowhere"])
def test_no_cache_mixes_the_languages(as_alice: Client, path: str) -> None:
    varies = {word.strip() for word in as_alice.get(path).headers["Vary"].split(",")}
    assert {"Accept-Language", "Cookie"} <= varies


def test_the_poll_speaks_the_watchers_language_and_says_so(as_alice: Client, anonymous: Client, alice: User) -> None:
    job = make.running_job(alice)
    now: dict[str, Any] = {"status": "running", "fraction": 0.5, "phase": "paint", "iteration": 3, "iterations": 9}
    progress.write(job.key, progress.Snapshot(**now, remaining_s=120))
    where = reverse("stylize:watch", args=[progress.token_of(job.key)])
    english, russian = anonymous.get(where), anonymous.get(where, headers=RUSSIAN)
    assert english.json()["detail"] == "Iteration 3 of 9. Ready in about 2 minutes."
    assert russian.json()["detail"].replace("\u00a0", " ") == "Итерация 3 из 9. Осталось около 2 минут."
    assert english.headers["ETag"] != russian.headers["ETag"]
    assert "Accept-Language" in russian.headers["Vary"] and "Cookie" in russian.headers["Vary"]


def test_a_picture_is_the_same_in_every_language(anonymous: Client, alice: User) -> None:
    where = reverse("stylize:result_file", args=[make.done_job(alice).key, "card.webp"])
    answer = anonymous.get(where, headers=RUSSIAN)
    assert answer.status_code == 200
    assert "Accept-Language" not in answer.headers.get("Vary", "") and "Content-Language" not in answer.headers


@pytest.mark.django_db
def test_a_body_that_is_too_large_is_refused_in_the_right_language(anonymous: Client, settings: LazySettings) -> None:
    settings.MAX_BODY_BYTES = 10
    answer = anonymous.post("/paint/", {"photo": "more than ten bytes"}, headers=RUSSIAN)
    assert answer.status_code == 413
    assert "Слишком большой файл" in answer.content.decode()


def test_the_page_for_our_own_faults_is_in_the_right_language(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_request: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("feed.views.Post.objects.for_public_feed", broken)
    answer = Client(raise_request_exception=False).get("/", headers=RUSSIAN)
    assert answer.status_code == 500
    assert '<html lang="ru">' in answer.content.decode()
    assert "У\u00a0нас что-то сломалось" in answer.content.decode()


@pytest.mark.parametrize(
    ("n", "words"),
    [
        (1, "Перед вашей 1 картина"), (2, "Перед вашей 2 картины"), (5, "Перед вашей 5 картин"),
        (11, "Перед вашей 11 картин"), (21, "Перед вашей 21 картина"), (112, "Перед вашей 112 картин"),
    ],
)  # fmt: skip
def test_russian_counts_as_russian_does(n: int, words: str) -> None:
    with translation.override("ru"):
        said = translation.ngettext("%(n)d picture before yours", "%(n)d pictures before yours", n) % {"n": n}
    assert said.replace("\u00a0", " ") == words


@pytest.mark.parametrize(
    ("amount_minor", "english", "russian"),
    [
        (5000, "50 ₽", "50 ₽"), (25000, "250 ₽", "250 ₽"), (500000, "5,000 ₽", "5 000 ₽"), (5050, "50.50 ₽", "50,50 ₽"),
        (123456705, "1,234,567.05 ₽", "1 234 567,05 ₽"),
    ],
)  # fmt: skip
def test_money_is_written_as_people_write_it(amount_minor: int, english: str, russian: str) -> None:
    for language, written in (("en", english), ("ru", russian)):
        with translation.override(language):
            assert wording.money(amount_minor, "RUB") == written.replace(" ", "\u00a0")


@pytest.mark.parametrize(
    ("number", "english", "russian"), [(0.5, "0.5", "0,5"), (3.0, "3", "3"), (1000, "1000", "1000")]
)
def test_numbers_have_the_languages_own_comma(number: float, english: str, russian: str) -> None:
    for language, written in (("en", english), ("ru", russian)):
        with translation.override(language):
            assert wording.number(number) == written


def test_a_form_made_before_a_language_was_in_force_speaks_it_all_the_same(as_alice: Client) -> None:
    answer = as_alice.post("/paint/", make.form(strength="0"), headers=RUSSIAN)
    with translation.override("ru"):
        (error,) = answer.context["form"].errors["strength"]
    assert error.replace("\u00a0", " ") == "Выберите число от 0,001 до 1000."
    assert issubclass(type(answer.context["form"]), tuning.TuningForm)


@pytest.mark.parametrize(
    ("language", "form", "written"),
    [
        ("en", "DATE_FORMAT", "3 November 2026"), ("ru", "DATE_FORMAT", "3 ноября 2026 г."),
        ("en", "SHORT_DATETIME_FORMAT", "3 Nov 2026, 18:05"), ("ru", "SHORT_DATETIME_FORMAT", "03.11.2026 18:05"),
    ],
)  # fmt: skip
def test_dates_are_written_as_people_write_them(language: str, form: str, written: str) -> None:
    with translation.override(language):
        assert formats.date_format(datetime.datetime(2026, 11, 3, 18, 5), form) == written


def test_a_house_style_has_a_name_in_every_language_and_a_visitors_only_its_own(alice: User) -> None:
    house = make.style(alice, name="Windy night", slug="windy-night", listed=True)
    own = make.style(alice, name="Windy night")
    with translation.override("ru"):
        assert (house.title, own.title, make.style(alice).title) == ("Ветреная ночь", "Windy night", "")


def test_what_the_kiln_writes_down_is_a_code_and_read_in_every_language(as_alice: Client, alice: User) -> None:
    job = make.in_status(alice, Job.Status.FAILED)
    assert job.failure == "lost"
    where = reverse("stylize:job", args=[job.key])
    assert "трижды остановилась" in as_alice.get(where, headers=RUSSIAN).content.decode()


@pytest.mark.parametrize(
    ("language", "code", "name"), [("en", "KZ", "Kazakhstan"), ("ru", "KZ", "Казахстан"), ("ru", "q9", "q9")]
)
def test_countries_have_names_in_both(language: str, code: str, name: str) -> None:
    with translation.override(language):
        assert languages.country(code) == name
