"""THE FRAME: error pages in the site's own words."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.utils.translation import gettext as _


def page(request: HttpRequest, status: int, title: str, advice: str) -> HttpResponse:
    return render(request, "error.html", {"status": status, "title": title, "advice": advice}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, 400, _("That did not arrive whole"), _("Please go back, reload the page and try again."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, 403, _("Not for you"), _("Sign in with an account that may do this."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    advice = _("It was deleted, it is private, or the address has a slip in it.")
    return page(request, 404, _("There is no such picture here"), advice)


def too_large(request: HttpRequest) -> HttpResponse:
    advice = _("A picture may have up to 25 MB. Go back, choose a smaller one, and send it again.")
    return page(request, 413, _("Too large to carry"), advice)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    advice = _(
        "You have signed in or out in another window, or your browser keeps no cookies. "
        "Go back, reload the page and send it again."
    )
    return page(request, 403, _("The form has grown old"), advice)


def server_error(request: HttpRequest) -> HttpResponse:
    """Without context processors: whatever is broken must not break this page, too."""
    return HttpResponse(loader.get_template("500.html").render(), status=500)
