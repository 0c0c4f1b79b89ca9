"""THE FRAME: the pages of trouble, in the site's own words: what happened, and what to do next."""

import sys
from typing import Any, Final
from urllib.parse import urlencode

from allauth.account.views import signup
from django.contrib import messages
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.template import loader
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from stylize import uploads

DATABASE_AWAY: Final = (OperationalError, InterfaceError)  # restarting, full, or gone: a matter of time, not of code
TOO_MANY_S: Final = "60"
RETRY_AFTER_S: Final = "10"  # a restart of Postgres takes some seconds


def page(
    request: HttpRequest, status: int, art: str, title: str, happened: str, advice: str, *, afresh: str = ""
) -> HttpResponse:
    """`art` names a drawing of templates/ostagram/art; `afresh` is the address of the page with a new form."""
    drawing = f"ostagram/art/{art}.svg"
    context = {"status": status, "art": drawing, "title": title, "happened": happened, "advice": advice}
    return render(request, "error.html", context | {"afresh": afresh}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    happened = _("What your browser sent cannot be read: a part of it is missing or damaged.")
    advice = _("Go back, reload the page and try again. What you had filled in is often still there.")
    return page(request, 400, "torn", _("That did not arrive whole"), happened, advice)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    happened = _("This page is there, but not for the account you use now.")
    advice = _("Sign in with an account that may see it. Your pictures are not touched by this.")
    return page(request, 403, "rope", _("Not for you"), happened, advice)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    happened = _("You have signed in or out in another window since, or your browser keeps no cookies.")
    afresh = _came_from(request)
    advice = _("Nothing was done. Go back, reload the page and send it again.")
    if afresh:
        advice = _("Nothing was done. Open the page afresh and send it again.")
    return page(request, 403, "askew", _("The form has grown old"), happened, advice, afresh=afresh)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    happened = _("It was deleted, it is private, or the address has a slip in it.")
    advice = _("A private picture shows itself to its owner: sign in, or open it in the browser that painted it.")
    return page(request, 404, "missing", _("There is no such picture here"), happened, advice)


def too_large(request: HttpRequest) -> HttpResponse:
    most = {"most": uploads.MAX_BYTES // 1024**2}
    happened = _(
        "A picture may have up to %(most)d MB, and what you sent is more than one form can carry. Nothing was kept."
    )
    advice = _("Go back, save the largest picture smaller, as JPEG, and choose it anew.")
    return page(request, 413, "door", _("Too large to carry"), happened % most, advice)


def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    happened = _("From your network the same was tried many times within a short while, so we slow down here.")
    advice = _("Wait a few minutes, then go back and send it again. Paintings in line go on meanwhile.")
    if request.resolver_match and request.resolver_match.view_name == "account_signup":
        messages.error(request, happened)
        answer = _sign_up_again(request)
    else:
        answer = page(request, 429, "jar", _("Let the brushes rest a moment"), happened, advice)
    answer.headers["Retry-After"] = TOO_MANY_S
    return answer


def server_error(request: HttpRequest) -> HttpResponse:
    """Without context processors: whatever is broken must not break this page, too."""
    is_away = isinstance(sys.exc_info()[1], DATABASE_AWAY)  # Django calls this while it handles the exception
    name, status = ("503.html", 503) if is_away else ("500.html", 500)
    header = {"Retry-After": RETRY_AFTER_S, "Cache-Control": "no-store"} if is_away else {}
    with translation.override(translation.get_language_from_request(request)):
        words = loader.get_template(name).render({"may_reload": request.method in ("GET", "HEAD")})
    return HttpResponse(words, status=status, headers=header)


def _sign_up_again(request: HttpRequest) -> HttpResponse:
    """The form, with the address that was typed into it; a password is never sent back."""
    kept = urlencode({name: request.POST[name] for name in ("email", "next") if name in request.POST})
    request.method, request.GET = "GET", QueryDict(kept)
    answer: Any = signup(request)
    answer.status_code = 429
    return answer.render()  # type: ignore[no-any-return]


def _came_from(request: HttpRequest) -> str:
    """The page of ours that a form was sent from, or nothing."""
    page_before = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(page_before, {request.get_host()}, require_https=request.is_secure())
    return page_before if is_ours else ""
