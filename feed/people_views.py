"""THE GALLERY: a page for everybody who paints: their pictures and styles, who follows them and whom they follow."""

from collections.abc import Callable
from typing import Any, Final

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from feed import avatars, profiles
from feed.models import Follow, Post
from people import guests
from people.models import User
from stylize import addresses, pictures
from stylize.models import Filter

PAGE: Final = 24


@require_safe
def person(request: HttpRequest, handle: str) -> HttpResponse:
    found = _person(request, handle)
    shown = _before(request, Post.objects.for_public_feed().filter(owner=found)).hung(PAGE + 1)
    cards = [post.shown for post in shown[:PAGE]]
    return _render(request, "feed/person.html", found, {"cards": cards, "older": _older(shown)})


@require_safe
def styles(request: HttpRequest, handle: str) -> HttpResponse:
    """Those that they have saved and show to everybody; to themselves also the others."""
    found = _person(request, handle)
    own = Filter.objects.visible_to(guests.owner(request)).filter(owner=found).select_related("style")
    shown = list(_before(request, own.order_by("-pk"))[: PAGE + 1])
    return _render(request, "feed/person_styles.html", found, {"filters": shown[:PAGE], "older": _older(shown)})


@require_safe
def followers(request: HttpRequest, handle: str) -> HttpResponse:
    return _people(request, handle, profiles.followers, "owner")


@require_safe
def following(request: HttpRequest, handle: str) -> HttpResponse:
    return _people(request, handle, profiles.following, "followed")


@require_safe
def avatar(request: HttpRequest, handle: str, side: int) -> HttpResponseBase:
    """The avatar that its owner has now; the address of an earlier one is none any more."""
    found = get_object_or_404(User.objects.exclude(avatar=""), handle=handle, is_active=True)
    variant = pictures.AVATARS.get(side)
    if variant is None or request.GET.get("v", "") != avatars.version(found):
        raise Http404
    return pictures.serve(found.avatar, variant, public=True)


def _people(
    request: HttpRequest, handle: str, of: Callable[[User], "QuerySet[Follow]"], who: str
) -> HttpResponse:  # fmt: skip
    found = _person(request, handle)
    shown = list(_before(request, of(found))[: PAGE + 1])
    people = [getattr(follow, who) for follow in shown[:PAGE]]
    context = {"people": people, "older": _older(shown), "are_followers": who == "owner"}
    return _render(request, "feed/person_people.html", found, context)


def _person(request: HttpRequest, handle: str) -> User:
    found = profiles.of(handle, guests.owner(request))
    if found is None:
        raise Http404
    return found


def _before(request: HttpRequest, rows: Any) -> Any:
    before = addresses.before(request)
    return rows if before is None else rows.filter(pk__lt=before)


def _older(shown: list[Any]) -> int | None:
    """Where the next page begins, of one row more than a page."""
    return shown[PAGE - 1].pk if len(shown) > PAGE else None


def _render(request: HttpRequest, template: str, person: User, context: dict[str, Any]) -> HttpResponse:
    is_self = person == guests.owner(request)
    whole = context | {"person": person, "is_self": is_self, "is_first": addresses.before(request) is None}
    return render(request, template, whole)
