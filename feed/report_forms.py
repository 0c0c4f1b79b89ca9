"""THE GALLERY: the forms of reports, and of what staff do about them."""

from django import forms
from django.utils.translation import gettext_lazy as _

from feed.models import Act, Report
from feed.moderation import Complaint

WORDS = Report._meta.get_field("words").max_length
REASON = Act._meta.get_field("reason").max_length


class ReportForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("What is wrong with it?"), choices=Report.Reason.choices, widget=forms.RadioSelect,
        error_messages={"required": _("Choose what is wrong with it.")},
    )  # fmt: skip
    words = forms.CharField(
        label=_("In your own words, if you like"), required=False, max_length=WORDS,
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip

    @property
    def complaint(self) -> Complaint:
        return Complaint(self.cleaned_data["reason"], self.cleaned_data["words"])


class ReasonForm(forms.Form):
    """Why staff take something away: its owner reads it."""

    reason = forms.CharField(
        label=_("Reason"), max_length=REASON, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Its owner reads this, and it stays in the log."),
        error_messages={"required": _("Write the reason: its owner reads it.")},
    )  # fmt: skip


class NoteForm(forms.Form):
    """Why something stays, for the log alone."""

    reason = forms.CharField(
        label=_("Note for the log"), required=False, max_length=REASON, widget=forms.TextInput,
    )  # fmt: skip


class SearchForm(forms.Form):
    """In the address: what is wrong in it is as if it were not there."""

    q = forms.CharField(
        label=_("Key, or the name of who did it"), required=False, max_length=254, empty_value="",
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
