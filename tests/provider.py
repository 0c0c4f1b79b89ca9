"""A server that plays VK ID, Google and Yandex, with their addresses, their order of steps and their forms of answer.

`provider` is a fixture. The way through it is the real one: our form, its page to allow or deny, the way back, and our
server's own requests for a token and a profile.
"""

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from allauth.socialaccount.providers.google.views import GoogleOAuth2Adapter
from allauth.socialaccount.providers.vk.views import VKOAuth2Adapter
from allauth.socialaccount.providers.yandex.views import YandexOAuth2Adapter
from django.conf import LazySettings
from django.test import Client

from people import ways

KEYS: Final = {way.id: (f"{way.id}-client", f"{way.id}-secret") for way in ways.WAYS}
ADAPTERS: Final[dict[str, tuple[Any, str]]] = {
    "vk": (VKOAuth2Adapter, "profile_url"),
    "google": (GoogleOAuth2Adapter, "identity_url"),
    "yandex": (YandexOAuth2Adapter, "profile_url"),
}


class Provider:
    """`person` is who is signed in there; `mood` says how it answers."""

    def __init__(self) -> None:
        self.person: dict[str, Any] = {"id": "1001", "email": "carol@example.org", "is_confirmed": True}
        self.mood = "well"  # or "denies", "breaks", "babbles"
        self.asked: list[dict[str, str]] = []  # what came to the page to allow
        self.codes: dict[str, dict[str, str]] = {}
        self.tokens: set[str] = set()
        self.refused: list[str] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.answer(self, {})

            def do_POST(self) -> None:
                sent = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
                server.answer(self, {name: values[0] for name, values in parse_qs(sent).items()})

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    # What it does -----------------------------------------------------------------------------------------------------

    def answer(self, asked: BaseHTTPRequestHandler, form: dict[str, str]) -> None:
        parts = urlsplit(asked.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        _nothing, way, step = parts.path.split("/")
        if step == "authorize":
            asked.send_response(302)
            asked.send_header("Location", self.allow(way, query))
            asked.end_headers()
            return
        status, body = self._token(way, form) if step == "token" else self._profile(way, asked.headers, form)
        if self.mood == "breaks":
            status, body = 502, {}
        asked.send_response(status)
        asked.send_header("Content-Type", "text/html" if self.mood == "babbles" else "application/json")
        asked.end_headers()
        asked.wfile.write(b"<h1>Hello!</h1>" if self.mood == "babbles" else json.dumps(body).encode())

    def allow(self, way: str, query: dict[str, str]) -> str:
        """The page where people say yes or no; the address to which it sends them back."""
        assert query["client_id"] == KEYS[way][0] and query["response_type"] == "code"
        self.asked.append(query)
        if self.mood == "denies":
            return f"{query['redirect_uri']}?{urlencode({'error': 'access_denied', 'state': query['state']})}"
        code = secrets.token_urlsafe(16)
        self.codes[code] = query | {"device_id": secrets.token_urlsafe(16) if way == "vk" else ""}
        back = {"code": code, "state": query["state"]} | (
            {"device_id": self.codes[code]["device_id"]} if way == "vk" else {}
        )
        return f"{query['redirect_uri']}?{urlencode(back)}"

    def _token(self, way: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Each code once, for whoever knows the secret and the verifier; VK ID wants its device, too."""
        begun = self.codes.pop(form.get("code", ""), None)
        wrong = None
        if begun is None:
            wrong = "code"
        elif (form.get("client_id"), form.get("client_secret")) != KEYS[way]:
            wrong = "client"
        elif form.get("redirect_uri") != begun["redirect_uri"]:
            wrong = "redirect_uri"
        elif challenge(form.get("code_verifier", "")) != begun.get("code_challenge"):
            wrong = "code_verifier"
        elif form.get("device_id", "") != begun["device_id"]:
            wrong = "device_id"
        if wrong:
            self.refused.append(wrong)
            return 400, {"error": "invalid_grant", "error_description": wrong}
        token = secrets.token_urlsafe(16)
        self.tokens.add(token)
        return 200, {"access_token": token, "token_type": "Bearer", "expires_in": 3600}

    def _profile(self, way: str, headers: Any, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        token = form.get("access_token") or headers.get("Authorization", " ").split(" ", 1)[1]
        if token not in self.tokens:
            return 401, {"error": "invalid_token"}
        person, email = self.person, self.person["email"]
        mine = {"first_name": "Carol", "last_name": "Brush", "birthday": "1990-01-01", "phone": "+15550100"}
        if way == "vk":
            return 200, {"user": mine | {"user_id": person["id"]} | ({"email": email} if email else {})}
        if way == "google":
            return 200, mine | {"id": person["id"], "email": email, "verified_email": person["is_confirmed"]}
        return 200, mine | {"id": person["id"], "default_email": email, "emails": [email]}


def challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture
def provider(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """All three ways open, and their addresses those of a server of ours."""
    playing = Provider()
    settings.SIGN_IN_KEYS = KEYS
    settings.SOCIALACCOUNT_PROVIDERS = ways.providers(KEYS)
    for way, (adapter, profile) in ADAPTERS.items():
        monkeypatch.setattr(adapter, "authorize_url", f"{playing.url}/{way}/authorize")
        monkeypatch.setattr(adapter, "access_token_url", f"{playing.url}/{way}/token")
        monkeypatch.setattr(adapter, profile, f"{playing.url}/{way}/profile")
    yield playing
    playing.close()


def set_out(client: Client, way: str, **form: str) -> str:
    """Press the button; the address that the browser is sent to."""
    answer = client.post(f"/accounts/{way}/login/", {"process": "login"} | form)
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def come_back(address: str) -> str:
    """What the provider's page sends the browser back to, as a path on our site."""
    with requests.Session() as browser:
        browser.trust_env = False
        answer = browser.get(address, allow_redirects=False, timeout=10)
    parts = urlsplit(answer.headers["Location"])
    return f"{parts.path}?{parts.query}"


def walk(client: Client, way: str, **form: str) -> Any:
    """The whole way, up to our answer to the way back."""
    return client.get(come_back(set_out(client, way, **form)))
