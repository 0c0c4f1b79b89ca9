"""THE FRAME: limits and headers that hold for every page."""

from collections.abc import Callable
from typing import Final

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils.cache import patch_vary_headers

from ostagram import errors

GetResponse = Callable[[HttpRequest], HttpResponseBase]

PERMISSIONS: Final = "camera=(self), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()"
ADMIN_POLICY: Final = {"script-src": [SELF, UNSAFE_EVAL, UNSAFE_INLINE], "style-src": [SELF, UNSAFE_INLINE]}


class Language(LocaleMiddleware):
    """Django's own: the switch's cookie, then the browser's wish. It also tells caches about the cookie, and that a
    picture is the same in every language.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.get("Content-Type", "").startswith("image/"):
            return response
        patch_vary_headers(response, ("Cookie",))
        return super().process_response(request, response)


class BodyLimit:
    """Refuses a body that is too large by its announced length, before a byte of it is read."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length) > settings.MAX_BODY_BYTES:
            return errors.too_large(request)
        return self.get_response(request)


class Policies:
    """Permissions-Policy for every page, and for the admin's own scripts a content policy of their own."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response["Permissions-Policy"] = PERMISSIONS
        if request.path.startswith("/admin/"):
            response._csp_replace = ADMIN_POLICY  # type: ignore[attr-defined]  # how django-csp is told
        return response
