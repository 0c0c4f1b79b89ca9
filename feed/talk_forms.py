"""THE GALLERY: what people write to each other."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from feed.models import Comment

MOST: int = Comment._meta.get_field("text").max_length or 0


class CommentField(forms.CharField):
    def to_python(self, value: Any) -> str:
        """A new line is one character, as people count."""
        return str(super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n")

    def validate(self, value: str) -> None:
        super().validate(value)
        if not any(sign.isprintable() and not sign.isspace() for sign in value):
            raise forms.ValidationError(self.error_messages["required"], code="required")


class CommentForm(forms.Form):
    text = CommentField(
        max_length=MOST,
        label=_("Your comment"),
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": MOST}),
        error_messages={"required": _("Write something first.")},
    )
    form_token = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def renew(self, why: str) -> None:
        """Turn the form into one that has not been sent yet, with a word about why it comes back."""
        self.data = {"text": self.data.get("text", ""), "form_token": str(uuid.uuid4())}
        self.add_error(None, why)
