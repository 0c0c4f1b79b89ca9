"""THE DESK: the staff's pages of payments: search, one payment's life, refunds, and the ledger to take away."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from billing import ledger, payments, refunds, stripe_api, timeline
from billing.forms import PeriodForm, RefundForm, SearchForm
from billing.models import Payment, PaymentQuerySet
from stylize import addresses, tiers, wording
from stylize.staff import for_staff

PAGE: Final = 50
VIEW, CHANGE = "billing.view_payment", "billing.change_payment"
DASHBOARD: Final = "https://dashboard.stripe.com/"


@dataclass(frozen=True)
class Row:
    """A payment as the staff see it."""

    payment: Payment

    @property
    def when(self) -> datetime:
        return self.payment.paid_at or self.payment.created_at

    @property
    def what(self) -> str:
        if self.payment.is_for_canvas:
            return _("Canvas, %(size)s") % {"size": self.payment.canvas_title}
        return f"{tiers.named(self.payment.tier).title}, {self.payment.iterations}"

    @property
    def who(self) -> str:
        owner = self.payment.owner
        return self.payment.email or (str(owner) if owner else "")

    @property
    def amount(self) -> str:
        return wording.money(self.payment.amount_minor, self.payment.currency)

    @property
    def refunded(self) -> str:
        """Asked for or done; nothing where nothing is."""
        given = self.payment.refunded_minor
        return wording.money(given, self.payment.currency) if given else ""

    @property
    def kept(self) -> str:
        return wording.money(self.payment.kept_minor, self.payment.currency)

    @property
    def state(self) -> str:
        on_its_way = self.payment.status == Payment.Status.PENDING and self.payment.is_on_its_way
        return _("on its way") if on_its_way else self.payment.get_status_display()

    @property
    def may_go_back(self) -> bool:
        return self.payment.status == Payment.Status.PAID and self.payment.kept_minor > 0


@never_cache
@for_staff(VIEW)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    form = SearchForm(request.GET)
    found, before = _found(form), addresses.before(request)
    page = list((found.filter(pk__lt=before) if before is not None else found)[: PAGE + 1])
    context = {
        "form": form, "rows": [Row(payment) for payment in page[:PAGE]], "period": PeriodForm(),
        "older": page[PAGE - 1].pk if len(page) > PAGE else None, "is_first": before is None,
        "troubles": Payment.objects.of_this_mode().in_trouble().count(), "chosen": _without_place(request),
        "practice": not settings.STRIPE_LIVE,
    }  # fmt: skip
    return render(request, "billing/staff.html", context)


@never_cache
@for_staff(VIEW)
@require_safe
def payment(request: HttpRequest, key: str) -> HttpResponse:
    found = _payment(key)
    return _page(request, found, RefundForm(found))


@for_staff(CHANGE)
@require_POST
def refund(request: HttpRequest, key: str) -> HttpResponse:
    found = _payment(key)
    form = RefundForm(found, request.POST)
    if not form.is_valid():
        return _page(request, found, form)
    given, by = form.cleaned_data, request.user
    assert by.is_authenticated
    try:
        made = refunds.ask_once(found, given["amount"], given["key"], note=given["note"], by=by)
    except refunds.TooMuch:
        messages.error(request, _("Nothing was given back: meanwhile less is left of it."))
    else:
        amount = wording.money(made.amount_minor, found.currency)
        messages.success(request, _("%(sum)s go back within seconds.") % {"sum": amount})
    return redirect("billing:staff_payment", key)


@for_staff(CHANGE)
@require_POST
def ask(request: HttpRequest, key: str) -> HttpResponse:
    """Bring it to what Stripe says now, its refunds as well."""
    found = _payment(key)
    try:
        refunds.mirror_all_of(payments.fulfil(found).intent_id)
    except stripe_api.Away:
        messages.error(request, _("Stripe does not answer. Try again in a minute."))
    except stripe_api.Refused as refusal:
        messages.error(request, _("Stripe says: %(refusal)s") % {"refusal": refusal})
    except payments.Mismatch as trouble:
        messages.error(request, str(trouble))
    else:
        messages.success(request, _("This is what Stripe says of it."))
    return redirect("billing:staff_payment", key)


@for_staff(CHANGE)
@require_POST
def seen(request: HttpRequest, key: str) -> HttpResponse:
    """Somebody has looked at the trouble that the page showed; at no other that has come since."""
    found, told = _payment(key), addresses.sent(request, "trouble")
    if Payment.objects.filter(pk=found.pk, trouble=told).exclude(trouble="").update(trouble=""):
        messages.success(request, _("Seen to."))
    else:
        messages.info(request, _("The trouble is another one by now."))
    return redirect("billing:staff_payment", key)


@never_cache
@for_staff(VIEW)
@require_safe
def ledger_file(request: HttpRequest) -> HttpResponseBase:
    """Every movement of some days as CSV, sent while it is read."""
    form = PeriodForm(request.GET)
    if not form.is_valid():
        messages.error(request, _("Give both days, the first of them first."))
        return redirect("billing:staff")
    since, until = form.bounds()
    name = f"ostagram-{form.cleaned_data['since']}-{form.cleaned_data['until']}.csv"
    answer = StreamingHttpResponse(ledger.lines(since, until), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def at_stripe(payment: Payment) -> str:
    """Where Stripe shows it; the practice till has one page for all."""
    if settings.TILL:
        return f"{settings.STRIPE_API_URL}/"
    mode = "" if payment.is_live else "test/"
    return f"{DASHBOARD}{mode}payments/{payment.intent_id}" if payment.intent_id else ""


def _found(form: SearchForm) -> PaymentQuerySet:
    given = form.cleaned_data if form.is_valid() else {}
    found = Payment.objects.of_this_mode().select_related("owner", "order").order_by("-id")
    if given.get("q"):
        found = found.known_as(given["q"])
    if given.get("state") == SearchForm.TROUBLE:
        return found.in_trouble()
    return found.filter(status=given["state"]) if given.get("state") else found


def _without_place(request: HttpRequest) -> str:
    """The rest of the address: what was looked for."""
    kept = request.GET.copy()
    kept.pop("before", None)
    return kept.urlencode()


def _payment(key: str) -> Payment:
    every = Payment.objects.of_this_mode().select_related("job", "order", "owner").prefetch_related("refunds__by")
    return get_object_or_404(every, key=key)


def _page(request: HttpRequest, found: Payment, form: RefundForm) -> HttpResponse:
    context: dict[str, Any] = {
        "row": Row(found), "payment": found, "moments": timeline.of(found), "form": form,
        "at_stripe": at_stripe(found), "may_change": request.user.has_perm(CHANGE),
    }  # fmt: skip
    return render(request, "billing/staff_payment.html", context)
