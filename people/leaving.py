"""THE DOOR: the page to delete one's account, or what a guest has painted in this browser."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from people import erasure, guests, limits
from people.models import User


class LeavingForm(forms.Form):
    """Proof that it is meant: the password; where there is none, the handle; of a guest, a tick."""

    def __init__(self, person: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        if person.is_guest:
            self.fields["sure"] = forms.BooleanField(
                label=gettext_lazy("Delete everything"),
                error_messages={"required": gettext_lazy("Tick the box, so that we know you mean it.")},
            )
        elif person.has_usable_password():
            widget = forms.PasswordInput(attrs={"autocomplete": "current-password"})
            self.fields["password"] = forms.CharField(label=gettext_lazy("Your password"), strip=False, widget=widget)
        else:
            plain = forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"})
            self.fields["handle"] = forms.CharField(label=gettext_lazy("Your handle"), widget=plain)

    def clean_password(self) -> None:
        if not self.person.check_password(self.cleaned_data["password"]):
            raise forms.ValidationError(_("This is not your password."))

    def clean_handle(self) -> None:
        if self.cleaned_data["handle"].strip().lstrip("@").lower() != self.person.handle:
            raise forms.ValidationError(_("Type %(handle)s.") % {"handle": self.person.handle})


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@limits.at_most("leave")
def page(request: HttpRequest) -> HttpResponse:
    """What goes, what stays and why; then it goes."""
    person = guests.owner(request)
    if person is None:
        return redirect_to_login(request.get_full_path())
    form = LeavingForm(person, request.POST or None) if request.method == "POST" else LeavingForm(person)
    if request.method != "POST" or not form.is_valid():
        status = 400 if request.method == "POST" else 200
        return render(request, "account/leave.html", {"form": form, "person": person}, status=status)
    erasure.begin(person)
    logout(request)  # a guest's session ends, too
    messages.success(request, _("Everything of yours is hidden, and is being deleted now. Farewell."))
    return redirect("feed:index")
