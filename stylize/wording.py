"""THE BENCH: numbers, times and prices as people write them in the language in force. Pure."""

from django.utils.formats import number_format
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MINOR_PER_UNIT = 100
SYMBOLS = {"RUB": "₽"}


def number(value: float) -> str:
    """0.5 → 0.5, or 0,5 in Russian"""
    return number_format(f"{value:g}")


number_lazy = lazy(number, str)  # for what is put together before a language is in force


def money(amount_minor: int, currency: str) -> str:
    """5000, "RUB" → 50 ₽"""
    units, rest = divmod(amount_minor, MINOR_PER_UNIT)
    amount = f"{units}.{rest:02d}" if rest else units  # a float could be a kopeck off
    return f"{number_format(amount, force_grouping=True)}\u00a0{SYMBOLS.get(currency, currency)}"


def price(amount_minor: int, currency: str) -> str:
    return money(amount_minor, currency) if amount_minor else _("free of charge")


def about(seconds: float | None) -> str:
    """A duration as people say it, never more exact than it is known."""
    if seconds is None:
        return _("not measured yet")
    if seconds < 50:
        tens = max(10, round(seconds / 10) * 10)
        return ngettext("about %(n)d second", "about %(n)d seconds", tens) % {"n": tens}
    minutes = max(1, round(seconds / 60))
    if minutes < 100:
        return ngettext("about %(n)d minute", "about %(n)d minutes", minutes) % {"n": minutes}
    hours = round(minutes / 60)
    return ngettext("about %(n)d hour", "about %(n)d hours", hours) % {"n": hours}


def duration(seconds: float) -> str:
    """A time that was measured: 12.4 → 12 s, 3725 → 1 h 2 min"""
    whole = max(1, round(seconds))
    minutes, rest_s = divmod(whole, 60)
    if not minutes:
        return _("%(s)d\u00a0s") % {"s": rest_s}
    hours, rest_min = divmod(minutes, 60)
    if not hours:
        return _("%(min)d\u00a0min %(s)d\u00a0s") % {"min": rest_min, "s": rest_s}
    return _("%(h)d\u00a0h %(min)d\u00a0min") % {"h": hours, "min": rest_min}
