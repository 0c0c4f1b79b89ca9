"""THE DOOR: signing in by a code sent by mail. allauth does it; here is why a code works no more, and `next` stays.

A password that was chosen before the address was confirmed may be of somebody who signed up with an address that is not
theirs. Whoever comes by a code owns the address: that password, and all that is signed in by it, ends then.
"""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.utils import passthrough_next_redirect_url
from allauth.account.views import confirm_login_code
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from people.models import User


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Where it sends a code away for good, theirs goes back to the first page in silence."""
    answer: HttpResponse = confirm_login_code(request)
    first_page = reverse("account_request_login_code")
    if not isinstance(answer, HttpResponseRedirect) or answer.url != first_page:
        return answer
    if request.method == "POST":
        list(messages.get_messages(request))  # theirs speaks of trying again later; a new code can be had now
        messages.error(request, _("This code works no more: it was too old, or mistyped too often. Ask for a new one."))
    return redirect(passthrough_next_redirect_url(request, first_page, REDIRECT_FIELD_NAME))


def end_unconfirmed_password(request: HttpRequest, user: User, method: str, **told: Any) -> None:
    """The code is right, and the address not marked as confirmed yet (a receiver of authentication_step_completed)."""
    if method != "code" or not user.has_usable_password():
        return
    if not EmailAddress.objects.filter(user=user, email__iexact=told["email"], verified=False).exists():
        return
    user.set_unusable_password()  # which ends the sessions, too
    user.save(update_fields=["password"])
    messages.warning(
        request,
        _("Your address is confirmed. The password from before works no more: choose a new one in your account."),
    )
