"""THE GALLERY: its pages kept ready in Redis for strangers: visitors of whom the site knows nothing, not even a cookie.

Nothing that is one visitor's gets into such a page: it is made without session, messages and CSRF token, and the nonce
of its styles is exchanged for the visitor's own. Whatever hides a picture begins a new generation, and pages of an
older one are not shown any more. A page has the generation of before it was made, so one that was being made meanwhile
is not shown either.
"""

import hashlib
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final
from uuid import uuid4

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.encoding import escape_uri_path
from django.utils.http import parse_etags
from django.utils.translation import get_language

from stylize import addresses

FRESH_S: Final = 10  # then one visitor's request makes it anew, while the others still get the old one
LIVES_S: Final = 20  # also the longest that a hidden picture can be seen where Redis was away as it was hidden
RENEWAL_S: Final = 5  # for the one who makes it anew; then somebody else tries
GENERATION: Final = "feed:generation"

MOST: Final = 500  # pages that are kept anew within LIVES_S: tags and places on a wall can be made up without end

View = Callable[..., HttpResponse]
Place = Callable[[HttpRequest], object]


@dataclass(frozen=True)
class Page:
    generation: str
    made_at: float  # seconds since 1970
    nonce: str  # as it stands in the page; empty where there is none
    etag: str
    content_type: str
    packed: bytes


def for_strangers(view: View, *, place: Place = addresses.before) -> View:
    """Answer strangers from what was kept; everybody else, and all when Redis is away, from `view`.

    `place`: where its page begins, as its address says after `?before=`.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        name = _name(request, place(request))
        if name is None:
            return view(request, *args, **kwargs)
        found = cache.get_many([GENERATION, name])
        generation, page = found.get(GENERATION), found.get(name)
        if page and page.generation == generation and not _is_ours_to_renew(page, name):
            return _answer(request, page)
        response = view(request, *args, **kwargs)
        made = _page(request, response, generation or "")
        if made is None:
            return response
        if generation:
            _keep(name, made)
        else:
            cache.add(GENERATION, uuid4().hex, None)  # nothing was kept yet, or Redis is away: the next page is kept
        return _with_etag(request, response, made.etag)

    return answer


def renew() -> None:
    """Show no page any more that was made before."""
    cache.set(GENERATION, uuid4().hex, None)


def _keep(name: str, page: Page) -> None:
    """Unless so many are kept that somebody must be making them up."""
    count = f"feed:kept:{time.time() // LIVES_S:.0f}"
    if cache.add(count, 1, 2 * LIVES_S) or cache.incr(count) <= MOST:
        cache.set(name, page, LIVES_S)


def _name(request: HttpRequest, place: object = None) -> str | None:
    """The page's name in Redis; None for whoever is no stranger, and for addresses that are not the page's own."""
    if request.method not in ("GET", "HEAD") or request.COOKIES.keys() - {settings.LANGUAGE_COOKIE_NAME}:
        return None
    path = escape_uri_path(request.path)
    own = path if place is None else f"{path}?before={place}"
    if request.get_full_path() != own:  # the page would name the address that was asked
        return None
    try:
        whole = f"{request.scheme}:{request.get_host()}:{get_language()}:{own}"
        return f"feed:page:{hashlib.sha256(whole.encode()).hexdigest()}"
    except DisallowedHost:
        return None


def _is_ours_to_renew(page: Page, name: str) -> bool:
    return time.time() - page.made_at > FRESH_S and cache.add(f"{name}:renewal", 1, RENEWAL_S)


def _page(request: HttpRequest, response: HttpResponse, generation: str) -> Page | None:
    """What to keep of an answer; None where it says something to this visitor alone."""
    used_token = "CSRF_COOKIE_NEEDS_UPDATE" in request.META
    if response.status_code != 200 or response.cookies or used_token or request.session.modified:
        return None
    nonce = _nonce(request)
    same_for_all = response.content.replace(nonce.encode(), b"") if nonce else response.content
    etag = f'W/"{hashlib.sha256(same_for_all).hexdigest()[:20]}"'
    kind = response["Content-Type"]
    return Page(generation, time.time(), nonce, etag, kind, zlib.compress(response.content, 1))


def _answer(request: HttpRequest, page: Page) -> HttpResponse:
    if page.etag in parse_etags(request.headers.get("If-None-Match", "")):
        return _unchanged(page.etag)
    body = zlib.decompress(page.packed)
    if page.nonce:
        body = body.replace(page.nonce.encode(), str(request.csp_nonce).encode())  # type: ignore[attr-defined]
    return _with_etag(request, HttpResponse(body, content_type=page.content_type), page.etag)


def _with_etag(request: HttpRequest, response: HttpResponse, etag: str) -> HttpResponse:
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        return _unchanged(etag)
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


def _unchanged(etag: str) -> HttpResponse:
    """The visitor's copy has a nonce of its own: a policy with another would take the place of the one it knows."""
    response: Any = HttpResponseNotModified(headers={"ETag": etag, "Cache-Control": "private, no-cache"})
    response._csp_exempt = True  # how django-csp is told
    return response  # type: ignore[no-any-return]


def _nonce(request: HttpRequest) -> str:
    """The nonce that this request's page was made with; empty where it needed none."""
    nonce: Any = getattr(request, "csp_nonce", "")
    return str(nonce) if nonce else ""  # a lazy one is false until it has been used
