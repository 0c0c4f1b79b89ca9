"""THE BENCH: the styles of an order: one, or up to four in parts as of a recipe; each has a form of its own."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from people.models import User
from stylize.keeper import Keeper
from stylize.models import Job, Style

PARTS: Final = range(1, 11)
FURTHER: Final = {"mix1": _("Second style"), "mix2": _("Third style"), "mix3": _("Fourth style")}  # by their prefix

Weighted = tuple[Style, float]


class StyleForm(forms.Form):
    """One style, from the gallery or of one's own; `style_key` names one that is on the server already."""

    style_key = forms.CharField(required=False, max_length=24, label=_("Style"))
    style_image = forms.FileField(required=False, label=_("Your own style image"))
    parts = forms.TypedChoiceField(
        required=False, coerce=int, choices=[(n, n) for n in PARTS], initial=1, label=_("Parts"),
        error_messages={"invalid_choice": _("Choose from 1 to 10 parts.")},
    )  # fmt: skip

    def __init__(self, *args: Any, keeper: Keeper, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keeper = keeper
        self.kept_style: Style | None = None

    def clean_style_key(self) -> str:
        key = str(self.cleaned_data["style_key"])
        self.kept_style = self.keeper.style(key)
        return key

    def clean_style_image(self) -> None:
        file = self.cleaned_data["style_image"]
        if file:
            self.kept_style = None  # a new choice replaces the old one, even when it is bad
            self.kept_style = self.keeper.keep_style(file)
        elif self.kept_style is None:
            self.check_missing()

    def clean_parts(self) -> int:
        return int(self.cleaned_data["parts"] or 1)

    def check_missing(self) -> None:
        """None is chosen: raise ValidationError where that is wrong."""
        if self.data.get(self.add_prefix("style_key")):
            raise forms.ValidationError(_("This style is not there any more. Choose another."), code="no_style")

    def choose(self, style: Style, parts: int) -> None:
        """Begin with this choice, in a form that has not been sent yet."""
        self.kept_style = style
        self.initial["parts"] = parts

    @property
    def title(self) -> str:
        return str(FURTHER[self.prefix or ""])


def further(*args: Any, keeper: Keeper) -> list[StyleForm]:
    """The forms of all styles but the first."""
    return [StyleForm(*args, prefix=prefix, keeper=keeper) for prefix in FURTHER]


def merged(chosen: Iterable[StyleForm]) -> tuple[Weighted, ...]:
    """What valid forms ask for: a style that is chosen twice counts with the sum of its parts."""
    parts: dict[Style, float] = {}
    for form in chosen:
        if form.kept_style:
            parts[form.kept_style] = parts.get(form.kept_style, 0.0) + form.cleaned_data["parts"]
    return tuple(parts.items()) if len(parts) > 1 else tuple((style, 1.0) for style in parts)


def of(job: Job, user: User | None) -> list[tuple[Style, int]]:
    """A job's styles with their parts, as far as `user` may paint with them."""
    usable = set(Style.objects.usable_by(user).filter(job=job))
    links = [link for link in job.style_links.all() if link.style in usable]
    return list(zip([link.style for link in links], in_parts([link.weight for link in links]), strict=True))


def in_parts(weights: Sequence[float]) -> list[int]:
    """Weights as parts that the form offers: as they are where they can be, else near their proportion."""
    if all(weight in PARTS for weight in weights):
        return [int(weight) for weight in weights]
    return [max(PARTS[0], round(PARTS[-1] * weight / max(weights))) for weight in weights]


def shares(weights: Sequence[float]) -> list[int]:
    """Weights in percent that sum to 100, by the largest remainders."""
    exact = [100 * weight / sum(weights) for weight in weights]
    whole = [int(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda at: whole[at] - exact[at])
    for at in by_remainder[: 100 - sum(whole)]:
        whole[at] += 1
    return whole
