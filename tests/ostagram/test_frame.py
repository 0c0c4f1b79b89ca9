"""What holds for every page: headers, error pages, health."""

from unittest.mock import patch

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

POLICY = ("default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'")


@pytest.mark.parametrize("name", ["feed:index", "stylize:create", "stylize:mine", "account_login"])
def test_every_page_has_its_guards(client: Client, db: None, name: str) -> None:
    headers = client.get(reverse(name)).headers
    assert all(part in headers["Content-Security-Policy"] for part in POLICY)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert "geolocation=()" in headers["Permissions-Policy"]


def test_production_speaks_https_only(client: Client, settings: LazySettings, db: None) -> None:
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 3600
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert client.get("/").headers["Location"].startswith("https://")
    safe = client.get("/", headers={"X-Forwarded-Proto": "https"})
    assert safe.status_code == 200
    assert "max-age=3600" in safe.headers["Strict-Transport-Security"]
    assert client.get("/healthz").status_code == 200  # asked by machines that know no HTTPS


def test_an_unknown_address_is_told_in_our_words(client: Client, db: None) -> None:
    answer = client.get("/no/such/page/")
    assert answer.status_code == 404
    assert "no such picture" in answer.content.decode()


def test_a_form_without_its_proof_is_told_what_to_do(db: None) -> None:
    answer = Client(enforce_csrf_checks=True).post(reverse("stylize:create"), {})
    assert answer.status_code == 403
    assert "reload the page" in answer.content.decode()


def test_a_crash_shows_a_page_that_needs_nothing(db: None) -> None:
    client = Client(raise_request_exception=False)
    with patch("feed.views.Post.objects.for_public_feed", side_effect=RuntimeError("broken")):
        answer = client.get("/")
    assert answer.status_code == 500
    assert "Ostagram" in answer.content.decode()


@pytest.mark.parametrize(
    "address",
    ["/p/%00/", "/jobs/%00/", "/pictures/%00/card.webp", "/styles/%00/card.webp", "/uploads/%00/card.webp",
     "/watch/%00", "/p/" + "x" * 400 + "/"],
)  # fmt: skip
@pytest.mark.parametrize("who", ["as_alice", "anonymous"])
def test_an_odd_address_is_a_404(request: pytest.FixtureRequest, db: None, who: str, address: str) -> None:
    assert request.getfixturevalue(who).get(address).status_code == 404


@pytest.mark.parametrize("query", ["?style=%00", "?photo=%00", "?style=" + "x" * 400])
def test_an_odd_choice_is_no_choice(as_alice: Client, query: str) -> None:
    assert as_alice.get("/paint/" + query).status_code == 200


@pytest.mark.parametrize("before", ["%C2%B2", "%00", "-1", "9" * 40])
def test_an_odd_place_is_the_first_page(as_alice: Client, before: str) -> None:
    for page in ("/", "/mine/"):
        assert as_alice.get(f"{page}?before={before}").context["is_first"] is True


@pytest.mark.parametrize("address", ["/", "/paint/", "/mine/", "/accounts/login/"])
def test_head_is_answered_like_get(client: Client, db: None, address: str) -> None:
    answer = client.head(address)
    assert (answer.status_code, answer.content) == (200, b"")


def test_a_body_that_is_too_large_is_refused_with_all_guards(client: Client, settings: LazySettings, db: None) -> None:
    settings.MAX_BODY_BYTES = 10
    answer = client.post("/paint/", {"photo": "more than ten bytes"})
    assert answer.status_code == 413
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"


def test_the_browsers_own_wish_for_an_icon_is_met(client: Client, db: None) -> None:
    assert client.get("/favicon.ico").headers["Location"].endswith(".svg")
