"""Signing in by a code sent by mail: no password, no word on who has an account, and `next` is kept."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people.models import User
from stylize.models import Job
from tests import make
from tests.people.test_mails import assert_twins

pytestmark = pytest.mark.django_db
ASK, CONFIRM = "/accounts/login/code/", "/accounts/login/code/confirm/"
CODE = re.compile(r"^[A-Z]{4}-[A-Z]{4}$", re.MULTILINE)


def ask(client: Client, email: str | None, **form: str) -> str:
    """Ask for a code; the one that was sent, or nothing."""
    answer = client.post(ASK, {"email": email} | form)
    assert answer.status_code == 302, answer.content.decode()
    assert answer.headers["Location"].split("?")[0] == CONFIRM
    found = CODE.search(str(mail.outbox[-1].body))
    return found[0] if found else ""


def who(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def test_the_page_to_sign_in_leads_here_and_back_with_next(client: Client) -> None:
    assert f'href="{ASK}?next=%2Fprices%2F"' in client.get("/accounts/login/?next=/prices/").content.decode()
    page = client.get(f"{ASK}?next=/prices/").content.decode()
    assert 'href="/accounts/login/?next=%2Fprices%2F"' in page
    assert 'name="next" value="/prices/"' in page


def test_a_code_signs_in_and_confirms_the_address(client: Client, alice: User) -> None:
    EmailAddress.objects.create(user=alice, email=alice.email or "", primary=True)
    code = ask(client, "Alice@Example.org", next="/prices/")
    assert 'name="next" value="/prices/"' in client.get(f"{CONFIRM}?next=/prices/").content.decode()
    answer = client.post(CONFIRM, {"code": code.lower().replace("-", " "), "next": "/prices/"})
    assert answer.headers["Location"] == "/prices/"
    assert who(client) == str(alice.pk)
    assert EmailAddress.objects.get().verified


@pytest.mark.parametrize("verified", [True, False])
def test_a_password_from_before_the_address_was_confirmed_ends_and_who_came_by_it_is_out(
    verified: bool, anonymous: Client, alice: User, as_alice: Client
) -> None:
    """Somebody else may have signed up with this address, and be waiting for its owner."""
    EmailAddress.objects.create(user=alice, email=alice.email or "", primary=True, verified=verified)
    anonymous.post(CONFIRM, {"code": ask(anonymous, alice.email)})
    assert who(anonymous) == str(alice.pk)
    alice.refresh_from_db()
    assert alice.check_password(make.PASSWORD) is verified
    assert (as_alice.get("/accounts/email/").status_code == 200) is verified
    page = anonymous.get("/accounts/email/").content.decode()
    assert ("from before works no more" in page) is not verified


def test_an_account_without_a_password_gets_in(client: Client, alice: User) -> None:
    alice.set_unusable_password()
    alice.save()
    client.post(CONFIRM, {"code": ask(client, alice.email)})
    assert who(client) == str(alice.pk)


def test_a_guests_pictures_come_along(client: Client, alice: User) -> None:
    client.post("/paint/", make.form())
    client.post(CONFIRM, {"code": ask(client, alice.email)})
    assert Job.objects.get().owner == alice
    assert not User.objects.filter(is_guest=True).exists()


def test_the_mail_is_designed_in_both_languages(client: Client, alice: User) -> None:
    code = ask(client, alice.email)
    assert_twins("Your code for Ostagram", code, "quarter of an hour")
    assert code not in mail.outbox[-1].subject  # which lies open on a locked telephone


def test_nobody_learns_who_has_an_account(alice: User) -> None:
    pages = []
    for email in ("alice@example.org", "nobody@example.org"):
        client = Client()
        ask(client, email)
        page = client.get(CONFIRM).content.decode()
        wrong = client.post(CONFIRM, {"code": "XXXX-XXXX"}).content.decode()
        pages.append([re.sub(r'value="\w{64}"|nonce="[^"]+"', "", text.replace(email, "?")) for text in (page, wrong)])
    assert pages[0] == pages[1]
    assert [sent.to[0] for sent in mail.outbox] == ["alice@example.org", "nobody@example.org"]
    assert not CODE.search(str(mail.outbox[1].body)) and "no account has it" in str(mail.outbox[1].body)


def test_a_wrong_code_may_be_typed_again_but_not_forever(client: Client, alice: User) -> None:
    code = ask(client, alice.email, next="/prices/")
    for _time in range(4):
        assert "not the code" in client.post(CONFIRM, {"code": "XXXX-XXXX"}).content.decode()
    answer = client.post(CONFIRM, {"code": "XXXX-XXXX", "next": "/prices/"})
    assert answer.headers["Location"] == f"{ASK}?next=%2Fprices%2F"
    assert "works no more" in client.get(ASK).content.decode()
    client.post(CONFIRM, {"code": code})
    assert who(client) is None


def test_a_code_is_good_for_a_quarter_of_an_hour_once_and_in_its_own_browser(
    client: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = ask(client, alice.email)
    other = Client()
    ask(other, "nobody@example.org")
    other.post(CONFIRM, {"code": code})
    assert who(other) is None
    late = (timezone.now() + timedelta(minutes=16)).timestamp()
    with monkeypatch.context() as later:
        later.setattr("time.time", lambda: late)
        assert client.post(CONFIRM, {"code": code}).headers["Location"] == ASK
    assert who(client) is None


def test_a_new_code_can_be_had_and_the_old_one_is_dead(client: Client, alice: User) -> None:
    first = ask(client, alice.email)
    assert client.post(CONFIRM, {"action": "resend"}).headers["Location"] == CONFIRM
    found = CODE.search(str(mail.outbox[-1].body))
    assert found and found[0] != first
    client.post(CONFIRM, {"code": first})
    assert who(client) is None
    client.post(CONFIRM, {"code": found[0]})
    assert who(client) == str(alice.pk)


def test_another_way_can_be_chosen_while_a_code_is_awaited(client: Client, alice: User) -> None:
    ask(client, alice.email)
    assert client.get("/accounts/login/").headers["Location"] == CONFIRM
    assert client.post("/accounts/logout/", {"next": "/accounts/login/"}).headers["Location"] == "/accounts/login/"
    assert client.get("/accounts/login/").status_code == 200


def test_no_box_is_flooded(alice: User) -> None:
    """Three a minute for one address, from wherever; the address of a stranger stays free."""
    for _time in range(3):
        ask(Client(), alice.email)
    refused = Client(REMOTE_ADDR="10.1.1.1").post(ASK, {"email": alice.email})
    assert refused.status_code == 200 and "tried too often" in refused.content.decode()
    assert len(mail.outbox) == 3
    ask(Client(), "nobody@example.org")


def test_whoever_is_no_longer_active_gets_no_code(client: Client, alice: User) -> None:
    User.objects.update(is_active=False)
    assert ask(client, alice.email) == ""


@pytest.mark.parametrize("email", ["", "not an address", "a\x00b@example.org"])
def test_what_is_no_address_comes_back(client: Client, email: str) -> None:
    answer = client.post(ASK, {"email": email})
    assert answer.status_code == 200 and 'class="errorlist"' in answer.content.decode()
    assert not mail.outbox


def test_without_having_asked_there_is_nothing_to_confirm(client: Client) -> None:
    assert client.get(CONFIRM).headers["Location"] == ASK
    assert client.post(CONFIRM, {"code": "XXXX-XXXX"}).headers["Location"] == ASK
    assert client.put(CONFIRM).status_code == 405


def test_whoever_is_signed_in_needs_no_code(as_alice: Client) -> None:
    for address in (ASK, CONFIRM):
        assert as_alice.get(address).headers["Location"] == reverse("feed:index")
