"""THE DOOR: the addresses of signing in by others. With no way open they answer 404, as if they were not there."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.socialaccount import views
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.google import views as google
from allauth.socialaccount.providers.vk import views as vk
from allauth.socialaccount.providers.yandex import views as yandex
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST, require_safe

View = Callable[..., HttpResponse]


def when_open(view: View, way: str = "") -> View:
    """Only where this way is open; without one: where any is."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        open_ways = settings.SOCIALACCOUNT_PROVIDERS
        if way not in open_ways if way else not open_ways:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@require_http_methods(["GET", "HEAD", "POST"])
def connections(request: HttpRequest) -> HttpResponse:
    """Also there for whoever still has a connection when no way is open any more."""
    is_left = request.user.is_authenticated and SocialAccount.objects.filter(user=request.user).exists()
    view: View = views.connections if is_left else when_open(views.connections)
    return view(request)


def _of(way: str, views: Any) -> list[Any]:
    return [
        path(f"{way}/login/", require_POST(when_open(views.oauth2_login, way)), name=f"{way}_login"),
        path(f"{way}/login/callback/", require_safe(when_open(views.oauth2_callback, way)), name=f"{way}_callback"),
    ]


urlpatterns = [
    path("3rdparty/", connections, name="socialaccount_connections"),
    path("3rdparty/signup/", when_open(views.signup), name="socialaccount_signup"),
    path(
        "3rdparty/login/cancelled/",
        require_safe(when_open(views.login_cancelled)),
        name="socialaccount_login_cancelled",
    ),
    *_of("vk", vk),
    *_of("google", google),
    *_of("yandex", yandex),
]
