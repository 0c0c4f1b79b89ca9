"""THE DOOR: what happens around sign-up and sign-in, as allauth's adapter."""

import secrets
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from people import guests, languages
from people.models import Notice, User

STAFF_EMAIL = "staff@ostagram.local"


class Backend(AuthenticationBackend):
    """Reads whoever is signed in with what the header of every page tells them, in one question."""

    def get_user(self, user_id: int) -> User | None:
        new = Notice.objects.filter(owner=OuterRef("pk"), read_at=None).order_by().values("owner")
        count = Coalesce(Subquery(new.annotate(many=Count("pk")).values("many")), 0)
        found = User.objects.annotate(unread_notices=count).filter(pk=user_id).first()
        return found if found and self.user_can_authenticate(found) else None


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_code": gettext_lazy("This is not the code that we sent last. Look once more."),
        "too_many_login_attempts": gettext_lazy("That was tried too often. Wait a few minutes, then try again."),
    }

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        guests.hand_over(request, user)
        response: HttpResponse = super().post_login(request, user, **kwargs)
        return response

    def new_user(self, request: HttpRequest) -> User:
        return User(language=languages.current())

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        recipient = context.get("user") or User.objects.filter(email__iexact=email).first()
        with languages.of(recipient):
            super().send_mail(template_prefix, email, context)

    def set_password(self, user: User, password: str) -> None:
        user.one_time_password = False
        super().set_password(user, password)

    def clean_password(self, password: str, user: User | None = None) -> str:
        if user is not None and user.one_time_password and user.check_password(password):
            raise ValidationError(_("This is the one-time password. Choose one of your own."))
        cleaned: str = super().clean_password(password, user)
        return cleaned

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("admin:index") if getattr(request.user, "is_staff", False) else settings.LOGIN_REDIRECT_URL

    def get_client_ip(self, request: HttpRequest) -> str:
        return guests.address(request)


def make_staff() -> tuple[str, str] | None:
    """A first staff account and its one-time password, or None when there is a staff account already."""
    if User.objects.filter(is_staff=True).exists():
        return None
    password = secrets.token_urlsafe(9)
    User.objects.create_superuser(STAFF_EMAIL, password, one_time_password=True)
    return STAFF_EMAIL, password
