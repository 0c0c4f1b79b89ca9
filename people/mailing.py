"""THE DOOR: mail that nobody asked for just now: who wants it, and the links in it that switch it off."""

from collections.abc import Callable
from typing import Final

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from people import notices
from people.models import User

SALT: Final = "people.mailing"
DIGEST_SALT: Final = "people.mailing.digest"


def wants(user: User) -> bool:
    """Whether mail about a picture may go to this person; a guest has no address."""
    return bool(user.email and user.is_active and user.mail_when_done)


def token_of(user: User, salt: str = SALT) -> str:
    """A signed leave to switch this person's mail off, good for every mail ever sent."""
    return signing.Signer(salt=salt).sign(str(user.pk))


def digest_token_of(user: User) -> str:
    """The same for digests."""
    return token_of(user, DIGEST_SALT)


@csrf_exempt  # mail programs send this form by themselves (RFC 8058); the token is the proof
@require_http_methods(["GET", "HEAD", "POST"])
def off(request: HttpRequest, token: str) -> HttpResponse:
    """The link in every mail about a picture."""
    return _switch(request, token, SALT, _no_mail_when_done)


@csrf_exempt  # likewise
@require_http_methods(["GET", "HEAD", "POST"])
def digest_off(request: HttpRequest, token: str) -> HttpResponse:
    """The link in every digest."""
    return _switch(request, token, DIGEST_SALT, notices.no_digest)


def _switch(request: HttpRequest, token: str, salt: str, switch_off: Callable[[User], None]) -> HttpResponse:
    """Looking changes nothing, for programs follow links; the button does."""
    try:
        user = get_object_or_404(User, pk=signing.Signer(salt=salt).unsign(token), leaving_at=None)
    except signing.BadSignature as error:
        raise Http404 from error
    if request.method == "POST":
        switch_off(user)
    context = {"is_off": request.method == "POST", "is_digest": salt == DIGEST_SALT}
    return render(request, "account/mail_off.html", context)


def _no_mail_when_done(user: User) -> None:
    user.mail_when_done = False
    user.save(update_fields=["mail_when_done"])
