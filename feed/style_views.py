"""THE GALLERY: the styles by use, and a page for each, with its best pictures."""

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from feed import kept, style_gallery
from people import guests
from stylize import addresses

STYLES: Final = 24
PICTURES: Final = 24


@require_safe
@kept.for_strangers
def styles(request: HttpRequest) -> HttpResponse:
    before = addresses.before(request)
    found = style_gallery.page(before, STYLES + 1)
    older = found[STYLES - 1].place if len(found) > STYLES else None
    entries = style_gallery.with_best(found[:STYLES])
    return render(request, "feed/styles.html", {"entries": entries, "older": older, "is_first": before is None})


@require_safe
def style(request: HttpRequest, key: str) -> HttpResponse:
    """A style as everybody sees it; a private one as its owner alone does."""
    person = guests.owner(request)
    entry = style_gallery.named(key, person)
    if entry is None:
        raise Http404
    pictures, before = style_gallery.results(entry.style), addresses.before(request)
    if before is not None:
        pictures = pictures.filter(style_gallery.behind_liked(before))
    page = pictures.hung(PICTURES + 1, "likes_count")
    last = page[PICTURES - 1] if len(page) > PICTURES else None
    context = {
        "entry": entry, "cards": [post.shown for post in page[:PICTURES]], "is_first": before is None,
        "older": style_gallery.liked_place(last.likes_count, last.pk) if last else None,
        "is_own": bool(entry.filter and entry.filter.owner == person),
    }  # fmt: skip
    return render(request, "feed/style.html", context)
