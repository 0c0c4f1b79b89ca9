"""THE FRAME: limits and headers that hold for every page."""

import re
from collections.abc import Callable
from typing import Final
from uuid import uuid4

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils.cache import patch_vary_headers

from ostagram import errors, health
from stylize import metrics, trail

GetResponse = Callable[[HttpRequest], HttpResponseBase]

PERMISSIONS: Final = "camera=(self), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()"
REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
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


class RequestId:
    """A name for every request, the proxy's or one of ours: in all log records about it, and in the answer."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-ID", "")
        name = given if REQUEST_ID.fullmatch(given) else uuid4().hex
        with trail.begin(request=name):
            response = self.get_response(request)
        response["X-Request-ID"] = name
        return response


class ForMachines:
    """Answers who knows no host name, HTTPS, session or language: load balancers and Prometheus."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.answers: dict[str, GetResponse] = {"/healthz": health.healthz, "/metrics": metrics.metrics}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.answers.get(request.path, self.get_response)(request)


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
