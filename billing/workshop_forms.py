"""THE DESK: the staff's forms about canvases: what to look for, how it was sent, why it ends, a word about it."""

from typing import Final

from django import forms
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy

from billing.models import CanvasEvent, CanvasOrder

NOTE: Final = CanvasEvent._meta.get_field("note").max_length
PLAIN: Final = {"autocomplete": "off", "spellcheck": "false"}


class SearchForm(forms.Form):
    """In the address: what is wrong in it is as if it were not there."""

    LATE: Final = "late"
    EVERY: Final = "every"

    q = forms.CharField(
        label=gettext_lazy("Name, e-mail, or a key or number of any kind"), required=False, max_length=254,
        empty_value="", widget=forms.TextInput(attrs={"type": "search", **PLAIN}),
    )  # fmt: skip
    state = forms.ChoiceField(
        label=gettext_lazy("State"), required=False,
        choices=[
            ("", gettext_lazy("under way")), (LATE, gettext_lazy("late")), *CanvasOrder.Status.choices,
            (EVERY, gettext_lazy("all")),
        ],
    )  # fmt: skip


class ShipForm(forms.Form):
    """Both may be empty: not every carrier gives a number."""

    tracking = forms.CharField(
        label=gettext_lazy("Tracking number"), required=False, max_length=120, widget=forms.TextInput(attrs=PLAIN)
    )
    tracking_url = forms.URLField(
        label=gettext_lazy("Tracking page"), required=False, max_length=200, assume_scheme="https",
        validators=[URLValidator(schemes=["http", "https"])], widget=forms.URLInput(attrs=PLAIN),
    )  # fmt: skip


class EndForm(forms.Form):
    note = forms.CharField(
        label=gettext_lazy("Reason"), max_length=NOTE,
        help_text=gettext_lazy("The customer reads it, on the order's page and in the mail."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip


class NoteForm(forms.Form):
    note = forms.CharField(label=gettext_lazy("Note"), max_length=NOTE, widget=forms.Textarea(attrs={"rows": 3}))
    is_public = forms.BooleanField(
        label=gettext_lazy("The customer reads it on the order's page. No mail is sent."), required=False
    )
