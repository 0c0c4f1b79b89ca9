"""THE DESK: what the practice till's pay page asks its visitor for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.till import sessions
from billing.till.books import Object

SHIPPING = ("name", "line1", "line2", "postal_code", "city", "state", "country")


class PayForm(forms.Form):
    """An address only where something is sent; an e-mail address that the shop has given cannot be changed."""

    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    name = forms.CharField(label=_("Full name"), widget=forms.TextInput(attrs={"autocomplete": "name"}))
    line1 = forms.CharField(label=_("Address"), widget=forms.TextInput(attrs={"autocomplete": "address-line1"}))
    line2 = forms.CharField(
        label=_("Address, second line"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "address-line2"}),
    )
    postal_code = forms.CharField(label=_("Postal code"), widget=forms.TextInput(attrs={"autocomplete": "postal-code"}))
    city = forms.CharField(label=_("Town"), widget=forms.TextInput(attrs={"autocomplete": "address-level2"}))
    state = forms.CharField(
        label=_("Region"), required=False, widget=forms.TextInput(attrs={"autocomplete": "address-level1"})
    )
    country = forms.ChoiceField(
        label=_("Country"), widget=forms.Select(attrs={"autocomplete": "country", "class": "select"})
    )
    phone = forms.CharField(label=_("Phone"), widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}))

    def __init__(self, session: Object, data: Any = None, **options: Any) -> None:
        super().__init__(data, label_suffix="", **options)
        collected = session["shipping_address_collection"]
        if collected:
            self.fields["country"].choices = [(code, code) for code in collected["allowed_countries"]]  # type: ignore[attr-defined]
        else:
            for name in SHIPPING:
                del self.fields[name]
        if not session["phone_number_collection"]["enabled"]:
            del self.fields["phone"]
        if session["customer_email"]:
            self.fields["email"].disabled = True
            self.fields["email"].initial = session["customer_email"]

    def visitor(self) -> sessions.Visitor:
        """After is_valid()."""
        given: dict[str, str] = self.cleaned_data
        address = {part: given[part] for part in sessions.ADDRESS if given.get(part)}
        return sessions.Visitor(given["email"], given.get("name", ""), address, given.get("phone", ""))
