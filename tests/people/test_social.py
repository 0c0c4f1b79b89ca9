"""Signing in by VK ID, Google and Yandex, against a server that plays them (tests/provider.py)."""

import threading
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.conf import LazySettings
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from people import social, ways
from people.models import User
from stylize.models import Job
from tests import make
from tests.provider import Provider, come_back, set_out, walk

pytestmark = pytest.mark.django_db
EACH = pytest.mark.parametrize("way", [way.id for way in ways.WAYS])
CONNECTIONS = "/accounts/3rdparty/"


def who(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def confirmed(user: User, *, verified: bool = True) -> EmailAddress:
    return EmailAddress.objects.create(user=user, email=user.email or "", verified=verified, primary=True)


def connected(user: User, way: str = "google", uid: str = "1001") -> SocialAccount:
    return SocialAccount.objects.create(user=user, provider=way, uid=uid)


# Signing up and in ----------------------------------------------------------------------------------------------------


@EACH
def test_a_newcomer_gets_an_account_and_the_next_time_the_same(client: Client, provider: Provider, way: str) -> None:
    assert walk(client, way).status_code == 302
    carol = User.objects.get()
    assert who(client) == str(carol.pk)
    assert (
        carol.email == "carol@example.org" and carol.handle.startswith("painter-") and not carol.has_usable_password()
    )
    again = Client()
    walk(again, way)
    assert who(again) == str(carol.pk)
    assert not provider.refused


@EACH
def test_nothing_but_the_address_is_kept(client: Client, provider: Provider, way: str) -> None:
    for _time in range(2):
        walk(Client(), way)
        assert SocialAccount.objects.get().extra_data == {"email": "carol@example.org"}


def test_what_the_provider_confirmed_is_confirmed_and_what_not_gets_our_mail(provider: Provider) -> None:
    walk(Client(), "google")
    assert EmailAddress.objects.get().verified and not mail.outbox
    provider.person = {"id": "1002", "email": "dave@example.org", "is_confirmed": False}
    walk(Client(), "google")
    provider.person["email"] = "erin@example.org"
    walk(Client(), "vk")
    assert [sent.to for sent in mail.outbox] == [["dave@example.org"], ["erin@example.org"]]
    assert not EmailAddress.objects.filter(email__in=["dave@example.org", "erin@example.org"], verified=True).exists()


def test_without_an_address_we_ask_for_one(client: Client, provider: Provider) -> None:
    provider.person["email"] = ""
    answer = walk(client, "vk")
    assert answer.headers["Location"] == reverse("socialaccount_signup")
    assert "VK ID knows you" in client.get(answer.headers["Location"]).content.decode()
    assert client.post(answer.headers["Location"], {"email": "not one"}).status_code == 200
    assert not User.objects.exists()
    client.post(answer.headers["Location"], {"email": "frank@example.org"})
    assert who(client) == str(User.objects.get(email="frank@example.org").pk)
    assert mail.outbox[0].to == ["frank@example.org"]


def test_the_page_of_the_address_is_only_for_whoever_comes_from_there(client: Client, provider: Provider) -> None:
    assert client.get(reverse("socialaccount_signup")).headers["Location"] == reverse("account_login")


@EACH
def test_a_guests_pictures_come_along_and_next_is_kept(client: Client, provider: Provider, way: str) -> None:
    client.post("/paint/", make.form())
    guest = User.objects.get(is_guest=True)
    assert walk(client, way, next="/prices/").headers["Location"] == "/prices/"
    assert Job.objects.get().owner == User.objects.get(email="carol@example.org")
    assert not User.objects.filter(pk=guest.pk).exists()


def test_next_leads_nowhere_else(client: Client, provider: Provider) -> None:
    assert walk(client, "google", next="https://evil.example/").headers["Location"] == "/"


# Nobody gets into somebody else's account -----------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["google", "yandex"])
def test_an_address_confirmed_there_and_here_opens_the_account(
    client: Client, provider: Provider, alice: User, way: str
) -> None:
    confirmed(alice)
    provider.person["email"] = "Alice@example.org"
    walk(client, way)
    assert who(client) == str(alice.pk)
    assert SocialAccount.objects.get().user == alice
    alice.refresh_from_db()
    assert alice.check_password(make.PASSWORD)
    assert "new way into your account" in mail.outbox[-1].subject


@pytest.mark.parametrize(
    ("way", "there", "here"),
    [
        ("google", False, True),
        ("google", True, False),
        ("google", False, False),
        ("yandex", True, False),
        ("vk", True, True),
    ],
)
def test_an_address_confirmed_on_one_side_alone_opens_nothing(
    client: Client, provider: Provider, alice: User, way: str, there: bool, here: bool
) -> None:
    confirmed(alice, verified=here)
    provider.person |= {"email": alice.email, "is_confirmed": there}
    answer = walk(client, way)
    assert who(client) is None
    assert not SocialAccount.objects.exists()
    page = client.get(answer.headers["Location"]).content.decode()
    assert "has an account here already" in page
    tried = client.post(answer.headers["Location"], {"email": "alice@example.org"})
    assert "There is an account with this address already" in tried.content.decode()
    assert who(client) is None and User.objects.count() == 1


def test_control_their_own_rule_would_have_let_them_in(
    client: Client, provider: Provider, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """allauth takes what was confirmed there alone, and throws the password away."""
    monkeypatch.delattr(social.SocialAdapter, "authenticate_by_email")
    confirmed(alice, verified=False)
    provider.person["email"] = alice.email
    walk(client, "google")
    assert who(client) == str(alice.pk)


@EACH
def test_a_forged_or_used_state_lets_nobody_in(client: Client, provider: Provider, way: str) -> None:
    back = come_back(set_out(client, way))
    elsewhere = Client().get(back)
    assert elsewhere.status_code == 401 and "did not let you in" in elsewhere.content.decode()
    assert client.get(back.replace("state=", "state=x")).status_code == 401
    assert client.get(back).status_code == 302
    client.post("/accounts/logout/")
    assert client.get(back).status_code == 401
    assert who(client) is None


def test_control_what_the_provider_checks_it_does_check(client: Client, provider: Provider) -> None:
    """Without the verifier and the device no token is given: the ways above do bring them."""
    back = come_back(set_out(client, "vk"))
    assert client.get(f"{back.split('&device_id=')[0]}&device_id=another").status_code == 401
    back = come_back(set_out(client, "vk"))
    next(iter(provider.codes.values()))["code_challenge"] = "another"
    assert client.get(back).status_code == 401
    assert provider.refused == ["device_id", "code_verifier"]


@EACH
def test_a_no_there_is_taken_as_a_no(client: Client, provider: Provider, way: str) -> None:
    provider.mood = "denies"
    answer = walk(client, way)
    assert answer.headers["Location"] == reverse("socialaccount_login_cancelled")
    assert "You said no there" in client.get(answer.headers["Location"]).content.decode()
    assert not User.objects.exists()


@EACH
@pytest.mark.parametrize("mood", ["breaks", "babbles"])
def test_a_provider_in_trouble_is_told_in_words(client: Client, provider: Provider, way: str, mood: str) -> None:
    back = come_back(set_out(client, way))
    provider.mood = mood
    answer = client.get(back)
    assert answer.status_code == 401 and "does not answer us as it should" in answer.content.decode()
    assert not User.objects.exists()


@EACH
def test_a_provider_that_is_away_is_told_in_words(client: Client, provider: Provider, way: str) -> None:
    back = come_back(set_out(client, way))
    provider.close()
    assert "does not answer us as it should" in client.get(back).content.decode()


# Open and closed ------------------------------------------------------------------------------------------------------


@EACH
def test_a_get_begins_nothing(client: Client, provider: Provider, way: str) -> None:
    assert client.get(f"/accounts/{way}/login/").status_code == 405
    assert client.post(f"/accounts/{way}/login/callback/").status_code == 405


def test_with_the_keys_the_pages_offer_the_ways(client: Client, provider: Provider) -> None:
    for name in ("account_login", "account_signup"):
        page = client.get(reverse(name), {"next": "/prices/"}).content.decode()
        for way in ways.WAYS:
            assert f"Go on with {way.name}" in page
            assert f'action="/accounts/{way.id}/login/"' in page
        assert page.count('name="next" value="/prices/"') == 4


def test_without_keys_nothing_is_shown_and_the_addresses_are_not_there(client: Client, as_alice: Client) -> None:
    for name in ("account_login", "account_signup"):
        assert "Go on with" not in Client().get(reverse(name)).content.decode()
    assert "Other ways" not in as_alice.get(reverse("account_email")).content.decode()
    for way in ways.WAYS:
        assert client.post(f"/accounts/{way.id}/login/").status_code == 404
        assert client.get(f"/accounts/{way.id}/login/callback/?code=1&state=2").status_code == 404
    for page in ("", "signup/", "login/cancelled/"):
        assert as_alice.get(f"{CONNECTIONS}{page}").status_code == 404


def test_one_open_way_does_not_open_the_others(client: Client, provider: Provider, settings: LazySettings) -> None:
    settings.SOCIALACCOUNT_PROVIDERS = ways.providers({"yandex": ("a", "b"), "vk": ("half", "")})
    assert client.post("/accounts/yandex/login/").status_code == 302
    assert client.post("/accounts/vk/login/").status_code == client.post("/accounts/google/login/").status_code == 404


def test_forms_may_lead_to_the_open_ways_alone() -> None:
    assert ways.origins({}) == []
    assert ways.origins({"google": {}}) == ["https://accounts.google.com"]


# Connecting and disconnecting -----------------------------------------------------------------------------------------


@EACH
def test_connecting_and_disconnecting(as_alice: Client, alice: User, provider: Provider, way: str) -> None:
    name = ways.name_of(way)
    assert f"Connect {name}" in as_alice.get(CONNECTIONS).content.decode()
    assert walk(as_alice, way, process="connect").headers["Location"] == CONNECTIONS
    page = as_alice.get(CONNECTIONS).content.decode()
    assert f"{name} opens your account now" in page and f"Disconnect {name}" in page and f"Connect {name}" not in page
    account = SocialAccount.objects.get(user=alice)
    page = as_alice.post(CONNECTIONS, {"account": account.pk}, follow=True).content.decode()
    assert f"{name} no longer opens your account" in page
    assert not SocialAccount.objects.exists()


def test_what_is_somebody_elses_is_neither_connected_nor_disconnected(
    as_alice: Client, bob: User, provider: Provider
) -> None:
    account = connected(bob)
    walk(as_alice, "google", process="connect")
    assert "belongs to another account" in as_alice.get(CONNECTIONS).content.decode()
    answer = as_alice.post(CONNECTIONS, {"account": account.pk})
    assert answer.status_code == 200 and 'role="alert"' in answer.content.decode()
    assert SocialAccount.objects.get().user == bob


def test_strangers_connect_nothing(anonymous: Client, provider: Provider) -> None:
    assert anonymous.get(CONNECTIONS).headers["Location"].startswith(reverse("account_login"))
    walk(anonymous, "google", process="connect")
    assert who(anonymous) is None and not SocialAccount.objects.exists()


@pytest.mark.parametrize("stays", ["password", "address", "another", "nothing", "closed", "unconfirmed"])
def test_the_last_way_in_stays(
    as_alice: Client, alice: User, provider: Provider, settings: LazySettings, stays: str
) -> None:
    if stays != "password":
        User.objects.filter(pk=alice.pk).update(password="!")
        as_alice.force_login(User.objects.get(pk=alice.pk))
    if stays in ("address", "unconfirmed"):
        confirmed(alice, verified=stays == "address")
    if stays in ("another", "closed"):
        connected(alice, "vk")
    if stays == "closed":
        settings.SOCIALACCOUNT_PROVIDERS = ways.providers({"google": ("a", "b")})
    account = connected(alice)
    page = as_alice.post(CONNECTIONS, {"account": account.pk}, follow=True).content.decode()
    is_left = stays in ("nothing", "closed", "unconfirmed")
    assert SocialAccount.objects.filter(pk=account.pk).exists() is is_left
    assert ("the only way into your account" in page) is is_left


def test_a_connection_of_a_way_that_was_closed_can_still_go(as_alice: Client, alice: User) -> None:
    account = connected(alice, "vk")
    assert "Disconnect VK ID" in as_alice.get(CONNECTIONS).content.decode()
    assert as_alice.post(CONNECTIONS, {"account": account.pk}).status_code == 302
    assert as_alice.get(CONNECTIONS).status_code == 404


def both_at_once(accounts: list[SocialAccount], part: Any) -> None:
    gate = threading.Barrier(len(accounts))

    def go(account: SocialAccount) -> None:
        try:
            gate.wait(10)
            part(account)
        except social.LastWay:
            pass
        finally:
            connection.close()

    going = [threading.Thread(target=go, args=(account,)) for account in accounts]
    for one in going:
        one.start()
    for one in going:
        one.join(30)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_guarded", [True, False])
def test_of_two_that_go_at_once_one_stays_and_without_the_lock_none_does(provider: Provider, is_guarded: bool) -> None:
    """The control looks, waits for the other to look, and then deletes."""
    owner = User.objects.create(email="gina@example.org", password="!")
    accounts = [connected(owner, "google"), connected(owner, "vk")]
    looked = threading.Barrier(2)

    @transaction.atomic
    def without_a_lock(account: SocialAccount) -> None:
        if not social._has_another_way(owner, account):
            raise social.LastWay
        looked.wait(10)
        account.delete()

    both_at_once(accounts, social.disconnect if is_guarded else without_a_lock)
    assert SocialAccount.objects.count() == (1 if is_guarded else 0)
