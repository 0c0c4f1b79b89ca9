"""THE BENCH: the form that orders a painting. Good pictures are kept even when something else is wrong."""

import uuid
from collections.abc import Callable
from threading import BoundedSemaphore
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from people import guests
from people.models import User
from stylize import intake, jobs, tiers, uploads
from stylize.models import Job, Style, Upload

DECODERS: Final = 2  # at once in a process: a picture of 50 megapixels takes up to 800 MB while it is read
_decoders = BoundedSemaphore(DECODERS)


class PaintForm(forms.Form):
    """`photo_kept` and `style_key` name pictures that are on the server already."""

    photo = forms.FileField(required=False, label=_("Your photo"))
    photo_kept = forms.CharField(required=False, max_length=24, widget=forms.HiddenInput)
    style_image = forms.FileField(required=False, label=_("Your own style image"))
    style_key = forms.CharField(required=False, max_length=24, label=_("Style"))
    tier = forms.ChoiceField(choices=[(tier.name, tier.title) for tier in tiers.TIERS.values()], label=_("Tier"))
    iterations = forms.IntegerField(required=False, label=_("Iterations"))
    visibility = forms.ChoiceField(choices=Job.Visibility.choices, label=_("Who may see it"))
    show_photo = forms.BooleanField(required=False, label=_("Show my photo beside the picture"))
    form_token = forms.UUIDField(widget=forms.HiddenInput)

    field_order = ("photo_kept", "photo", "style_key", "style_image")  # what was kept is known before what is new

    def __init__(self, *args: Any, owner: User | None, make_owner: Callable[[], User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.owner, self._make_owner, self.is_newcomers = owner, make_owner, owner is None
        self.kept_photo: Upload | None = None
        self.kept_style: Style | None = None

    def clean_photo_kept(self) -> str:
        key = str(self.cleaned_data["photo_kept"])
        self.kept_photo = Upload.objects.owned_by(self.owner).filter(key=key).first() if key else None
        return key

    def clean_photo(self) -> None:
        file = self.cleaned_data["photo"]
        if file:
            self.kept_photo = None  # a new choice replaces the old one, even when it is bad
            self.kept_photo = self._keep(file)
        elif self.kept_photo is None:
            raise forms.ValidationError(_("Choose the photo that you want painted."), code="no_photo")

    def clean_style_key(self) -> str:
        key = str(self.cleaned_data["style_key"])
        self.kept_style = Style.objects.usable_by(self.owner).filter(key=key).first() if key else None
        return key

    def clean_style_image(self) -> None:
        file = self.cleaned_data["style_image"]
        if file:
            self.kept_style = None
            image = self._keep(file)
            self.kept_style = Style.objects.create(owner=image.owner, image=image)
        elif self.kept_style is None:
            raise forms.ValidationError(_("Choose a style: from the gallery, or an image of yours."), code="no_style")

    def clean(self) -> None:
        """What concerns several fields: the tier's iterations, and a photo that stays large enough under its cap."""
        tier = tiers.TIERS.get(self.cleaned_data.get("tier", ""))
        if tier is None:
            return
        self._check_iterations(tier)
        if self.kept_photo:
            try:
                uploads.check_fits(self.kept_photo.width, self.kept_photo.height, tier.max_side)
            except uploads.UploadError as error:
                self.add_error("photo", str(error))

    def order(self) -> jobs.Order:
        """What a valid form asks for."""
        assert self.kept_photo and self.kept_style
        chosen = self.cleaned_data
        return jobs.Order(
            photo=self.kept_photo, styles=((self.kept_style, 1.0),), tier=chosen["tier"],
            iterations=chosen["iterations"], visibility=chosen["visibility"], show_photo=chosen["show_photo"],
            form_token=chosen["form_token"],
        )  # fmt: skip

    @cached_property
    def choices_kept(self) -> dict[str, str]:
        """The hidden fields that bring the kept pictures back with the next try."""
        return {
            "photo_kept": self.kept_photo.key if self.kept_photo else "",
            "style_key": self.kept_style.key if self.kept_style else "",
        }

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

    def _keep(self, file: "UploadedFile[Any]") -> Upload:
        """Store a good picture for its owner, whom it makes if need be; a bad one is a message and nothing else."""
        try:
            with _decoders:
                picture = uploads.read(file, size=file.size)
            self.owner = self.owner or self._make_owner()
            return intake.keep(self.owner, picture)
        except (uploads.UploadError, guests.TooManyGuests) as error:
            raise forms.ValidationError(str(error), code="bad_picture") from error


def new_token() -> uuid.UUID:
    return uuid.uuid4()


class VisibilityForm(forms.Form):
    visibility = forms.ChoiceField(choices=Job.Visibility.choices)
    show_photo = forms.BooleanField(required=False)
