"""THE DESK: the practice till driven without a browser: visitors, banks, trouble. For tests; whoever has the key."""

from collections.abc import Callable
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from billing.till import api, counter, disputes, post, refunds, sessions, trouble
from billing.till.books import Books, shown
from billing.till.refusal import Refusal

VERBS: Final[dict[tuple[str, str], Callable[[Books, str, dict[str, str]], Any]]] = {
    ("sessions", "pay"): lambda books, name, form: sessions.pay(books, name, _visitor(form)),
    ("sessions", "pay_later"): lambda books, name, form: sessions.pay_later(books, name, _visitor(form)),
    ("sessions", "decline"): lambda books, name, form: sessions.decline(books, name),
    ("sessions", "arrive"): lambda books, name, form: sessions.arrive(books, name),
    ("sessions", "fail"): lambda books, name, form: sessions.fail(books, name),
    ("payment_intents", "dispute"): lambda books, name, form: disputes.begin(books, name),
    ("payment_intents", "won"): lambda books, name, form: disputes.end(books, name, "won"),
    ("payment_intents", "lost"): lambda books, name, form: disputes.end(books, name, "lost"),
    ("payment_intents", "refund"): lambda books, name, form: refunds.create(books, {"payment_intent": name}),
    ("refunds", "settle"): lambda books, name, form: refunds.settle(books, name),
    ("refunds", "fail"): lambda books, name, form: refunds.fail(books, name),
}
"""What can happen to an object, apart from what the site itself does by the API."""


@csrf_exempt
def play(request: HttpRequest, kind: str, name: str, verb: str) -> HttpResponse:
    return _guarded(request, lambda: happen(kind, name, verb, request.POST.dict()))


@csrf_exempt
def set_trouble(request: HttpRequest) -> HttpResponse:
    return _guarded(request, lambda: _told(trouble.change(request.POST.dict())))


@csrf_exempt
def calm(request: HttpRequest) -> HttpResponse:
    return _guarded(request, lambda: _told(trouble.calm()))


@csrf_exempt
def empty(request: HttpRequest) -> HttpResponse:
    def clear() -> dict[str, Any]:
        with counter.at_work() as books:
            api.epoch += 1
            for table in ("objects", "answers", "deliveries"):
                books.run(f"DELETE FROM {table}")  # noqa: S608
        return {}

    return _guarded(request, clear)


@csrf_exempt
def deliver(request: HttpRequest) -> HttpResponse:
    def send() -> dict[str, Any]:
        chosen = [name for name in request.POST.get("events", "").split(",") if name]
        with counter.at_work() as books:
            return {"sent": post.again(books, chosen)}

    return _guarded(request, send)


def deliveries(request: HttpRequest) -> HttpResponse:
    def look() -> dict[str, Any]:
        with counter.at_work() as books:
            return {"undelivered": post.undelivered(books)}

    return _guarded(request, look, method="GET")


def here(request: HttpRequest) -> HttpResponse:
    return _guarded(request, lambda: _told(trouble.now()), method="GET")


def happen(kind: str, name: str, verb: str, form: dict[str, str]) -> dict[str, Any]:
    """The object as it is afterwards. Raises Refusal."""
    act = VERBS.get((kind, verb))
    if act is None:
        raise Refusal(f"The till knows no {kind}/…/{verb}.", status=404)
    with counter.at_work() as books:
        return shown(act(books, name, form))


def _guarded(request: HttpRequest, act: Callable[[], dict[str, Any]], *, method: str = "POST") -> HttpResponse:
    try:
        api.know(request)
        if request.method != method:
            raise Refusal(f"This is for {method}.", status=405)
        return JsonResponse(act())
    except Refusal as refusal:
        return JsonResponse(refusal.body, status=refusal.status)


def _told(now: trouble.Trouble) -> dict[str, Any]:
    return {name: value for name, value in vars(now).items() if name != "lifted"}


def _visitor(form: dict[str, str]) -> sessions.Visitor:
    address = {part: form[part] for part in sessions.ADDRESS if form.get(part)}
    return sessions.Visitor(
        form.get("email", "visitor@example.org"), form.get("name", ""), address, form.get("phone", "")
    )
