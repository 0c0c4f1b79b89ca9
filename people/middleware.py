"""THE DOOR: who has a one-time password chooses a new one before anything else."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

ALLOWED = {"account_change_password", "account_logout", "stylize:watch", "stylize:preview"}


class OneTimePassword:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: object) -> HttpResponse | None:
        match = request.resolver_match
        if match is None or match.view_name in ALLOWED:
            return None  # without a look at request.user: the progress view must cost no query
        user = request.user
        return self._choose_a_password(request) if user.is_authenticated and user.one_time_password else None

    def _choose_a_password(self, request: HttpRequest) -> HttpResponse:
        messages.info(request, _("Your password was for one time only. Please choose your own."))
        return redirect("account_change_password")
