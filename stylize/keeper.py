"""THE BENCH: keeps the good pictures of a form, even when something else in it is wrong."""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from PIL import Image

from people import guests
from people.models import User
from stylize import intake, uploads
from stylize.models import Mask, Upload

Kept = TypeVar("Kept", Upload, Mask)


class Keeper:
    """Stores pictures for their owner, whom it makes if need be."""

    def __init__(self, owner: User | None, make_owner: Callable[[], User]) -> None:
        self.owner, self._make_owner = owner, make_owner
        self._gave_up = False

    def keep(self, file: "UploadedFile[Any]") -> Upload:
        return self._kept(file, uploads.read, intake.keep)

    def keep_mask(self, file: "UploadedFile[Any]") -> Mask:
        return self._kept(file, uploads.read_mask, intake.keep_mask)

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
                return store(self.owner, picture)
        except (uploads.UploadError, guests.TooManyGuests) as error:
            raise forms.ValidationError(str(error), code="bad_picture") from error
        except Exception:
            self._gave_up = True
            raise
