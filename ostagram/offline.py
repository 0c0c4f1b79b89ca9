"""THE FRAME: the page for a lost connection, and the service worker that keeps it in the browser."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

STYLES: Final = ("css/tokens.css", "css/base.css", "css/components.css", "css/pages.css")


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Whole in itself: when it is shown, nothing else can be fetched. Nobody is named on it."""
    return render(request, "offline.html", _context())


@require_safe
@cache_control(no_cache=True)
def worker(request: HttpRequest) -> HttpResponse:
    return render(request, "ostagram/sw.js", {"version": version()}, content_type="text/javascript; charset=utf-8")


def version() -> str:
    """Changes when the page does: its words, its language, its styles."""
    return hashlib.sha256(render_to_string("offline.html", _context()).encode()).hexdigest()[:12]


def _context() -> dict[str, Any]:
    return {"styles": _styles()}


@cache
def _styles() -> SafeString:
    files = [finders.find(name) for name in STYLES]
    return mark_safe("\n".join(Path(file).read_text() for file in files if file))  # noqa: S308  # our own files
