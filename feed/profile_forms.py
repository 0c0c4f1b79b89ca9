"""THE GALLERY: what people say about themselves: a handle, a line, a picture, and what they want to be told."""

from collections.abc import Iterable
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from people import notices
from people.models import Notice, User
from stylize import uploads

RESERVED: Final = frozenset(
    {
        "abuse", "admin", "administrator", "anonymous", "billing", "contact", "deleted", "everybody", "everyone",
        "guest", "help", "helpdesk", "info", "moderation", "moderator", "nobody", "none", "null", "official",
        "payments", "postmaster", "root", "security", "service", "staff", "support", "system", "team", "undefined",
        "webmaster", "house-painter",
    }
)  # fmt: skip
"""Nobody is called as if the site itself spoke; also not as a part between hyphens."""


class ProfileForm(forms.Form):
    handle = forms.CharField(
        label=_("Handle"),
        max_length=30,
        help_text=_("3 to 30 of a-z, 0-9 and -. It stands beside your pictures and in the address of your page."),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    about = forms.CharField(
        label=_("A line about yourself"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, *, person: User) -> None:
        super().__init__(data, initial={"handle": person.handle, "about": person.about})
        self.person = person

    def clean_handle(self) -> str:
        """One and the same whatever the case. What one has one may keep."""
        handle = str(self.cleaned_data["handle"]).lower()
        if handle == self.person.handle:
            return handle
        for validate in User._meta.get_field("handle").validators:
            validate(handle)
        if RESERVED & {handle, *handle.split("-")} or "ostagram" in handle.replace("-", ""):
            raise forms.ValidationError(_("This handle is kept for the site itself. Choose another."), code="reserved")
        if User.objects.filter(handle=handle).exists():
            self.add_error("handle", taken())
        return handle

    def clean_about(self) -> str:
        """One line."""
        return " ".join(str(self.cleaned_data["about"]).split())


class AvatarForm(forms.Form):
    avatar = forms.FileField(
        widget=forms.FileInput(attrs={"accept": "image/*"}),
        error_messages={"required": _("Choose a picture first."), "missing": _("Choose a picture first.")},
    )

    def clean_avatar(self) -> Any:
        """The picture, checked and upright."""
        sent = self.cleaned_data["avatar"]
        assert isinstance(sent, UploadedFile) and sent.file
        try:
            return uploads.read(sent.file, size=sent.size)
        except uploads.UploadError as error:
            raise forms.ValidationError(str(error), code=error.code) from error


class SwitchesForm(forms.Form):
    """A tick for each kind of notice and way of telling; what cannot be switched off is not here."""

    mail_when_done = forms.BooleanField(required=False)

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mail_when_done"].initial = person.mail_when_done
        for name in switches():
            self.fields[name] = forms.BooleanField(required=False, initial=name not in person.muted)

    @property
    def rows(self) -> list[tuple[Any, forms.BoundField, forms.BoundField | None]]:
        """Of each kind its words, the tick of the site, and that of the digest where it tells of such things."""
        return [
            (kind.label, self[f"{notices.ON_SITE}:{kind}"], self[f"{notices.IN_MAIL}:{kind}"] if in_mail else None)
            for kind, in_mail in _kinds()
        ]

    @property
    def muted(self) -> list[str]:
        return [name for name in switches() if not self.cleaned_data[name]]


def switches() -> list[str]:
    """The names of all switches, as User.muted has them."""
    return [
        f"{way}:{kind}"
        for kind, in_mail in _kinds()
        for way in ((notices.ON_SITE, notices.IN_MAIL) if in_mail else (notices.ON_SITE,))
    ]


def taken() -> forms.ValidationError:
    return forms.ValidationError(_("Somebody has this handle already. Choose another."), code="taken")


def _kinds() -> Iterable[tuple[Notice.Kind, bool]]:
    """Those that can be switched, and whether the digest tells of them."""
    return [(kind, kind not in notices.AT_ONCE) for kind in Notice.Kind if kind not in notices.ALWAYS]
