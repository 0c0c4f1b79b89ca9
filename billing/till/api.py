"""THE DESK: the practice till's API: who asks, what for, and the same answer to the same idempotency key."""

import base64
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from billing.till import counter, endpoints, parameters, trouble
from billing.till.books import Books, Object, shown
from billing.till.refusal import Refusal

KEYS_LIVE_S: Final = 24 * 3600
BROKEN: Final = Refusal("The practice till plays broken.", status=500, kind="api_error")
HURRIED: Final = Refusal("Too many requests.", code="rate_limit", status=429)
GONE: Final = Refusal("The practice till was emptied meanwhile.", status=503, kind="api_error")
Answer = tuple[int, Object]

_being_answered: Final[set[str]] = set()
_lock: Final = threading.Lock()
epoch = 0  # grows whenever the till is emptied


@csrf_exempt  # whoever has the key may ask
def door(request: HttpRequest, path: str) -> HttpResponse:
    try:
        know(request)
        if request.headers.get("Stripe-Version") != settings.STRIPE_API_VERSION:
            raise Refusal(f"The practice till speaks {settings.STRIPE_API_VERSION} alone; see Stripe-Version.")
        hit = trouble.Trouble() if request.headers.get("Till-Untroubled") else trouble.strike(request.path)
        return _troubled(request, path, hit)
    except Refusal as refusal:
        return JsonResponse(refusal.body, status=refusal.status)


def know(request: HttpRequest) -> None:
    """Raises Refusal for whoever does not have the key."""
    scheme, _space, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        given = base64.b64decode(given.encode(), validate=False).decode(errors="replace").partition(":")[0]
    if not given:
        raise Refusal("You did not provide an API key.", status=401)
    if given != settings.STRIPE_SECRET_KEY:
        raise Refusal(f"Invalid API Key provided: {given[:8]}***", status=401)


def _troubled(request: HttpRequest, path: str, hit: trouble.Trouble) -> HttpResponse:
    mode = hit.api
    if mode == "away":
        return _hang_up(request)
    if mode == "429":
        raise HURRIED
    if mode == "500":
        raise BROKEN
    status, body, replayed = _answer(request, path, hit)
    if mode == "hang-after":
        hit.lifted.wait(trouble.HANG_S)
    if mode == "500-after":
        raise BROKEN
    response = JsonResponse(body, status=status, json_dumps_params={"indent": 2})
    if replayed:
        response["Idempotent-Replayed"] = "true"
    return response


def _answer(request: HttpRequest, path: str, hit: trouble.Trouble) -> tuple[int, Object, bool]:
    """Status, body, and whether it is that of an earlier request with this key."""
    endpoint, names = endpoints.find(request.method or "", path)
    pairs = request.POST if request.method == "POST" else request.GET
    form = parameters.decode((name, value) for name in pairs for value in pairs.getlist(name))
    key = request.headers.get("Idempotency-Key", "") if request.method == "POST" else ""
    asked = json.dumps([request.path, form], sort_keys=True)
    with _alone(key), _at_work(hit) as books:
        if kept := _kept(books, key, asked):
            return (*kept, True)
        checked = endpoint.check(form)  # what is not even a request of this kind is not kept
        books.cause = {"id": None, "idempotency_key": key or None}
        status, body = _carried_out(books, lambda: shown(endpoint.answer(books, checked, *names)))
        if hit.api == "500-kept":
            status, body = BROKEN.status, BROKEN.body
        if key:
            _keep(books, key, asked, status, body)
        return status, body, False


@contextmanager
def _at_work(hit: trouble.Trouble) -> Iterator[Books]:
    """Late, where it hangs; and never after the till was emptied."""
    arrived_in = epoch
    if hit.api == "hang":
        hit.lifted.wait(trouble.HANG_S)
    with counter.at_work() as books:
        if arrived_in != epoch:
            raise GONE
        yield books


def _carried_out(books: Books, answer: Callable[[], Object]) -> Answer:
    try:
        with books.attempt():
            return 200, answer()
    except Refusal as refusal:
        return refusal.status, refusal.body


@contextmanager
def _alone(key: str) -> Iterator[None]:
    """Two requests with one key at the same time: the second is turned away."""
    with _lock:
        if key and key in _being_answered:
            message = "There is currently another in-progress request using this Idempotent Key."
            raise Refusal(message, code="idempotency_key_in_use", status=409, kind="idempotency_error")
        _being_answered.add(key)
    try:
        yield
    finally:
        with _lock:
            _being_answered.discard(key)


def _kept(books: Books, key: str, asked: str) -> Answer | None:
    books.run("DELETE FROM answers WHERE at < ?", (trouble.clock() - KEYS_LIVE_S,))
    found = books.run("SELECT asked, status, body FROM answers WHERE key = ?", (key,)).fetchone()
    if found is None:
        return None
    if found[0] != asked:
        message = "Keys for idempotent requests can only be used with the same parameters they were first used with."
        raise Refusal(message, kind="idempotency_error")
    return int(found[1]), dict(json.loads(found[2]))


def _keep(books: Books, key: str, asked: str, status: int, body: Object) -> None:
    books.run(
        "INSERT INTO answers (key, asked, status, body, at) VALUES (?, ?, ?, ?, ?)",
        (key, asked, status, json.dumps(body), trouble.clock()),
    )


def _hang_up(request: HttpRequest) -> HttpResponse:
    """The connection breaks without an answer, as when nobody is there."""
    line: Any = request.META.get("gunicorn.socket")
    if line is not None:
        line.shutdown(socket.SHUT_RDWR)
    return HttpResponse(status=503)
