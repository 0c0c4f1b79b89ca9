"""THE GALLERY: the staff's pages: reports and what is done about them, one picture's affair, the log of acts."""

from collections.abc import Callable
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from feed import moderation, queue
from feed.models import Act, Comment, Post
from feed.report_forms import NoteForm, ReasonForm, SearchForm
from people.models import User
from stylize import addresses, pictures
from stylize.models import Filter
from stylize.staff import for_staff

CHANGE: Final = "feed.change_report"
LINES: Final = 50


@never_cache
@for_staff(CHANGE)
@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    after = queue.after(request)
    piles, further = queue.piles(after)
    context = {"piles": piles, "further": further, "is_first": not after}
    return render(request, "feed/staff_reports.html", context)


@never_cache
@for_staff(CHANGE)
@require_safe
def affair(request: HttpRequest, key: str) -> HttpResponse:
    """One picture's, whether it is reported or not: it can be taken down, or put back."""
    return _page(request, _post(key))


@never_cache
@for_staff(CHANGE)
@require_safe
def file(request: HttpRequest, key: str, what: str, number: int) -> HttpResponseBase:
    """A small copy of what is judged: the picture, its photo, its styles; also when nobody else sees it."""
    post = _post(key)
    if what == "picture" and not number:
        return pictures.serve(post.job.result, pictures.LARGE, public=False)
    if what == "photo" and not number:
        return pictures.serve(post.job.photo_files, pictures.CARD, public=False)
    styles = post.job.shown_styles
    if what != "style" or number >= len(styles):
        raise Http404
    return pictures.serve(styles[number].image.file, pictures.CARD, public=False)


# What can be done -----------------------------------------------------------------------------------------------------


@for_staff(CHANGE)
@require_POST
def take_down(request: HttpRequest, key: str) -> HttpResponse:
    words = _("It is taken down, and its owner is told why.")
    return _decide(request, key, moderation.take_down, words, down=ReasonForm(request.POST))


@for_staff(CHANGE)
@require_POST
def put_back(request: HttpRequest, key: str) -> HttpResponse:
    return _decide(request, key, moderation.put_back, _("It is shown again as before."), back=NoteForm(request.POST))


@for_staff(CHANGE)
@require_POST
def keep(request: HttpRequest, key: str) -> HttpResponse:
    words = _("It stays, and the reports are closed.")
    return _decide(request, key, moderation.keep, words, stay=NoteForm(request.POST))


@for_staff(CHANGE)
@require_POST
def remove_comment(request: HttpRequest, key: str) -> HttpResponse:
    found, form = _comment(key), ReasonForm(request.POST)
    picture = found.post.job.key
    if not form.is_valid():
        return _page(request, _post(picture), status=400, wrong_comment=found.key, wrong_form=form)
    done = moderation.remove_comment(found, _me(request), form.cleaned_data["reason"])
    return _told(request, picture, done, _("The comment is removed, and its author is told why."))


@for_staff(CHANGE)
@require_POST
def keep_comment(request: HttpRequest, key: str) -> HttpResponse:
    found = _comment(key)
    done = moderation.keep_comment(found, _me(request), "")
    return _told(request, found.post.job.key, done, _("It stays, and the reports are closed."))


# Saved styles ---------------------------------------------------------------------------------------------------------


@never_cache
@for_staff(CHANGE)
@require_http_methods(["GET", "HEAD", "POST"])
def style(request: HttpRequest, key: str) -> HttpResponse:
    """A saved style of the gallery: it can be taken out, or let in again."""
    found = get_object_or_404(Filter.objects.select_related("owner", "style__image"), key=key)
    form = (NoteForm if found.is_barred else ReasonForm)(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        act = moderation.unbar_style if found.is_barred else moderation.bar_style
        done = act(found, _me(request), form.cleaned_data["reason"])
        _say(request, done, _("Its owner may show it again.") if found.is_barred else _("It is out of the gallery."))
        return redirect("feed:staff_style", key)
    context = {"style": found, "form": form, "acts": Act.objects.filter(key=key)[:LINES]}
    return render(request, "feed/staff_style.html", context, status=400 if form.errors else 200)


@never_cache
@for_staff(CHANGE)
@require_safe
def style_file(request: HttpRequest, key: str) -> HttpResponseBase:
    found = get_object_or_404(Filter.objects.select_related("style__image"), key=key)
    return pictures.serve(found.style.image.file, pictures.CARD, public=False)


# The log --------------------------------------------------------------------------------------------------------------


@never_cache
@for_staff(CHANGE)
@require_safe
def acts(request: HttpRequest) -> HttpResponse:
    form, place = SearchForm(request.GET), addresses.before(request)
    name = form.cleaned_data.get("q", "") if form.is_valid() else ""
    found = Act.objects.filter(Q(key=name) | Q(by_name__icontains=name)) if name else Act.objects.all()
    if place is not None:
        found = found.filter(pk__lt=place)
    page = list(found[: LINES + 1])
    older = page[LINES - 1].pk if len(page) > LINES else None
    chosen = request.GET.copy()
    chosen.pop("before", None)
    context = {"form": form, "acts": page[:LINES], "older": older, "is_first": place is None}
    return render(request, "feed/staff_acts.html", context | {"chosen": chosen.urlencode(), "name": name})


# Within ---------------------------------------------------------------------------------------------------------------


def _post(key: str) -> Post:
    return get_object_or_404(Post.objects.on_the_wall(), job__key=key)


def _comment(key: str) -> Comment:
    return get_object_or_404(Comment.objects.select_related("post__job", "owner"), key=key)


def _me(request: HttpRequest) -> User:
    assert request.user.is_authenticated
    return request.user


def _decide(
    request: HttpRequest, key: str, act: Callable[[Post, User, str], bool], words: str, **named: "forms.Form"
) -> HttpResponse:  # fmt: skip
    """Of a picture, with a reason; `named` is the form as its page calls it, and comes back with what is wrong."""
    post, (form,) = _post(key), named.values()
    if not form.is_valid():
        return _page(request, post, status=400, **named)
    return _told(request, key, act(post, _me(request), form.cleaned_data["reason"]), words)


def _say(request: HttpRequest, done: bool, words: str) -> None:
    if done:
        messages.success(request, words)
    else:
        messages.info(request, _("Nothing was changed: somebody was faster, or it is gone."))


def _told(request: HttpRequest, key: str, done: bool, words: str) -> HttpResponse:
    _say(request, done, words)
    return redirect("feed:staff_picture", key)


def _page(request: HttpRequest, post: Post, *, status: int = 200, **given: "forms.Form | str") -> HttpResponse:
    """With what was written wrong."""
    context: dict[str, Any] = {
        "post": post, "job": post.job, "pile": queue.pile(post), "acts": queue.story(post),
        "down": ReasonForm(), "back": NoteForm(), "stay": NoteForm(),
    }  # fmt: skip
    return render(request, "feed/staff_picture.html", context | given, status=status)
