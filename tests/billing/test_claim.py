"""The claim link of a guest's receipt: it brings pictures and payments back, and nothing of anybody is lost."""

import re
from threading import Barrier, Thread

import pytest
from django.core import mail
from django.core.signing import Signer
from django.db import connection
from django.test import Client
from django.urls import reverse

from billing import notices
from people import claims, guests, mailing
from people.models import User
from stylize.models import Job
from tests import make
from tests.billing import buying
from tests.till import Till

pytestmark = pytest.mark.django_db


def link(guest: User) -> str:
    return reverse("claim", args=[claims.token_of(guest)])


def bind(client: Client, guest: User) -> Client:
    session = client.session
    session[guests.SESSION_KEY] = guest.pk
    session.save()
    return client


def owners(*jobs: Job) -> set[User]:
    return {Job.objects.get(pk=job.pk).owner for job in jobs}


@pytest.fixture
def guest(db: None) -> User:
    return make.guest()


@pytest.fixture
def painted(guest: User) -> Job:
    return make.job(guest)


def test_the_mailed_link_brings_a_paid_picture_to_a_browser_without_cookies(till: Till, guest: User) -> None:
    payment = buying.paid(till, guest)
    notices.send_due()
    found = re.search(r"http://[^/\s]+(/claim/\S+)", str(mail.outbox[-1].body))
    assert found
    browser = Client()
    picture, receipt = f"/jobs/{payment.job_key}/", reverse("billing:receipt", args=[payment.key])
    assert "Bring them here" in browser.get(found[1]).content.decode()
    answer = browser.post(found[1], follow=True)
    assert answer.redirect_chain == [("/mine/", 302)]
    assert "Your pictures are here." in answer.content.decode()
    assert [browser.get(where).status_code for where in (picture, receipt)] == [200, 200]


def test_looking_changes_nothing(anonymous: Client, guest: User, painted: Job) -> None:
    for look in (anonymous.get, anonymous.head):
        assert look(link(guest)).status_code == 200
    assert anonymous.get(f"/jobs/{painted.key}/").status_code == 404
    assert guests.SESSION_KEY not in anonymous.session


def test_the_button_needs_the_sites_own_form(guest: User, painted: Job) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(link(guest)).status_code == 403


def test_the_first_browser_keeps_them_too(anonymous: Client, guest: User, painted: Job) -> None:
    first = bind(Client(), guest)
    anonymous.post(link(guest))
    assert first.get(f"/jobs/{painted.key}/").status_code == 200
    assert "in this browser already" in first.get(link(guest)).content.decode()


def test_signed_in_they_become_the_accounts(as_alice: Client, alice: User, guest: User, till: Till) -> None:
    payment = buying.paid(till, guest)
    assert "Add them to my account" in as_alice.get(link(guest)).content.decode()
    as_alice.post(link(guest))
    payment.refresh_from_db()
    assert owners(buying.job_of(payment)) == {alice} == {payment.owner}
    assert not User.objects.filter(pk=guest.pk).exists()


def test_another_guest_of_this_browser_loses_nothing(anonymous: Client, guest: User, painted: Job) -> None:
    other = make.guest("elsewhere")
    own = make.job(other)
    bind(anonymous, other)
    assert "What was painted in this browser before is kept" in anonymous.get(link(guest)).content.decode()
    anonymous.post(link(guest))
    assert owners(own, painted) == {guest}
    assert [anonymous.get(f"/jobs/{job.key}/").status_code for job in (own, painted)] == [200, 200]
    assert not User.objects.filter(pk=other.pk).exists()


def test_a_guest_who_has_an_account_by_now_is_sent_to_sign_in(anonymous: Client, alice: User, painted: Job) -> None:
    where = link(painted.owner)
    browser = bind(Client(), painted.owner)
    browser.post(reverse("account_login"), {"login": alice.email, "password": make.PASSWORD})
    assert owners(painted) == {alice}
    for answer in (anonymous.get(where), anonymous.post(where)):
        page = answer.content.decode()
        assert "They belong to an account by now" in page and "/accounts/login/?next=/mine/" in page
    assert anonymous.get(f"/jobs/{painted.key}/").status_code == 404


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("token", ["1", "1:forged", "x", "another salt"])
def test_forged_404(anonymous: Client, guest: User, token: str, method: str) -> None:
    forged = mailing.token_of(guest) if token == "another salt" else token
    assert getattr(anonymous, method)(reverse("claim", args=[forged])).status_code == 404
    assert guests.SESSION_KEY not in anonymous.session


def test_no_link_opens_an_account(anonymous: Client, alice: User) -> None:
    assert "They belong to an account by now" in anonymous.post(link(alice)).content.decode()
    signed_badly = Signer(salt=claims.SALT).sign(f"{alice.pk}")
    assert anonymous.post(reverse("claim", args=[signed_badly])).status_code == 200
    assert guests.SESSION_KEY not in anonymous.session


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_wrong_method_405(anonymous: Client, guest: User, method: str) -> None:
    assert getattr(anonymous, method)(link(guest)).status_code == 405


def test_search_engines_and_caches_keep_nothing(anonymous: Client, guest: User) -> None:
    answer = anonymous.get(link(guest))
    assert "noindex" in answer.content.decode() and "no-store" in answer.headers["Cache-Control"]


@pytest.mark.django_db(transaction=True)
def test_two_guests_who_are_claimed_by_each_other_at_once_keep_everything() -> None:
    one, other = make.guest("one"), make.guest("other")
    jobs = make.job(one), make.job(other)
    browsers = bind(Client(), one), bind(Client(), other)
    links, both = (link(other), link(one)), Barrier(2)

    def claim(number: int) -> None:
        try:
            both.wait(10)
            browsers[number].post(links[number])
        finally:
            connection.close()

    threads = [Thread(target=claim, args=[number]) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (left,) = User.objects.filter(is_guest=True)
    assert owners(*jobs) == {left}
