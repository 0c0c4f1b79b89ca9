"""THE BENCH: one's saved styles: save one from a picture, look at them, change and delete them. All need an account."""

from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from people.models import User
from stylize import addresses, filter_forms, filters
from stylize.models import Filter, Job, Style

PAGE: Final = 24


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    own, before = Filter.objects.owned_by(_person(request)).with_styles().order_by("-id"), addresses.before(request)
    if before is not None:
        own = own.filter(pk__lt=before)
    page = list(own[: PAGE + 1])
    older = page[PAGE - 1].pk if len(page) > PAGE else None
    return render(request, "stylize/filters.html", {"filters": page[:PAGE], "older": older, "is_first": before is None})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def save(request: HttpRequest) -> HttpResponse:
    """`?style=` names what is to be saved; `?picture=` or `?filter=` whose settings the form begins with."""
    person = _person(request)
    style = get_object_or_404(Style.objects.usable_by(person), key=addresses.key_in(request, "style"))
    if request.method != "POST":
        return _page(request, filter_forms.FilterForm(initial=_beginning(request, person, style)), style)
    form = filter_forms.FilterForm(request.POST)
    if form.is_valid():
        try:
            filters.save(person, style, **form.wanted)
        except filters.Refused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, _("Saved. You find it below, and when you paint."))
            return redirect("stylize:filters")
    return _page(request, form, style, status=400)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, key: str) -> HttpResponse:
    found = _own(request, key)
    if request.method != "POST":
        return _page(request, filter_forms.FilterForm(initial=filter_forms.of(found)), found.style, found=found)
    form = filter_forms.FilterForm(request.POST)
    if form.is_valid():
        try:
            filters.change(found, **form.wanted)
        except filters.Refused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("stylize:filters")
    return _page(request, form, found.style, found=found, status=400)


@login_required
@require_POST
def delete(request: HttpRequest, key: str) -> HttpResponse:
    filters.delete(_own(request, key))
    messages.success(request, _("The saved style is deleted."))
    return redirect("stylize:filters")


def _person(request: HttpRequest) -> User:
    assert request.user.is_authenticated  # or login_required has sent them to sign in
    return request.user


def _own(request: HttpRequest, key: str) -> Filter:
    return get_object_or_404(Filter.objects.owned_by(_person(request)).with_styles(), key=key)


def _beginning(request: HttpRequest, person: User, style: Style) -> dict[str, Any]:
    picture = Job.objects.visible_to(person).filter(key=addresses.key_in(request, "picture"), styles=style).first()
    other = Filter.objects.visible_to(person).filter(key=addresses.key_in(request, "filter"), style=style).first()
    return {"name": (other.name if other else style.title)[:80], **filters.begun_from(picture or other)}


def _page(
    request: HttpRequest, form: filter_forms.FilterForm, style: Style, *, found: Filter | None = None, status: int = 200
) -> HttpResponse:
    return render(request, "stylize/filter.html", {"form": form, "style": style, "filter": found}, status=status)
