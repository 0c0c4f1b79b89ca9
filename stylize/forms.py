"""THE BENCH: the form that orders a painting. Good pictures are kept even when something else is wrong."""

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from people.models import User
from stylize import jobs, mix, proofs, tiers, tuning
from stylize.keeper import Keeper
from stylize.models import Filter, Job, Mask, Style, Upload
from stylize.photograph import NUMBERS, PhotoForm


class PaintForm(PhotoForm, mix.StyleForm, tuning.TuningForm):
    """`photo_kept` and `style_key` name pictures that are on the server already; `mixed` are the further styles."""

    tier = forms.ChoiceField(choices=[(tier.name, tier.title) for tier in tiers.TIERS.values()], label=_("Tier"))
    iterations = forms.IntegerField(required=False, label=_("Iterations"))
    visibility = forms.ChoiceField(choices=Job.Visibility.choices, label=_("Who may see it"))
    show_photo = forms.BooleanField(required=False, label=_("Show my photo beside the picture"))
    form_token = forms.UUIDField(widget=forms.HiddenInput)
    proof = forms.BooleanField(required=False)  # the second button's name: nine small paintings first

    field_order = (  # what was kept is known before what is new, and the photo before what is done with it
        "photo_kept", "photo", "turn", "protect_for", *NUMBERS, "crop", "protect_kept", "protect",
        "style_key", "style_image",
    )  # fmt: skip

    def __init__(self, *args: Any, owner: User | None, make_owner: Callable[[], User], **kwargs: Any) -> None:
        super().__init__(*args, keeper=Keeper(owner, make_owner), **kwargs)
        self.is_newcomers = owner is None
        self.saved: Filter | None = None  # what it begins with
        self.mixed = mix.further(*args, keeper=self.keeper)
        self.keeper.style_keys = [str(form["style_key"].data or "") for form in (self, *self.mixed)]

    @property
    def owner(self) -> User | None:
        """Who sends it; a newcomer is nobody until a picture is kept."""
        return self.keeper.owner

    def is_valid(self) -> bool:
        """Every style is looked at, whatever is wrong with the others: the good ones are kept. Raises jobs.Conflict."""
        try:
            return all([super().is_valid(), *(form.is_valid() for form in self.mixed)])
        finally:
            self._write_down()

    @property
    def has_errors(self) -> bool:
        return any(form.errors for form in (self, *self.mixed))

    @property
    def is_mixed(self) -> bool:
        """Whether further styles are chosen, or wrong: then the page shows them unfolded."""
        return bool(self["parts"].errors) or any(form.kept_style or form.errors for form in self.mixed)

    def choose_styles(self, styles: list[tuple[Style, int]]) -> None:
        for form, (style, parts) in zip((self, *self.mixed), styles, strict=False):
            form.choose(style, parts)

    def check_missing(self) -> None:
        raise forms.ValidationError(_("Choose a style: from the gallery, or an image of yours."), code="no_style")

    def clean(self) -> None:
        """What concerns several fields: the tier's iterations, and a photo that stays large enough under its cap."""
        tier = tiers.TIERS.get(self.cleaned_data.get("tier", ""))
        if tier is None:
            return
        self._check_iterations(tier)
        self.check_size(tier.max_side)

    def order(self) -> jobs.Order:
        """What a valid form asks for."""
        assert self.kept_photo and self.kept_style
        chosen = self.cleaned_data
        order = jobs.Order(
            photo=self.kept_photo, styles=mix.merged((self, *self.mixed)), tier=chosen["tier"],
            iterations=chosen["iterations"], visibility=chosen["visibility"], show_photo=chosen["show_photo"],
            controls=self.chosen_controls, form_token=chosen["form_token"],
            framing=self.framing, protect=self.kept_mask,
        )  # fmt: skip
        return proofs.before(order) if chosen["proof"] else order

    @cached_property
    def choices_kept(self) -> dict[str, str]:
        """The hidden fields that bring the kept pictures back with the next try."""
        styles = {form.add_prefix("style_key"): form.kept_style for form in (self, *self.mixed)}
        kept: dict[str, Upload | Mask | Style | None] = {
            "photo_kept": self.kept_photo, "protect_kept": self.kept_mask, **styles,
        }  # fmt: skip
        return self.framing_kept | {name: picture.key if picture else "" for name, picture in kept.items()}

    def _write_down(self) -> None:
        try:
            self.keeper.write_down()
        except jobs.Conflict:
            gone = self.keeper.unwritten
            self.kept_photo = None if self.kept_photo in gone else self.kept_photo
            self.kept_mask = None if self.kept_mask in gone else self.kept_mask
            for form in (self, *self.mixed):
                form.kept_style = None if form.kept_style in gone else form.kept_style
            raise

    def _check_iterations(self, tier: tiers.Tier) -> None:
        asked = self.cleaned_data.get("iterations") if len(tier.iterations) > 1 else tier.iterations[0]
        self.cleaned_data["iterations"] = asked
        if asked not in tier.iterations:
            first, last, step = tier.iterations[0], tier.iterations[-1], tier.iterations.step
            wanted = _("Choose %(first)s to %(last)s iterations in steps of %(step)s.")
            self.add_error("iterations", wanted % {"first": first, "last": last, "step": step})

    def renew(self, why: str) -> None:
        """Turn the form into one that has not been sent yet, with a word about why it comes back."""
        self.data = {**self.data.dict(), "form_token": str(new_token())}  # type: ignore[attr-defined]  # a QueryDict
        self.add_error(None, why)


def new_token() -> uuid.UUID:
    return uuid.uuid4()


class ProofForm(forms.Form):
    """Which of nine proofs becomes the order."""

    proof = forms.TypedChoiceField(
        coerce=int, choices=[(number, number) for number in range(tiers.PROOF_SIDE**2)],
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Choose one of the nine.")),
    )  # fmt: skip
    form_token = forms.UUIDField(widget=forms.HiddenInput)


class VisibilityForm(forms.Form):
    visibility = forms.ChoiceField(choices=Job.Visibility.choices)
    show_photo = forms.BooleanField(required=False)
    allow_prints = forms.BooleanField(required=False)
