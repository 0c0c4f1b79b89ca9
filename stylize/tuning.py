"""THE BENCH: the part of the form that steers a painting; whoever leaves it closed gets what is usual."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from stylize import controls, wording


class DialField(forms.FloatField):
    def __init__(self, dial: controls.Dial) -> None:
        low, high = wording.number_lazy(dial.low), wording.number_lazy(dial.high)
        wanted = format_lazy(_("Choose a number from {low} to {high}."), low=low, high=high)
        words = dict.fromkeys(("invalid", "min_value", "max_value"), wanted)
        super().__init__(
            required=False, initial=dial.default, min_value=dial.low, max_value=dial.high, error_messages=words,
            label=dial.title,  # type: ignore[arg-type]  # the stubs' own kind of Promise
        )  # fmt: skip
        self.dial = dial

    def clean(self, value: Any) -> float:
        number = super().clean(value)
        return self.dial.default if number is None else float(number)


@dataclass(frozen=True)
class Stop:
    """One choice of a control as the page shows it: a small picture of what it does, with few words or none."""

    value: str
    chosen: bool
    example: str  # its picture below static/; empty for a value that came from elsewhere
    caption: str | Promise = ""


@dataclass(frozen=True)
class Scale:
    """A dial as the page shows it."""

    dial: controls.Dial
    field: forms.BoundField
    stops: list[Stop]


class TuningForm(forms.Form):
    strength = DialField(controls.STRENGTH)
    brush_size = DialField(controls.BRUSH_SIZE)
    smoothness = DialField(controls.SMOOTHNESS)
    colours = forms.ChoiceField(
        required=False, choices=controls.COLOURS.items(), initial=controls.DEFAULTS["colours"], label=_("Colours"),
        error_messages={"invalid_choice": _("Choose one of the four ways to colour the picture.")},
    )  # fmt: skip
    palette = forms.TypedChoiceField(
        required=False, coerce=int, choices=[(n, n) for n in controls.PALETTE],
        initial=controls.DEFAULTS["palette"], empty_value=controls.DEFAULTS["palette"], label=_("How many colours"),
        error_messages={"invalid_choice": _("Choose from 2 to 32 colours.")},
    )  # fmt: skip

    def clean_colours(self) -> str:
        return str(self.cleaned_data["colours"] or controls.DEFAULTS["colours"])

    @property
    def chosen_controls(self) -> dict[str, Any]:
        """What a valid form says that is not the usual."""
        return controls.differing(self.cleaned_data)

    @property
    def is_tuned(self) -> bool:
        """Whether anything here is set, or wrong: then the page shows it unfolded."""
        return any(self._differs(name) for name in controls.DEFAULTS)

    @property
    def scales(self) -> list[Scale]:
        return [Scale(dial, self[dial.name], self._stops(dial)) for dial in controls.DIALS]

    @property
    def colour_stops(self) -> list[Stop]:
        chosen = self["colours"].value() or controls.DEFAULTS["colours"]
        ways = controls.COLOURS.items()
        return [Stop(way, way == chosen, controls.example("colours", way), title) for way, title in ways]

    @property
    def palette_stops(self) -> list[Stop]:
        found = self._with_own("palette", controls.PALETTE_STOPS)
        return [Stop(str(count), chosen, example, str(count)) for count, chosen, example in found]

    @property
    def tuning_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in controls.DEFAULTS]

    def _differs(self, name: str) -> bool:
        try:
            value = self.fields[name].to_python(self[name].value())
        except forms.ValidationError:
            return True
        return value not in (None, "") and value not in (controls.DEFAULTS[name], str(controls.DEFAULTS[name]))

    def _stops(self, dial: controls.Dial) -> list[Stop]:
        captions = {dial.stops[0]: dial.less, dial.default: _("usual"), dial.stops[-1]: dial.more}
        return [
            Stop(f"{stop:.12g}", chosen, example, captions.get(stop, ""))
            for stop, chosen, example in self._with_own(dial.name, dial.stops)
        ]

    def _with_own(self, name: str, usual: Sequence[float]) -> list[tuple[float, bool, str]]:
        """(stop, chosen, example) of the usual stops, and between them of a value that came from elsewhere."""
        try:
            chosen = self.fields[name].clean(self[name].value())
        except forms.ValidationError:
            chosen = None
        stops = sorted({*usual, *(() if chosen is None else (chosen,))})
        return [(stop, stop == chosen, controls.example(name, stop) if stop in usual else "") for stop in stops]
