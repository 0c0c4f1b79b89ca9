"""THE FRAME: the pages of trouble, in the site's own words: what happened, and what to do next."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.utils import translation
from django.utils.translation import gettext as _

from stylize import uploads


def page(request: HttpRequest, status: int, art: str, title: str, happened: str, advice: str) -> HttpResponse:
    """`art` names a drawing of templates/ostagram/art."""
    drawing = f"ostagram/art/{art}.svg"
    context = {"status": status, "art": drawing, "title": title, "happened": happened, "advice": advice}
    return render(request, "error.html", context, status=status)


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
    advice = _("Nothing was done. Go back, reload the page and send it again.")
    return page(request, 403, "askew", _("The form has grown old"), happened, advice)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    happened = _("It was deleted, it is private, or the address has a slip in it.")
    advice = _("A private picture shows itself to its owner: sign in, or open it in the browser that painted it.")
    return page(request, 404, "missing", _("There is no such picture here"), happened, advice)


def too_large(request: HttpRequest) -> HttpResponse:
    """Asked before the middleware for languages has run."""
    with translation.override(translation.get_language_from_request(request)):
        most = {"most": uploads.MAX_BYTES // 1024**2}
        happened = _(
            "A picture may have up to %(most)d MB, and what you sent is more than one form can carry. Nothing was kept."
        )
        happened %= most
        advice = _("Go back, save the largest picture smaller, as JPEG, and choose it anew.")
        return page(request, 413, "door", _("Too large to carry"), happened, advice)


def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    happened = _("From your network the same was tried many times within a short while, so we slow down here.")
    advice = _("Wait a few minutes, then go back and send it again. Paintings in line go on meanwhile.")
    return page(request, 429, "jar", _("Let the brushes rest a moment"), happened, advice)


def server_error(request: HttpRequest) -> HttpResponse:
    """Without context processors: whatever is broken must not break this page, too."""
    with translation.override(translation.get_language_from_request(request)):
        return HttpResponse(loader.get_template("500.html").render(), status=500)
