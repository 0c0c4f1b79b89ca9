"""Every page: one heading, a title, nothing that the content policy forbids, and the house's own frame around it."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.template import loader
from django.test import Client
from django.urls import reverse

from people.models import User
from stylize.models import Job
from tests import make

ROOT = Path(settings.BASE_DIR)
MAILS = {"mail", "email"}  # folders of what no browser shows under our policy
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*.html") if path.parent.name not in MAILS)
FOR_ALL = [
    "/", "/?before=1", "/best/day/", "/best/week/?before=1.5-1", "/search/", "/search/?q=nothing",
    "/paint/", "/mine/", "/payments/", "/nowhere", "/accounts/login/", "/accounts/signup/",
    "/accounts/inactive/",
    "/accounts/password/reset/", "/accounts/password/reset/done/", "/accounts/password/reset/key/1-x/",
    "/accounts/password/reset/key/done/", "/accounts/confirm-email/", "/accounts/confirm-email/no-such-key/",
]  # fmt: skip
FOR_USERS = [
    "/mine/",
    "/following/",
    "/payments/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/logout/",
    "/me/",
    "/me/notices/",
    "/notices/",
    "/people/alice-paints/",
    "/people/alice-paints/styles/",
    "/people/alice-paints/followers/",
    "/people/alice-paints/following/",
    "/accounts/reauthenticate/",
    "/account/delete/",
    "/account/data/",
]


def assert_whole(page: str) -> None:
    assert len(re.findall(r"<h1\b", page)) == 1
    assert re.search(r"<title>\s*\S.*· Ostagram</title>", page, re.DOTALL)
    assert 'class="top"' in page and 'id="main"' in page


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_needs_what_the_content_policy_forbids(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\s(style|on[a-z]+)=[\"']|javascript:", text)
    assert not re.search(r"<(script|style)(?![^>]*(nonce|src=))", text)
    assert "https://" not in text and "http://" not in text


@pytest.mark.django_db
@pytest.mark.parametrize("path", FOR_ALL)
def test_every_page_for_all_stands_in_the_houses_frame(anonymous: Client, path: str) -> None:
    assert_whole(anonymous.get(path).content.decode())


@pytest.mark.parametrize("path", FOR_USERS)
def test_every_page_for_users_stands_in_the_houses_frame(as_alice: Client, path: str) -> None:
    assert_whole(as_alice.get(path).content.decode())


@pytest.mark.parametrize(
    ("ask_at", "title"), [("/accounts/password/reset/", "Choose a new password"), ("/accounts/email/", "Confirm your")]
)
def test_the_pages_behind_mailed_links_stand_in_the_houses_frame(
    as_alice: Client, alice: User, ask_at: str, title: str
) -> None:
    as_alice.post(ask_at, {"email": alice.email, "action_send": ""})
    link = re.search(r"http://testserver(\S+)", str(mail.outbox[-1].body))
    assert link
    page = as_alice.get(link[1], follow=True).content.decode()
    assert_whole(page)
    assert title in page


@pytest.mark.parametrize("status", Job.Status.values)
def test_a_jobs_page_stands_in_the_frame_whatever_its_status(as_alice: Client, alice: User, status: str) -> None:
    job = make.in_status(alice, status)
    page = as_alice.get(reverse("stylize:job", args=[job.key])).content.decode()
    assert_whole(page)
    assert ('http-equiv="refresh"' in page) is job.is_unfinished


def test_the_page_for_our_own_faults_needs_nothing_that_may_be_broken() -> None:
    assert "Something broke on our side" in loader.get_template("500.html").render()


def test_same_photo_again_and_use_this_style_choose_both_beforehand(as_alice: Client, alice: User) -> None:
    job = make.done_job(alice)
    style = job.styles.get()
    page = as_alice.get("/paint/", {"photo": job.photo.key, "style": style.key}).content.decode()
    assert reverse("stylize:upload_file", args=[job.photo.key, "card.webp"]) in page
    assert f'name="photo_kept" value="{job.photo.key}"' in page
    assert re.search(f'name="style_key" value="{style.key}" checked', page)


def test_a_strangers_photo_is_not_chosen(as_bob: Client, alice: User) -> None:
    photo = make.upload(alice)
    page = as_bob.get("/paint/", {"photo": photo.key}).content.decode()
    assert 'name="photo_kept" value=""' in page
    assert reverse("stylize:upload_file", args=[photo.key, "card.webp"]) not in page


@pytest.mark.django_db
def test_the_back_button_brings_no_old_form(anonymous: Client) -> None:
    assert "no-store" in anonymous.get("/paint/").headers["Cache-Control"]
