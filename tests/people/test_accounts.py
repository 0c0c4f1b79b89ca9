import pytest
from django.conf import LazySettings
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from people import accounts
from people.models import User
from tests import make


def test_signing_up_needs_an_email_and_gives_a_public_handle(client: Client, db: None) -> None:
    form = {"email": "Carol@Example.org", "password1": "wide-brush-42", "password2": "wide-brush-42"}
    assert client.post(reverse("account_signup"), form).status_code == 302
    carol = User.objects.get()
    assert carol.email == "carol@example.org"
    assert carol.handle.startswith("painter-")
    assert "carol" not in carol.handle
    assert mail.outbox[0].to == ["carol@example.org"]


def test_an_email_is_unique_whatever_its_case(alice: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="ALICE@example.org")


def test_a_guest_has_no_email_and_everybody_else_has(db: None) -> None:
    for broken in ({"email": None}, {"email": "x@example.org", "is_guest": True}):
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.create(**broken)


def test_the_first_staff_account_is_made_once(db: None) -> None:
    made = accounts.make_staff()
    assert made is not None
    assert accounts.make_staff() is None


def test_a_one_time_password_lets_in_only_to_choose_another(client: Client, db: None) -> None:
    made = accounts.make_staff()
    assert made
    email, password = made
    client.post(reverse("account_login"), {"login": email, "password": password})
    for address in (reverse("admin:index"), reverse("feed:index"), reverse("stylize:create")):
        assert client.get(address).url == reverse("account_change_password")  # type: ignore[attr-defined]
    same = {"oldpassword": password, "password1": password, "password2": password}
    assert "one-time password" in client.post(reverse("account_change_password"), same).content.decode()
    own = {"oldpassword": password, "password1": "my-own-brush-9", "password2": "my-own-brush-9"}
    assert client.post(reverse("account_change_password"), own).headers["Location"] == reverse("admin:index")
    assert client.get(reverse("admin:index")).status_code == 200
    assert User.objects.get(email=email).check_password("my-own-brush-9")


def test_strangers_do_not_get_into_the_admin(client: Client, anonymous: Client, alice: User) -> None:
    client.force_login(alice)
    for somebody in (client, anonymous):
        assert somebody.get(reverse("admin:index")).status_code in (302, 403)


@pytest.mark.parametrize(
    "name", ["account_login", "account_signup", "account_reset_password", "account_reset_password_done"]
)
def test_account_pages_open(client: Client, db: None, name: str) -> None:
    assert client.get(reverse(name)).status_code == 200


def test_signing_out_goes_home(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert client.post(reverse("account_logout")).headers["Location"] == "/"


def test_signing_in_works_without_the_cache(client: Client, alice: User, settings: LazySettings) -> None:
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/1"}}
    answer = client.post(reverse("account_login"), {"login": alice.email, "password": make.PASSWORD})
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(alice.pk)
