"""THE DOOR: what happens around sign-up and sign-in, as allauth's adapter."""

import secrets
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponse

from people import guests
from people.models import User

STAFF_EMAIL = "staff@ostagram.local"


class AccountAdapter(DefaultAccountAdapter):
    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        guests.hand_over(request, user)
        response: HttpResponse = super().post_login(request, user, **kwargs)
        return response

    def set_password(self, user: User, password: str) -> None:
        user.one_time_password = False
        super().set_password(user, password)

    def get_client_ip(self, request: HttpRequest) -> str:
        return guests.address(request)


def make_staff() -> tuple[str, str] | None:
    """A first staff account and its one-time password, or None when there is a staff account already."""
    if User.objects.filter(is_staff=True).exists():
        return None
    password = secrets.token_urlsafe(9)
    User.objects.create_superuser(STAFF_EMAIL, password, one_time_password=True)
    return STAFF_EMAIL, password
