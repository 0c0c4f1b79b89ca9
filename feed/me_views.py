"""THE GALLERY: one's own account as others see it, and what one wants to be told."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from feed import avatars, profiles
from feed.profile_forms import AvatarForm, ProfileForm, SwitchesForm, taken
from people import limits, notices
from people.models import User
from stylize import pictures

View = Callable[[HttpRequest], HttpResponse]


def _then_to_the_profile(view: View) -> View:
    """Whoever is not signed in comes back to the page with the form, which is there to be looked at."""

    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        return view(request) if request.user.is_authenticated else redirect_to_login(reverse("feed:me"))

    return answer


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Handle and line."""
    person = _me(request)
    form = ProfileForm(request.POST if request.method == "POST" else None, person=person)
    if request.method != "POST":
        return _page(request, form, AvatarForm())
    try:
        if form.is_valid():
            said = form.cleaned_data
            profiles.change(person, handle=said["handle"], about=said["about"])
            messages.success(request, _("Saved."))
            return redirect("feed:me")
    except profiles.Taken:  # at the same moment
        form.add_error("handle", taken())
    return _page(request, form, AvatarForm(), status=400)


@limits.at_most("upload")
@_then_to_the_profile
@require_POST
def avatar(request: HttpRequest) -> HttpResponse:
    person, form, status = _me(request), AvatarForm(request.POST, request.FILES), 400
    try:
        if form.is_valid():
            avatars.change(person, form.cleaned_data["avatar"])
            messages.success(request, _("Saved."))
            return redirect("feed:me")
    except pictures.StorageError as trouble:
        form.add_error("avatar", str(trouble))
        status = 503
    return _page(request, ProfileForm(person=person), form, status=status)


@_then_to_the_profile
@require_POST
def remove_avatar(request: HttpRequest) -> HttpResponse:
    avatars.remove(_me(request))
    messages.success(request, _("Your picture is removed."))
    return redirect("feed:me")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def switches(request: HttpRequest) -> HttpResponse:
    """What to be told of, on the site and by mail."""
    form = SwitchesForm(request.POST if request.method == "POST" else None, person=_me(request))
    if request.method == "POST" and form.is_valid():
        notices.choose(_me(request), form.muted, mail_when_done=form.cleaned_data["mail_when_done"])
        messages.success(request, _("Saved."))
        return redirect("feed:switches")
    return render(request, "account/switches.html", {"form": form})


def _me(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _page(request: HttpRequest, form: ProfileForm, avatar_form: AvatarForm, status: int = 200) -> HttpResponse:
    return render(request, "account/profile.html", {"form": form, "avatar_form": avatar_form}, status=status)
