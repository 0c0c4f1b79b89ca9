"""The readers of environment variables, as tables."""

from pathlib import Path

import pytest

from ostagram import env

NAME = "OSTAGRAM_TEST_VALUE"


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.delenv(NAME, raising=False)
    return monkeypatch


def test_a_missing_text_without_default_names_its_variable(given: pytest.MonkeyPatch) -> None:
    with pytest.raises(env.EnvError, match=NAME):
        env.text(NAME)


@pytest.mark.parametrize(("value", "read"), [("", "usual"), ("  ", "usual"), (" x ", "x")])
def test_an_empty_text_is_the_default(given: pytest.MonkeyPatch, value: str, read: str) -> None:
    given.setenv(NAME, value)
    assert env.text(NAME, "usual") == read


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("1", True),
        ("true", True),
        ("YES", True),
        ("on", True),
        ("0", False),
        ("False", False),
        ("no", False),
        ("off", False),
    ],
)
def test_flags(given: pytest.MonkeyPatch, value: str, read: bool) -> None:
    given.setenv(NAME, value)
    assert env.flag(NAME, default=not read) is read


@pytest.mark.parametrize("value", ["maybe", "2", "-", "да"])
def test_a_flag_is_not_guessed(given: pytest.MonkeyPatch, value: str) -> None:
    given.setenv(NAME, value)
    with pytest.raises(env.EnvError, match=NAME):
        env.flag(NAME, default=True)


@pytest.mark.parametrize(("value", "read"), [("", 7), ("3", 3), ("0012", 12)])
def test_whole_numbers(given: pytest.MonkeyPatch, value: str, read: int) -> None:
    given.setenv(NAME, value)
    assert env.whole(NAME, 7, least=2) == read


@pytest.mark.parametrize("value", ["1", "-3", "2.5", "²", "٣", "0x10", "many"])
def test_what_is_no_whole_number_or_too_small_is_refused(given: pytest.MonkeyPatch, value: str) -> None:
    given.setenv(NAME, value)
    with pytest.raises(env.EnvError, match=NAME):
        env.whole(NAME, 7, least=2)


@pytest.mark.parametrize(("value", "read"), [("", 4.0), ("3", 3.0), ("0.0001", 0.0001)])
def test_numbers(given: pytest.MonkeyPatch, value: str, read: float) -> None:
    given.setenv(NAME, value)
    assert env.number(NAME, 4.0) == read


@pytest.mark.parametrize("value", ["0", "0.0", "-1", "1,5", "nan", "inf", "1e3", "٣", "many"])
def test_what_is_no_number_above_nothing_is_refused(given: pytest.MonkeyPatch, value: str) -> None:
    given.setenv(NAME, value)
    with pytest.raises(env.EnvError, match=NAME):
        env.number(NAME, 4.0)


def test_choices(given: pytest.MonkeyPatch) -> None:
    given.setenv(NAME, "b")
    assert env.choice(NAME, "a", ("a", "b")) == "b"
    with pytest.raises(env.EnvError, match="a, c"):
        env.choice(NAME, "a", ("a", "c"))


@pytest.mark.parametrize(("value", "read"), [("", []), ("a", ["a"]), (" a, b ,,c,", ["a", "b", "c"])])
def test_words(given: pytest.MonkeyPatch, value: str, read: list[str]) -> None:
    given.setenv(NAME, value)
    assert env.words(NAME) == read


def test_folders_are_absolute(given: pytest.MonkeyPatch) -> None:
    assert env.folder(NAME, Path("x")) == Path.cwd() / "x"
    given.setenv(NAME, "~/pictures")
    assert env.folder(NAME, Path("x")) == Path.home() / "pictures"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgres://u:p@h:5433/n", {"USER": "u", "PASSWORD": "p", "HOST": "h", "PORT": "5433", "NAME": "n"}),
        ("postgresql://h/n", {"USER": "", "PASSWORD": "", "HOST": "h", "PORT": "", "NAME": "n"}),
        ("postgres://u:a%2Fb%40c@h/n", {"PASSWORD": "a/b@c"}),
        ("postgres://u@[::1]:5/n", {"HOST": "::1", "PORT": "5"}),
        ("postgres://h/n?sslmode=require", {"OPTIONS": {"sslmode": "require"}}),
    ],
)
def test_database_addresses(url: str, expected: dict[str, object]) -> None:
    read = env.database(url)
    assert expected.items() <= read.items()
    assert read["ENGINE"] == "django.db.backends.postgresql"


@pytest.mark.parametrize("url", ["", "sqlite:///x", "mysql://u@h/n", "postgres://h", "postgres://h/"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(env.EnvError, match="DATABASE_URL"):
        env.database(url)


def test_redis_addresses() -> None:
    assert env.redis("redis://h:1/") == "redis://h:1"
    assert env.redis("rediss://:p@h") == "rediss://:p@h"
    for wrong in ("memory://", "redis://h:1/0", "redis://h:1?db=3"):
        with pytest.raises(env.EnvError, match="REDIS_URL"):
            env.redis(wrong)


@pytest.mark.parametrize(
    ("url", "port", "ssl", "tls"),
    [
        ("smtp://u:p@h", 587, False, True),
        ("smtp://h:25", 25, False, True),
        ("smtps://u:p@h", 465, True, False),
        ("smtps://h:99", 99, True, False),
    ],
)
def test_mail_addresses(url: str, port: int, ssl: bool, tls: bool) -> None:
    read = env.mail(url)
    assert (read["EMAIL_HOST"], read["EMAIL_PORT"]) == ("h", port)
    assert (read["EMAIL_USE_SSL"], read["EMAIL_USE_TLS"]) == (ssl, tls)
    assert read["EMAIL_TIMEOUT"], "a mail server that is silent must not hold a worker for ever"


def test_mail_to_the_console_and_to_nowhere() -> None:
    assert "console" in env.mail("console:")["EMAIL_BACKEND"]
    for url in ("", "pigeon://h", "smtp:"):
        with pytest.raises(env.EnvError, match="MAIL_URL"):
            env.mail(url)
