"""THE BENCH: the part of the form about the photo: which one, how it is framed, and what of it stays as it is."""

from functools import cached_property
from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stylize import framing, uploads
from stylize.keeper import Keeper
from stylize.models import Mask, Upload

TURNS = (
    (0, gettext_lazy("As it is")),
    (1, gettext_lazy("A quarter to the right")),
    (2, gettext_lazy("Upside down")),
    (3, gettext_lazy("A quarter to the left")),
)
NUMBERS = {
    "crop_left": gettext_lazy("Cut off on the left"), "crop_top": gettext_lazy("Cut off above"),
    "crop_width": gettext_lazy("Width that is left"), "crop_height": gettext_lazy("Height that is left"),
}  # fmt: skip


class Number(NamedTuple):
    """A field of the crop as the page shows it."""

    name: str
    label: str
    value: Any
    is_wrong: bool


class PhotoForm(forms.Form):
    """`crop` lies in the turned photo, the mask `protect` over the turned and cropped one; `protect_for` is the
    framing that the page came with, for which the mask `protect_kept` was made. The numbers are the same crop in
    percent, for those without scripts: they count where they are not those that the page came with.
    """

    photo = forms.FileField(required=False, label=gettext_lazy("Your photo"))
    photo_kept = forms.CharField(required=False, max_length=24, widget=forms.HiddenInput)
    turn = forms.ChoiceField(
        required=False, choices=TURNS, initial=0, label=gettext_lazy("Turn the photo"),
        error_messages={"invalid_choice": gettext_lazy("Choose one of the four ways to turn the photo.")},
    )  # fmt: skip
    crop = forms.CharField(required=False, widget=forms.HiddenInput)
    crop_left = forms.FloatField(required=False)
    crop_top = forms.FloatField(required=False)
    crop_width = forms.FloatField(required=False)
    crop_height = forms.FloatField(required=False)
    protect = forms.FileField(
        required=False, label=gettext_lazy("A mask: a picture that is white where the photo stays")
    )
    protect_kept = forms.CharField(required=False, max_length=24, widget=forms.HiddenInput)
    protect_for = forms.CharField(required=False, widget=forms.HiddenInput)

    keeper: Keeper
    kept_photo: Upload | None = None
    kept_mask: Mask | None = None
    is_another_photo = False  # in the place of one that was here: crop and mask were made for that one

    def clean_photo_kept(self) -> str:
        key = str(self.cleaned_data["photo_kept"])
        self.kept_photo = Upload.objects.owned_by(self.keeper.owner).filter(key=key).first() if key else None
        return key

    def clean_photo(self) -> None:
        file = self.cleaned_data["photo"]
        if file:
            self.is_another_photo = self.kept_photo is not None
            self.kept_photo = None  # a new choice replaces the old one, even when it is bad
            self.kept_photo = self.keeper.keep(file)
        elif self.kept_photo is None:
            raise forms.ValidationError(_("Choose the photo that you want painted."), code="no_photo")

    def clean_turn(self) -> int:
        return int(self.cleaned_data["turn"] or 0)

    def clean_crop(self) -> framing.Crop:
        if any(name in self.errors for name in NUMBERS):
            message = _("Write the crop in numbers from 0 to 100, such as 12.5, or leave them empty.")
            raise forms.ValidationError(message, code="bad_crop")
        try:
            if self._has_new_numbers():
                return framing.crop_of_percents(self._percents())
            if self.is_another_photo:
                return framing.ALL
            return framing.crop_of(self.cleaned_data["crop"], self.cleaned_data.get("turn", 0))
        except framing.FramingError as error:
            raise forms.ValidationError(str(error), code="bad_crop") from error

    def _percents(self) -> framing.Percents:
        left, top, width, height = (self.cleaned_data[name] for name in NUMBERS)
        return left, top, width, height

    def _has_new_numbers(self) -> bool:
        """Whether somebody has written other numbers than the page came with."""
        if not any(self.add_prefix(name) in self.data for name in NUMBERS):
            return False
        try:
            before = framing.crop_of(self.cleaned_data["protect_for"].rpartition(":")[2])
        except framing.FramingError:
            before = framing.ALL
        return self._percents() != framing.percents_of(before)

    def clean_protect_kept(self) -> str:
        key = str(self.cleaned_data["protect_kept"])
        if key and not self.is_another_photo:
            self.kept_mask = Mask.objects.owned_by(self.keeper.owner).filter(key=key).first()
        return key

    def clean_protect(self) -> None:
        file = self.cleaned_data["protect"]
        if file:
            self.kept_mask = None
            self.kept_mask = self.keeper.keep_mask(file)
        elif self.kept_mask is None and self.cleaned_data.get("protect_kept") and not self.is_another_photo:
            message = _("The mask is not there any more. Protect the parts again, or send it without.")
            raise forms.ValidationError(message, code="mask_gone")
        elif self.kept_mask and self.cleaned_data["protect_for"] != str(self.framing):
            self.kept_mask = None
            message = _("The photo is framed in another way now, and the mask does not fit it. Choose a mask again.")
            raise forms.ValidationError(message, code="mask_of_another_framing")

    def _readable_crop(self) -> framing.Crop:
        cleaned = self.cleaned_data if self.is_bound and self.errors is not None else {}
        if self.kept_photo is None:
            return framing.ALL
        if "crop" in cleaned:
            return self.framing.crop
        if self.is_another_photo:
            return framing.ALL
        try:
            return framing.crop_of(str(self["crop"].value() or ""), cleaned.get("turn", 0))
        except framing.FramingError:
            return framing.ALL

    def check_size(self, max_side: int) -> None:
        """Whether the framed photo is large enough, and stays so when it is painted."""
        if self.kept_photo is None:
            return
        try:
            size = self.framing.checked_size(self.kept_photo.width, self.kept_photo.height)
            uploads.check_fits(*size, max_side)
        except framing.FramingError as error:
            self.add_error("crop", str(error))
        except uploads.UploadError as error:
            self.add_error("photo", str(error))

    @property
    def framing(self) -> framing.Framing:
        """What a form that was sent asks for, as far as it is sound."""
        return framing.Framing(self.cleaned_data.get("turn", 0), self.cleaned_data.get("crop", framing.ALL))

    @cached_property
    def framing_kept(self) -> dict[str, str]:
        """How the fields begin or come back: a crop that nobody can read is left out."""
        turn, crop = str(self["turn"].value() or 0), framing.written(self._readable_crop())
        return {"turn": turn, "crop": crop, "protect_for": f"{turn}:{crop}"}

    @property
    def is_framed(self) -> bool:
        """Whether anything here is set, or wrong: then the page shows it unfolded."""
        kept = self.framing_kept
        wrong = any(self[name].errors for name in ("turn", "crop", "protect"))
        return wrong or kept["turn"] != "0" or bool(kept["crop"] or self.kept_mask)

    @property
    def crop_numbers(self) -> list[Number]:
        """The crop in percent; what was written wrong comes back as it was written."""
        percents = framing.percents_of(self._readable_crop())
        is_wrong = "crop" in self.errors
        shown = [self[name].value() for name in NUMBERS] if is_wrong else percents
        values = zip(NUMBERS.items(), shown, strict=True)
        return [Number(name, str(label), "" if value is None else value, is_wrong) for (name, label), value in values]
