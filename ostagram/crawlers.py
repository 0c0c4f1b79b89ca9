"""THE FRAME: what search engines are told: which pages are there, and which are nobody's business."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import sitemap as sitemap_view
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.cache import cache_page
from django.views.decorators.http import require_safe

from feed.models import Post
from ostagram import pages

PRIVATE: Final = (
    "/mine/", "/payments/", "/claim/", "/account/", "/accounts/", "/staff/", "/admin/", "/watch/", "/me/", "/notices/",
)  # fmt: skip
SITEMAP_LIVES_S: Final = 900
NEWEST: Final = 5000  # pictures; older ones are reached through the feed


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in PRIVATE)]
    lines += ["", f"Sitemap: {request.build_absolute_uri(reverse('sitemap'))}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


class Pages(Sitemap):  # type: ignore[type-arg]  # generic in its stubs only
    def items(self) -> list[str]:
        return ["feed:index", "stylize:create", *(page.name for page in pages.ALL)]

    def location(self, item: str) -> str:
        return reverse(item)


class Pictures(Sitemap):  # type: ignore[type-arg]
    def items(self) -> Iterable[tuple[str, datetime]]:
        return list(Post.objects.for_public_feed().values_list("job__key", "created_at")[:NEWEST])

    def location(self, item: tuple[str, datetime]) -> str:
        return reverse("feed:post", args=[item[0]])

    def lastmod(self, item: tuple[str, datetime]) -> datetime:
        return item[1]


@require_safe
@cache_page(SITEMAP_LIVES_S)
def sitemap(request: HttpRequest) -> HttpResponseBase:
    answer = sitemap_view(request, {"pages": Pages, "pictures": Pictures})
    return answer.render()
