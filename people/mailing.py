"""THE DOOR: mail about one's pictures: who wants it, and the two ways to switch it off: signed in, or by a link."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from people.models import User

SALT = "people.mailing"


def wants(user: User) -> bool:
    """Whether mail about a picture may go to this person; a guest has no address."""
    return bool(user.email and user.is_active and user.mail_when_done)


def token_of(user: User) -> str:
    """A signed leave to switch this person's mail off, good for every mail ever sent."""
    return signing.Signer(salt=SALT).sign(str(user.pk))


@login_required
@require_POST
def prefer(request: HttpRequest) -> HttpResponse:
    """The switch of the account page."""
    wanted = request.POST.get("mail_when_done") == "on"
    assert isinstance(request.user, User)
    request.user.mail_when_done = wanted
    request.user.save(update_fields=["mail_when_done"])
    messages.success(request, _("Saved."))
    return redirect("account_email")


@csrf_exempt  # mail programs send this form by themselves (RFC 8058); the token is the proof
@require_http_methods(["GET", "HEAD", "POST"])
def off(request: HttpRequest, token: str) -> HttpResponse:
    """The link in every such mail: looking changes nothing, for programs follow links; the button does."""
    try:
        user = get_object_or_404(User, pk=signing.Signer(salt=SALT).unsign(token), leaving_at=None)
    except signing.BadSignature as error:
        raise Http404 from error
    if request.method == "POST":
        user.mail_when_done = False
        user.save(update_fields=["mail_when_done"])
    return render(request, "account/mail_off.html", {"is_off": request.method == "POST"})
