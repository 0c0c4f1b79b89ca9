"""THE DOOR: signing in by VK ID, Google and Yandex: whom such a sign-in lets in, and who may part with one.

allauth speaks with them and guards the state. What it is told here: keys come from the settings alone, of what they
send only the address is kept, and nobody gets into somebody else's account by an address that was not confirmed on
both sides.
"""

from typing import Any

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.models import EmailAddress
from allauth.account.utils import filter_users_by_email
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.forms import SignupForm as TheirSignupForm
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from requests import RequestException

from people import ways
from people.models import User


class LastWay(Exception):
    """Without this one nobody could sign in to the account any more."""


class SocialAdapter(DefaultSocialAccountAdapter):
    error_messages = DefaultSocialAccountAdapter.error_messages | {
        "email_taken": gettext_lazy(
            "There is an account with this address already. Sign in to it, by its password or by a code, and then"
            " connect %s on the page of your account."
        ),
    }

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Those of the settings; theirs asks the database on every page."""
        return [
            SocialApp(provider=name, **given["APP"])
            for name, given in settings.SOCIALACCOUNT_PROVIDERS.items()
            if provider in (None, name) and client_id in (None, given["APP"]["client_id"])
        ]

    def get_app(self, request: HttpRequest, provider: str, client_id: str | None = None) -> SocialApp:
        try:
            return super().get_app(request, provider, client_id)
        except SocialApp.DoesNotExist as error:
            raise Http404 from error

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """The one moment between their answer and our database: whatever else they know stays outside."""
        user: User = super().populate_user(request, sociallogin, data)
        sociallogin.account.extra_data = {"email": user.email} if user.email else {}
        return user

    def authenticate_by_email(self, sociallogin: SocialLogin) -> tuple[User, str] | None:
        """Only where the address was confirmed here, too: somebody else may have signed up with it."""
        found: tuple[User, str] | None = super().authenticate_by_email(sociallogin)
        return found if found and _is_confirmed(*found) else None

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, extra_context: Any = None
    ) -> None:
        extra_context["is_away"] = isinstance(exception, RequestException | OAuth2Error)
        extra_context["way"] = ways.BY_ID[provider.id]


class SignupForm(TheirSignupForm):
    """Asked for an address, where none came along or somebody has the one that came."""

    @property
    def is_taken(self) -> bool:
        email = self.initial["email"]
        return bool(email and filter_users_by_email(email))


class DisconnectForm(forms.Form):
    """Which connection goes; also one of a way whose keys are gone."""

    account = forms.ModelChoiceField(queryset=SocialAccount.objects.none())

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.accounts = SocialAccount.objects.filter(user=request.user).order_by("pk")
        self.fields["account"].queryset = self.accounts  # type: ignore[attr-defined]

    def save(self) -> None:
        account: SocialAccount = self.cleaned_data["account"]
        try:
            disconnect(account)
        except LastWay as refusal:
            messages.error(self.request, str(refusal))
            return
        name = ways.name_of(account.provider)
        messages.success(self.request, _("%(way)s no longer opens your account.") % {"way": name})
        get_account_adapter(self.request).send_notification_mail(
            "socialaccount/email/account_disconnected", self.request.user, {"account": account}
        )


@transaction.atomic
def disconnect(account: SocialAccount) -> None:
    """Raises LastWay. The person is locked: two that go at once could each take the other for a way that stays."""
    owner = User.objects.select_for_update().get(pk=account.user_id)
    if not _has_another_way(owner, account):
        raise LastWay(
            _("This is the only way into your account. Choose a password or confirm your e-mail address first.")
        )
    account.delete()


def _has_another_way(owner: User, account: SocialAccount) -> bool:
    """A password, an address that codes can go to, or another connection that is open."""
    others = SocialAccount.objects.filter(user=owner, provider__in=settings.SOCIALACCOUNT_PROVIDERS)
    return (
        owner.has_usable_password()
        or EmailAddress.objects.filter(user=owner, verified=True).exists()
        or others.exclude(pk=account.pk).exists()
    )


def _is_confirmed(user: User, email: str) -> bool:
    is_confirmed: bool = EmailAddress.objects.filter(user=user, email__iexact=email, verified=True).exists()
    return is_confirmed
