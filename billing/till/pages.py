"""THE DESK: the practice till's pay page, where a visitor of local mode is sent instead of Stripe's."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_http_methods

from billing.till import charges, counter, orders, sessions
from billing.till.books import Object
from billing.till.forms import PayForm
from billing.till.refusal import Refusal
from stylize import wording

WAYS = {"pay": sessions.pay, "later": sessions.pay_later}


@require_http_methods(["GET", "HEAD", "POST"])
def pay(request: HttpRequest, name: str) -> HttpResponse:
    session = _found(name)
    with translation.override(_language(session)):
        if session is None:
            return page(request, "till/over.html", {}, status=404)
        if request.method != "POST":
            return _counter(request, session, PayForm(session))
        if not is_from_here(request):
            return page(request, "till/over.html", {"elsewhere": True}, status=403)
        if request.POST.get("do") == "decline":
            return _decline(request, session)
        form = PayForm(session, request.POST)
        if session["status"] == "open" and not form.is_valid():
            return _counter(request, session, form, status=422)
        return _take(request, session, form)


def page(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200, leads_to: tuple[str, ...] = ()
) -> HttpResponse:
    """`leads_to`: where its forms end, which the browser holds them to."""
    origins = " ".join(sorted({f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, leads_to)}))
    response = render(request, template, context, status=status)
    response["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {origins}"
    )
    response["Cache-Control"] = "no-store"
    return response


def is_from_here(request: HttpRequest) -> bool:
    """Whether a page of the till sent this form; another site's could buy in a visitor's name."""
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site == "same-origin"
    return request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"


def moved(url: str) -> HttpResponse:
    """See there, with GET."""
    response = HttpResponse(status=303)
    response["Location"] = url
    return response


# Within --------------------------------------------------------------------------------------------------------------


def _found(name: str) -> Object | None:
    try:
        with counter.at_work() as books:
            return books.get(sessions.KIND, name)
    except Refusal:
        return None


def _decline(request: HttpRequest, session: Object) -> HttpResponse:
    try:
        with counter.at_work() as books:
            session = sessions.decline(books, session["id"])
    except Refusal:
        return _counter(request, _found(session["id"]) or session, PayForm(session))
    form = PayForm(session, initial=request.POST.dict())
    return _counter(request, session, form, declined=charges.declined())


def _take(request: HttpRequest, session: Object, form: PayForm) -> HttpResponse:
    """Whoever presses twice pays once, and arrives in the same place."""
    try:
        if session["status"] == "open":
            with counter.at_work() as books:
                session = WAYS[request.POST.get("do", "pay")](books, session["id"], form.visitor())
    except (Refusal, KeyError):
        session = _found(session["id"]) or session
    if session["status"] != "complete":
        return _counter(request, session, form, status=409)
    return moved(_success(session))


def _counter(
    request: HttpRequest, session: Object, form: PayForm, *, declined: str = "", status: int = 200
) -> HttpResponse:
    back = session["cancel_url"] if session["status"] != "complete" else _success(session)
    context = {
        "session": session, "form": form, "declined": declined, "back": back,
        "total": money(session["amount_total"], session),
        "items": [item | {"money": money(item["amount_total"], session)} for item in session["_items"]],
    }  # fmt: skip
    if session["status"] != "open":
        return page(request, "till/over.html", context, status=status)
    leads_to = (session["success_url"], session["cancel_url"] or session["success_url"])
    return page(request, "till/pay.html", context, status=status, leads_to=leads_to)


def money(amount: int, thing: Object) -> str:
    return wording.money(amount, thing["currency"].upper())


def _success(session: Object) -> str:
    return str(session["success_url"]).replace(orders.PLACE, session["id"])


def _language(session: Object | None) -> str:
    """The one that the shop asked for, where the till speaks it; else the browser's."""
    wanted = ((session or {}).get("locale") or "auto").split("-")[0]
    return wanted if wanted in dict(settings.LANGUAGES) else translation.get_language() or "en"
