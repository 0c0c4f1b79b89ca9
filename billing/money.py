"""THE DESK: the staff's page of takings: what was sold, what painting cost, and whether the one pays for the other."""

from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from billing import sales
from billing.staff import VIEW
from billing.takings import SECONDS_PER_HOUR, Balance, total
from stylize import plots, wording
from stylize.staff import for_staff, kind_name

DAYS: Final = 30


@never_cache
@for_staff(VIEW)
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    sold = sales.last_days(DAYS)
    context = {
        "days": DAYS,
        "glance": _glance(sold),
        "rows": [_row(sold, kind) for kind in sold.kinds],
        "words": _words(sold.balance()),
        "plots": _plots(sold),
        "practice": not settings.STRIPE_LIVE,
        "hour": _money(sold.rates.hour_minor),
        "percent": wording.number(sold.rates.fee_percent),
        "fixed": _money(sold.rates.fee_fixed_minor),
    }
    return render(request, "billing/staff_money.html", context)


def _glance(sold: sales.Sales) -> list[tuple[str, str]]:
    every, balance = total(sold.cells.values()), sold.balance()
    return [
        (_("Taken"), _money(every.taken_minor)),
        (_("Given back"), _money(every.back_minor)),
        (_("Disputed"), _money(every.disputed_minor)),
        (_("Stripe's fee, about"), _whole(every.fee_minor(sold.rates))),
        (_("Device hours"), plots.hundredths(every.device_s / SECONDS_PER_HOUR)),
        (_("Their cost"), _whole(every.cost_minor(sold.rates))),
        (_("Sold, of 100 pictures"), _share(balance.share)),
        (_("Balance"), _whole(balance.minor)),
    ]


def _row(sold: sales.Sales, kind: str) -> list[str]:
    count, rates = sold.of(kind), sold.rates
    return [
        kind_name(kind), plots.count(count.done), plots.count(count.payments), _money(count.taken_minor),
        _money(count.back_minor + count.disputed_minor), _money(count.fee_minor(rates)),
        plots.hundredths(count.device_s / SECONDS_PER_HOUR), _money(count.cost_minor(rates)),
        _money(count.picture_minor(rates)), _money(count.left_minor(rates)),
    ]  # fmt: skip


def _words(balance: Balance) -> list[str]:
    """The answer to the question of 2016, and how it is found."""
    free, sale, least = balance.free.picture_minor(balance.rates), balance.sale_minor, balance.break_even
    words = [] if free is None else [_free(free)]
    words += [] if sale is None else [_sale(balance, sale)]
    if free is None or sale is None or least is None:
        return [*words, _("For the answer, free pictures and sales are both needed.")]
    return [*words, *_answer(balance, free, sale, least)]


def _free(free: float) -> str:
    words = _("A free picture costs %(sum)s to paint, with the proofs and samples that nobody pays for.")
    return words % {"sum": _money(free)}


def _sale(balance: Balance, sale: float) -> str:
    sold, rates = balance.sold, balance.rates
    each = {
        "net": _money(sold.net_minor / sold.done), "fee": _money(sold.fee_minor(rates) / sold.done),
        "cost": _money(sold.picture_minor(rates)), "left": _money(sale),
    }  # fmt: skip
    words = _("A sold picture brings %(net)s; the fee takes %(fee)s and its painting %(cost)s: it leaves %(left)s.")
    return words % each


def _answer(balance: Balance, free: float, sale: float, least: float) -> list[str]:
    if least > 1:
        return [_("A sale leaves nothing: no number of sales would pay for the free pictures.")]
    words = [_pays_for(int(sale // free))] if free > 0 else []
    facts = {"least": _share(least), "share": _share(balance.share), "sum": _money(abs(balance.minor))}
    words.append(_("So %(least)s of 100 pictures must be sold; %(share)s were.") % facts)
    earned, lost = _("The site has earned %(sum)s."), _("The site has cost %(sum)s more than it brought.")
    return [*words, (earned if balance.minor >= 0 else lost) % facts]


def _pays_for(n: int) -> str:
    words = ngettext("One sale pays for %(n)s free picture.", "One sale pays for %(n)s free pictures.", n)
    return words % {"n": plots.count(n)}


def _plots(sold: sales.Sales) -> list[plots.Plot]:
    balances = [sold.balance(day) for day in sold.days]
    least = sold.balance().break_even
    line = None if least is None else 100 * min(least, 1.0)
    unit, hours = {"unit": wording.SYMBOLS.get(settings.CURRENCY, settings.CURRENCY)}, SECONDS_PER_HOUR
    taken = plots.Series(_("Taken"), "is-first", [one.sold.taken_minor for one in balances])
    back = plots.Series(_("Given back"), "is-bad", [-one.sold.back_minor for one in balances])
    free = plots.Series(_("Free ones"), "is-third", [one.free.device_s / hours for one in balances])
    paid = plots.Series(_("Sold"), "is-first", [one.sold.device_s / hours for one in balances])
    share = plots.Series(_("Sold, of 100"), "is-first", [_percent(one.share) for one in balances])
    goal = plots.Series(_("Break-even"), "is-second", [line for _one in balances])
    gain = plots.Series(_("Gain"), "is-first", [_or_none(one.minor, one.minor > 0) for one in balances])
    loss = plots.Series(_("Shortfall"), "is-bad", [_or_none(one.minor, one.minor < 0) for one in balances])
    return [
        plots.daily(_("Sold, of 100 pictures a day"), sold.days, [share, goal], plots.count, caps=True),
        plots.daily(_("A day's balance, %(unit)s") % unit, sold.days, [gain, loss], _major, unit=100),
        plots.daily(_("Taken and given back a day, %(unit)s") % unit, sold.days, [taken, back], _major, unit=100),
        plots.daily(_("Device hours a day"), sold.days, [paid, free], plots.hundredths),
    ]


def _money(minor: float | None) -> str:
    if minor is None:
        return "–"
    whole = round(minor)
    return f"{'−' if whole < 0 else ''}{wording.money(abs(whole), settings.CURRENCY)}"


def _whole(minor: float) -> str:
    """Of an estimate, to the unit."""
    return _money(wording.MINOR_PER_UNIT * round(minor / wording.MINOR_PER_UNIT))


def _major(minor: float) -> str:
    """In whole units where they are enough, without their symbol: it stands at the top of the plot."""
    units = minor / wording.MINOR_PER_UNIT
    places = 0 if units == round(units) or abs(units) >= 100 else 2
    return number_format(round(units, places), places, force_grouping=True)


def _share(share: float | None) -> str:
    return "–" if share is None else number_format(round(100 * share, 1), 1)


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _or_none(value: float, wanted: bool) -> float | None:
    return value if wanted else None
