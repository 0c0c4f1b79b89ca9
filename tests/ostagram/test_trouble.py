"""The pages of trouble, each by a request that really meets it; and the page for a lost connection."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from unittest.mock import patch

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import PermissionDenied
from django.core.handlers.wsgi import WSGIRequest
from django.db import ProgrammingError, connection
from django.test import Client, RequestFactory
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from ostagram import errors, offline
from people.models import User
from tests import make

pytestmark = pytest.mark.django_db


def titles(answer: object) -> list[str]:
    return re.findall(r"<h1[^>]*>(.*?)</h1>", answer.content.decode())  # type: ignore[attr-defined]


def assert_drawn(answer: object, status: int, title: str) -> None:
    assert answer.status_code == status  # type: ignore[attr-defined]
    assert titles(answer) == [title]
    page = answer.content.decode()  # type: ignore[attr-defined]
    assert '<svg class="art"' in page
    assert 'name="robots" content="noindex"' in page
    assert "og:url" not in page and "canonical" not in page


@pytest.mark.parametrize("https", [False, True], ids=["as at home", "as in production"])
def test_a_host_that_is_not_ours(client: Client, settings: LazySettings, https: bool) -> None:
    settings.SECURE_SSL_REDIRECT = https  # which asks for the host before anything else has run
    assert_drawn(client.get("/", headers={"Host": "elsewhere.example"}), 400, "That did not arrive whole")


def test_a_form_that_is_old() -> None:
    answer = Client(enforce_csrf_checks=True).post("/paint/", {})
    assert_drawn(answer, 403, "The form has grown old")


def ways_on(answer: object) -> list[tuple[str, str]]:
    """The buttons of the page, as (where, words)."""
    page = answer.content.decode().split('class="trouble"', 1)[1]  # type: ignore[attr-defined]
    return re.findall(r'<a class="button[^"]*" href="([^"]*)">([^<]*)</a>', page)


FORMS = {"/accounts/login/": "/accounts/login/?next=/mine/", "/accounts/logout/": "/mine/", "/paint/": "/paint/"}


@pytest.mark.parametrize(("sent_to", "sent_from"), FORMS.items())
def test_an_old_form_is_opened_afresh_where_it_was(sent_to: str, sent_from: str) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post(sent_to, {}, headers={"Referer": f"http://testserver{sent_from}"})
    assert answer.status_code == 403
    assert ways_on(answer)[0] == (f"http://testserver{sent_from}", "Open it afresh")
    assert "Open the page afresh" in answer.content.decode()


def test_the_fresh_form_goes_through(alice: User) -> None:
    """Signed in in one window, the other window still has the form of before."""
    client = Client(enforce_csrf_checks=True)
    old = str(client.get("/paint/").context["csrf_token"])
    sent = {"login": alice.email, "password": make.PASSWORD, "csrfmiddlewaretoken": old}
    assert client.post("/accounts/login/", sent).status_code == 302
    sent = make.form(csrfmiddlewaretoken=old)
    refused = client.post("/paint/", sent, headers={"Referer": "http://testserver/paint/"})
    assert refused.status_code == 403
    fresh = client.get(ways_on(refused)[0][0])
    answer = client.post("/paint/", make.form(csrfmiddlewaretoken=str(fresh.context["csrf_token"])))
    assert answer.status_code == 302


@pytest.mark.parametrize("sent_from", ["", "https://elsewhere.example/paint/", "javascript:alert(1)"])
def test_an_old_form_from_elsewhere_leads_nowhere_but_home(sent_from: str) -> None:
    answer = Client(enforce_csrf_checks=True).post("/paint/", {}, headers={"Referer": sent_from})
    assert answer.status_code == 403
    assert [where for where, _words in ways_on(answer)] == ["/", "/paint/"]


def forbidden_for(user: User | None, request: WSGIRequest) -> list[tuple[str, str]]:
    request.user = user or AnonymousUser()
    request._messages = FallbackStorage(request)  # type: ignore[attr-defined]
    return ways_on(errors.forbidden(request, PermissionDenied()))


def test_who_is_not_signed_in_is_offered_to_and_comes_back(rf: RequestFactory, alice: User) -> None:
    first, *_others = forbidden_for(None, make_session(rf.get("/admin/?q=a&p=2")))
    assert first == ("/accounts/login/?next=/admin/%3Fq%3Da%26p%3D2", "Sign in")
    first, *_others = forbidden_for(None, make_session(rf.post("/admin/")))
    assert first == ("/accounts/login/", "Sign in")  # a form cannot be sent again by a link
    first, *_others = forbidden_for(alice, make_session(rf.get("/admin/")))
    assert first == ("/", "To the gallery")


def make_session(request: WSGIRequest) -> WSGIRequest:
    request.session = SessionStore()
    return request


def test_a_page_for_other_staff(client: Client) -> None:
    client.force_login(make.user("clerk", is_staff=True))
    assert_drawn(client.get("/admin/people/user/"), 403, "Not for you")


def test_an_address_of_nothing(client: Client) -> None:
    assert_drawn(client.get("/p/nothing-here/"), 404, "There is no such picture here")


def test_a_body_that_is_too_large(client: Client, settings: LazySettings) -> None:
    settings.MAX_BODY_BYTES = 10
    assert_drawn(client.post("/paint/", {"photo": "more than ten bytes"}), 413, "Too large to carry")


def test_too_many_tries(client: Client) -> None:
    answers = [client.post("/accounts/password/reset/", {"email": "alice@example.org"}) for _ in range(6)]
    assert answers[0].status_code == 302
    assert_drawn(answers[-1], 429, "Let the brushes rest a moment")


def test_a_fault_of_ours() -> None:
    client = Client(raise_request_exception=False)
    with patch("feed.views.Post.objects.for_public_feed", side_effect=RuntimeError("broken")):
        answer = client.get("/")
    assert_drawn(answer, 500, "Something broke on our side")


@pytest.fixture
def dead_database(transactional_db: None) -> Iterator[None]:
    """Nobody listens where Postgres was; whatever asks really gets no connection."""
    connection.close()
    with patch.dict(connection.settings_dict, {"PORT": "1"}):
        yield
        connection.close()


def at_home(alice: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(alice)
    return client


@pytest.mark.parametrize(
    ("method", "address"),
    [("get", "/"), ("get", "/mine/"), ("get", "/admin/"), ("get", "/p/some-picture/"), ("post", "/paint/")],
)
def test_while_the_database_is_away_it_says_so_and_when_to_come_back(
    transactional_db: None, request: pytest.FixtureRequest, method: str, address: str
) -> None:
    client = at_home(make.user("alice"))
    request.getfixturevalue("dead_database")
    answer = getattr(client, method)(address, make.form() if method == "post" else None)
    assert_drawn(answer, 503, "Back in a moment")
    assert int(answer["Retry-After"]) > 0
    assert answer["Cache-Control"] == "no-store"
    assert [where for where, _words in ways_on(answer)] == (["", "/"] if method == "get" else ["/"])
    assert "sessionid" not in answer.cookies  # nobody is signed out by it


def test_it_says_so_in_the_visitors_language(transactional_db: None, request: pytest.FixtureRequest) -> None:
    client = at_home(make.user("alice"))
    request.getfixturevalue("dead_database")
    with translation.override("en"):
        page = client.get("/mine/", headers={"Accept-Language": "ru"}).content.decode()
    assert '<html lang="ru">' in page


def test_control_a_fault_of_ours_is_no_database_that_is_away() -> None:
    """And a query that is wrong is a fault of ours."""
    client = Client(raise_request_exception=False)
    for fault in (RuntimeError("broken"), ProgrammingError("no such column")):
        with patch("feed.views.Post.objects.for_public_feed", side_effect=fault):
            answer = client.get("/")
        assert answer.status_code == 500
        assert "Retry-After" not in answer


def test_the_page_for_our_faults_needs_no_session_no_database_and_no_context(
    rf: RequestFactory, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    bare = rf.get("/")
    assert not hasattr(bare, "session") and not hasattr(bare, "user")
    with django_assert_num_queries(0), patch("django.template.context.RequestContext", side_effect=AssertionError):
        assert_drawn(errors.server_error(bare), 500, "Something broke on our side")


def test_where_nothing_hangs_the_walls_are_drawn(as_alice: Client) -> None:
    for address in ("/", "/mine/"):
        assert '<svg class="art"' in as_alice.get(address).content.decode()


# Offline ------------------------------------------------------------------------------------------------------------


def test_the_page_for_a_lost_connection_needs_no_further_file(client: Client) -> None:
    answer = client.get("/offline/")
    page = answer.content.decode()
    assert titles(answer) == ["You are offline"]
    assert not re.search(r"<(script|img|use)\b|rel=\"stylesheet\"|url\(|@import", page)
    assert "--pigment:" in page and ".trouble" in page
    nonce = re.search(r'<style nonce="([^"]+)"', page)
    assert nonce and f"'nonce-{nonce[1]}'" in answer.headers["Content-Security-Policy"]


def test_the_page_for_a_lost_connection_names_nobody(as_alice: Client, alice: User) -> None:
    assert str(alice) not in as_alice.get("/offline/").content.decode()


def test_the_service_worker_is_served_for_the_whole_site(client: Client) -> None:
    answer = client.get("/sw.js?en")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert "no-cache" in answer.headers["Cache-Control"]
    script = answer.content.decode()
    assert f'"ostagram-offline-{offline.version()}"' in script
    assert 'const OFFLINE = "/offline/"' in script


def test_the_service_worker_is_renewed_with_its_page(client: Client) -> None:
    before = client.get("/sw.js").content
    assert client.get("/sw.js").content == before
    with patch("ostagram.offline._styles", return_value="body{}"):
        assert client.get("/sw.js").content != before


@pytest.mark.skipif(not shutil.which("node"), reason="no node to read the script with")
def test_the_service_worker_is_a_script(client: Client) -> None:
    script = client.get("/sw.js").content
    subprocess.run(["node", "--check", "-"], input=script, check=True, capture_output=True)


def test_every_page_registers_it(client: Client) -> None:
    assert re.search(r'<script type="module" src="/static/js/offline.js"', client.get("/").content.decode())
