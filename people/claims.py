"""THE DOOR: the claim link. It brings a guest's pictures back to whoever has lost the cookie that they hang on."""

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from people import guests
from people.models import User

SALT = "people.claims"


def token_of(guest: User) -> str:
    """A signed leave to act for this guest; it goes to nobody but whoever has paid as that guest."""
    return signing.Signer(salt=SALT).sign(str(guest.pk))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: HttpRequest, token: str) -> HttpResponse:
    """Looking changes nothing, because mail programs follow links; the button does."""
    try:
        pk = signing.Signer(salt=SALT).unsign(token)
        guest = User.objects.filter(pk=pk, is_guest=True, leaving_at=None).first()
    except signing.BadSignature as error:
        raise Http404 from error
    if guest and request.method == "POST" and guests.claim(request, guest):
        messages.success(request, _("Your pictures are here."))
        return redirect("stylize:mine")
    acting = guests.owner(request)
    other = acting if acting and acting != guest else None
    return render(request, "account/claim.html", {"guest": guest, "other": other, "is_here": guest == acting})
