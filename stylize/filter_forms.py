"""THE BENCH: the form of a saved style: its name, who sees it, and the settings that suit it."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stylize import tuning
from stylize.models import Filter

PRIVATE, PUBLIC = "private", "public"
SHOWN: Final = {PRIVATE: _("Only for me"), PUBLIC: _("In the gallery of styles, for everybody")}


class FilterForm(tuning.TuningForm):
    name = forms.CharField(max_length=80, label=pgettext_lazy("of a style", "Name"))
    shown = forms.ChoiceField(
        choices=SHOWN.items(), initial=PRIVATE, label=_("Who may use it"),
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Choose one of the two.")),
    )  # fmt: skip

    field_order = ("name", "shown")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs.update({"autocomplete": "off", "maxlength": 80})

    @property
    def wanted(self) -> dict[str, Any]:
        """What a valid form says, as filters.save takes it."""
        chosen = self.cleaned_data
        return {"name": chosen["name"], "settings": self.chosen_controls, "is_public": chosen["shown"] == PUBLIC}

    @property
    def shown_choices(self) -> list[tuple[str, Any]]:
        return list(SHOWN.items())


def of(found: Filter) -> dict[str, Any]:
    """What the form begins with."""
    return {"name": found.name, "shown": PUBLIC if found.is_public else PRIVATE, **found.controls}
