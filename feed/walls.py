"""THE GALLERY: its walls besides the newest: the best, a tag, people one follows, what was found."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from feed import heat, kept, search, tags
from feed.models import Post, PostQuerySet
from stylize import addresses

PAGE: Final = 24
TITLES: Final = {"day": _("Best of the day"), "week": _("Best of the week"), "month": _("Best of the month")}


class SearchForm(forms.Form):
    q = forms.CharField(required=False, max_length=search.MOST_LETTERS, label=_("Look for"))


def hang(public: PostQuerySet, *columns: str, place: Callable[[Post], Any] = lambda post: post.pk) -> dict[str, Any]:
    """A page of a wall as its template shows it; `older` is where the next one begins."""
    page = public.hung(PAGE + 1, *columns)
    shown, more = page[:PAGE], len(page) > PAGE
    cards = [post.shown for post in shown]
    return {"posts": shown, "wall": shown, "cards": cards, "older": place(shown[-1]) if more else None}


def warmer(request: HttpRequest) -> heat.Place | None:
    return heat.place(request.GET.get("before", ""))


@require_safe
@partial(kept.for_strangers, place=warmer)
def best(request: HttpRequest, span: str) -> HttpResponse:
    """Likes that fade: of pictures hung within the last day, week or month."""
    of, after = heat.SPANS.get(span), warmer(request)
    if of is None:
        raise Http404
    public = Post.objects.for_public_feed().best(of, since=timezone.now() - of.length, after=after)
    page = hang(public, of.column, place=lambda post: heat.Place(getattr(post, of.column), post.pk))
    return _wall(request, page, tab=span, title=TITLES[span], is_first=after is None)


@require_safe
@login_required
def following(request: HttpRequest) -> HttpResponse:
    assert request.user.is_authenticated
    before = addresses.before(request)
    public = Post.objects.for_public_feed().for_follower(request.user, before=before, at_most=PAGE + 1)
    follows = request.user.follows.exists  # asked by an empty wall alone
    title = _("People I follow")
    return _wall(request, hang(public), tab="following", title=title, is_first=before is None, follows=follows)


@require_safe
@kept.for_strangers
def tag(request: HttpRequest, tag: str) -> HttpResponse:
    """404 where nothing is to be seen: anybody can make up tags."""
    usual, before = tags.normal(tag), addresses.before(request)
    if not tags.is_tag(usual):
        raise Http404
    if tag != usual:
        return redirect("feed:tag", usual, permanent=True)
    page = hang(Post.objects.for_public_feed().tagged(tag).older_than(before))
    if not page["posts"] and before is None:
        raise Http404
    return _wall(request, page, tab="tag", title=f"#{tag}", is_first=before is None, tag=tag)


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """Newest first, whatever is looked for."""
    form, before = SearchForm(request.GET), addresses.before(request)
    asked = search.read(form.cleaned_data["q"]) if form.is_valid() else search.Asked()
    if asked.is_one_tag and Post.objects.for_public_feed().tagged(*asked.tags).exists():
        return redirect("feed:tag", asked.tags[0])
    found = Post.objects.for_public_feed().found_by(asked).older_than(before) if asked else Post.objects.none()
    context = {"form": form, "asked": asked, "q": request.GET.get("q", ""), "tab": "search", "title": _("Search")}
    status = 200 if form.is_valid() else 400
    return _wall(request, hang(found), is_first=before is None, status=status, **context)


def _wall(request: HttpRequest, page: dict[str, Any], *, status: int = 200, **context: Any) -> HttpResponse:
    asked = urlencode({"q": context["q"]}) if context.get("q") else ""
    context["first_page"] = f"{request.path}?{asked}" if asked else request.path
    return render(request, "feed/wall.html", page | context, status=status)
