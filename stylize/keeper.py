"""THE BENCH: keeps the good pictures of a form, even when something else in it is wrong."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, TypeVar

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from PIL import Image

from people import guests
from people.models import User
from stylize import addresses, intake, uploads
from stylize.models import Mask, Style, Upload

Kept = TypeVar("Kept", Upload, Mask)


class Keeper:
    """Stores pictures for their owner, whom it makes if need be; `write_down` writes the rows of all of them at once.

    `style_keys` are those of all styles that the form names, looked up together.
    """

    def __init__(self, owner: User | None, make_owner: Callable[[], User]) -> None:
        self.owner, self._make_owner = owner, make_owner
        self._gave_up = False
        self.style_keys: Sequence[str] = ()
        self.unwritten: list[Upload | Mask | Style] = []

    def style(self, key: str) -> Style | None:
        """One of those that the form names, where its owner may paint with it."""
        return self._styles.get(key) if key else None

    def keep(self, file: "UploadedFile[Any]") -> Upload:
        return self._kept(file, uploads.read, intake.store)

    def keep_mask(self, file: "UploadedFile[Any]") -> Mask:
        return self._kept(file, uploads.read_mask, intake.store_mask)

    def keep_style(self, file: "UploadedFile[Any]") -> Style:
        image = self.keep(file)
        style = Style(owner=image.owner, image=image)
        self.unwritten.append(style)
        return style

    def write_down(self) -> None:
        """Write the rows of what was kept. Raises jobs.Conflict, and then nothing was kept."""
        intake.write_down(self.unwritten)
        self.unwritten = []

    @cached_property
    def _styles(self) -> dict[str, Style]:
        keys = [key for key in self.style_keys if addresses.KEY.fullmatch(key)]
        return {style.key: style for style in Style.objects.usable_by(self.owner).filter(key__in=keys)}

    def _kept(
        self, file: "UploadedFile[Any]", read: Callable[..., Image.Image], store: Callable[[User, Image.Image], Kept]
    ) -> Kept:
        """A good picture is stored; a bad one is a ValidationError and nothing else.

        Raises also what `store` does; then it has given up, and the form's other pictures are not tried.
        """
        if self._gave_up:
            raise forms.ValidationError(_("This picture did not arrive. Choose it again."), code="not_kept")
        try:
            with intake.decoders:
                picture = read(file, size=file.size)
                self.owner = self.owner or self._make_owner()
                kept = store(self.owner, picture)
        except (uploads.UploadError, guests.TooManyGuests) as error:
            raise forms.ValidationError(str(error), code="bad_picture") from error
        except Exception:
            self._gave_up = True
            raise
        self.unwritten.append(kept)
        return kept
