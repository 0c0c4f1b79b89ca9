"""THE DESK: the staff's forms: what to look for, how much to give back, which days to write out."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django import forms
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import Payment, Refund
from stylize import addresses, wording
from stylize.materials import new_key

AMOUNT: Final = re.compile(r"([0-9]{1,7})(?:[.,]([0-9]{1,2}))?", re.ASCII)
LAST_CENTURY: Final = datetime(2000, 1, 1, tzinfo=UTC).date()  # nothing was sold before


def minor(written: str) -> int | None:
    """12.50, 12,5 and 12 → minor units; None: no amount. Nothing is guessed: 1 250 and 1.250,00 are none."""
    found = AMOUNT.fullmatch(written.strip())
    return int(found[1]) * wording.MINOR_PER_UNIT + int((found[2] or "").ljust(2, "0")) if found else None


def major(amount_minor: int) -> str:
    """As `minor` reads it."""
    units, rest = divmod(amount_minor, wording.MINOR_PER_UNIT)
    return number_format(f"{units}.{rest:02d}" if rest else units, force_grouping=False, use_l10n=True)


class SearchForm(forms.Form):
    """In the address: what is wrong in it is as if it were not there."""

    TROUBLE: Final = "trouble"

    q = forms.CharField(
        label=gettext_lazy("Key, Stripe's id, e-mail or handle"), required=False, max_length=254, empty_value="",
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    state = forms.ChoiceField(
        label=gettext_lazy("State"), required=False,
        choices=[("", gettext_lazy("all")), (TROUBLE, gettext_lazy("needs a hand")), *Payment.Status.choices],
    )  # fmt: skip


class RefundForm(forms.Form):
    """`key` becomes the new refund's: a form that is sent twice asks once."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=24)
    amount = forms.CharField(label=gettext_lazy("Amount"), max_length=12)
    note = forms.CharField(
        label=gettext_lazy("Reason"), max_length=Refund._meta.get_field("note").max_length,
        help_text=gettext_lazy("Whoever paid reads it."), widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, payment: Payment, data: Any = None) -> None:
        super().__init__(data, initial={"key": new_key(), "amount": major(payment.kept_minor)})
        self.payment = payment
        self.fields["amount"].widget.attrs.update({"inputmode": "decimal", "autocomplete": "off"})

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        if not addresses.KEY.fullmatch(key):
            raise forms.ValidationError(_("Please load the page again."))
        return key

    def clean_amount(self) -> int:
        amount = minor(self.cleaned_data["amount"])
        if not amount:
            raise forms.ValidationError(_("Write an amount like 12.50."))
        if amount > self.payment.kept_minor and not self._was_sent():
            left = wording.money(self.payment.kept_minor, self.payment.currency)
            raise forms.ValidationError(_("Only %(left)s are left.") % {"left": left})
        return amount

    def _was_sent(self) -> bool:
        """Once before; what is left now is what that left."""
        return self.payment.refunds.filter(key=self.data.get("key", "")).exists()


class PeriodForm(forms.Form):
    """Days of UTC, both of them included; by themselves those of this month."""

    since = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    until = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, data: Any = None) -> None:
        today = timezone.now().astimezone(UTC).date()
        super().__init__(data, initial={"since": today.replace(day=1), "until": today})

    def add_prefix(self, field_name: str) -> str:
        return {"since": "from", "until": "to"}.get(field_name, field_name)  # in the address

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        since, until = given.get("since"), given.get("until")
        if since and until and not LAST_CENTURY <= since <= until < LAST_CENTURY.replace(year=3000):
            raise forms.ValidationError(_("The first day comes after the last."))
        return given

    def bounds(self) -> tuple[datetime, datetime]:
        """From the first moment, up to and without the last."""
        since, until = (
            datetime.combine(self.cleaned_data[name], datetime.min.time(), UTC) for name in ("since", "until")
        )
        return since, until + timedelta(days=1)
