"""Every mail that is sent: designed, with a plain twin, and with the link that it is about."""

import re
from email.message import EmailMessage

import pytest
from allauth.account.models import EmailAddress
from django.conf import LazySettings, settings
from django.core import mail
from django.test import Client

from people import erasure
from people.models import User
from stylize import parcels
from tests import make

pytestmark = pytest.mark.django_db

LINK = re.compile(r"http://testserver/\S+")


def last() -> tuple[mail.EmailMultiAlternatives, str, str]:
    """The newest mail, its words and its page."""
    sent = mail.outbox[-1]
    assert isinstance(sent, mail.EmailMultiAlternatives)
    ((page, kind),) = sent.alternatives
    assert kind == "text/html"
    return sent, str(sent.body), str(page)


def assert_twins(subject: str, *said: str) -> tuple[str, str]:
    sent, words, page = last()
    assert subject in sent.subject and "Ostagram" in sent.subject
    assert "\n" not in sent.subject and "&" not in sent.subject
    assert not re.search(r"<\w|</|&\w+;|\{", words), words
    assert "<table" in page and "color-scheme" in page
    assert not re.search(r"<(img|script|link)\b|\{[%{]", page)
    for part in said:
        assert part in words and part in page
    kinds = [part.get_content_type() for part in as_message(sent).walk()]
    assert kinds == ["multipart/alternative", "text/plain", "text/html"]
    return words, page


def as_message(sent: mail.EmailMultiAlternatives) -> EmailMessage:
    return sent.message()


def the_link(words: str, page: str) -> str:
    (link,) = {found[0] for found in LINK.finditer(words)}
    assert f'href="{link}"' in page
    return link


def address(user: User, *, name: str = "", primary: bool = True) -> EmailAddress:
    return EmailAddress.objects.create(user=user, email=name or user.email or "", verified=True, primary=primary)


def test_welcome(client: Client) -> None:
    client.post(
        "/accounts/signup/", {"email": "new@example.org", "password1": make.PASSWORD, "password2": make.PASSWORD}
    )
    link = the_link(*assert_twins("Welcome"))
    client.post(link)
    assert EmailAddress.objects.get(email="new@example.org").verified


def test_a_further_address_is_to_be_confirmed(as_alice: Client, alice: User) -> None:
    address(alice)
    as_alice.post("/accounts/email/", {"action_add": "", "email": "second@example.org"})
    assert "confirm-email" in the_link(*assert_twins("Confirm your e-mail address"))


def test_a_forgotten_password_and_its_new_one(client: Client, alice: User) -> None:
    address(alice)
    client.post("/accounts/password/reset/", {"email": alice.email})
    link = the_link(*assert_twins("A new password"))
    form = client.get(link, follow=True)
    secret = "another long password"
    client.post(form.redirect_chain[-1][0], {"password1": secret, "password2": secret})
    alice.refresh_from_db()
    assert alice.check_password(secret)
    assert_twins("Your new password", "127.0.0.1")


def test_a_password_asked_for_by_a_stranger(client: Client) -> None:
    client.post("/accounts/password/reset/", {"email": "nobody@example.org"})
    assert the_link(*assert_twins("No account")).endswith("/accounts/signup/")


def test_a_sign_up_with_an_address_that_is_taken(client: Client, alice: User, settings: LazySettings) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"  # only then the page itself does not say that it is taken
    address(alice)
    client.post("/accounts/signup/", {"email": alice.email, "password1": make.PASSWORD, "password2": make.PASSWORD})
    assert the_link(*assert_twins("You have an account")).endswith("/accounts/password/reset/")


def test_a_changed_password_is_told(as_alice: Client, alice: User) -> None:
    address(alice)
    secret = "another long password"
    sent = {"oldpassword": make.PASSWORD, "password1": secret, "password2": secret}
    as_alice.post("/accounts/password/change/", sent, headers={"User-Agent": "Brush <b>2</b>"})
    _words, page = assert_twins_of_odd_browser()
    assert "Brush &lt;b&gt;2&lt;/b&gt;" in page


def assert_twins_of_odd_browser() -> tuple[str, str]:
    """The browser names itself in a way that would be markup, if it were let."""
    sent, words, page = last()
    assert "Your password at Ostagram was changed" in sent.subject
    assert "Brush <b>2</b>" in words
    assert "<b>" not in page
    return words, page


def test_a_changed_address_is_told_to_the_old_one(as_alice: Client, alice: User) -> None:
    address(alice)
    address(alice, name="second@example.org", primary=False)
    as_alice.post("/accounts/email/", {"action_primary": "", "email": "second@example.org"})
    assert_twins("was changed", "second@example.org")
    assert mail.outbox[-1].to == ["alice@example.org"]


def test_a_deleted_account_is_told(alice: User) -> None:
    erasure.begin(alice)
    erasure.finish_due()
    words, _page = assert_twins("Your account is deleted", "what the law asks us to keep")
    assert not LINK.search(words)


def test_collected_data_is_told(alice: User) -> None:
    parcels.ask(alice)
    parcels.collect_due()
    words, page = assert_twins("Your data is ready", "within 7 days", "/account/data/")
    assert settings.SITE_URL in words and settings.SITE_URL in page


def test_a_removed_address_is_told(as_alice: Client, alice: User) -> None:
    address(alice)
    address(alice, name="second@example.org", primary=False)
    as_alice.post("/accounts/email/", {"action_remove": "", "email": "second@example.org"})
    assert_twins("was removed", "second@example.org", settings.CONTACT_EMAIL)
