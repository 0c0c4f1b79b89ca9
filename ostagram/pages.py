"""THE FRAME: the pages that every service has: how it works, prices, terms, privacy, picture licence, contact."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from billing import canvas_rounds, canvas_showing, canvases, orders
from people import guests
from stylize import housekeeping, jobs, offers, pictures, queue, tiers, uploads, wording

CHANGED: Final = date(2026, 11, 25)  # when the words of terms, privacy and licence last changed in meaning
PAPER_URL: Final = "https://arxiv.org/abs/1508.06576"
NETWORK_URL: Final = "https://arxiv.org/abs/1409.1556"
LICENCE_URL: Final = "https://creativecommons.org/licenses/by/4.0/"


@dataclass(frozen=True)
class Page:
    name: str  # of its address and its template
    title: str | Promise
    description: str | Promise


HOW: Final = Page(
    "how-it-works",
    _("How it works"),
    _("How a network that learnt to see paints your photo in the manner of another picture, shown step by step."),
)
PRICES: Final = Page(
    "prices",
    _("Prices"),
    _("What a painting costs, how large it becomes and how long it takes. One tier is free of charge."),
)
TERMS: Final = Page("terms", _("Terms"), _("What you may expect from this site, and what it expects from you."))
PRIVACY: Final = Page(
    "privacy",
    _("Privacy"),
    _("What is kept of your pictures and of you, for how long, who sees it, and how it is deleted."),
)
LICENCE: Final = Page(
    "licence",
    _("Picture licence"),
    _("Whose a painting is, what others may do with it, and which pictures you may upload."),
)
CONTACT: Final = Page("contact", _("Contact"), _("Who runs this site, and how to write to them."))
ALL: Final = (HOW, PRICES, TERMS, PRIVACY, LICENCE, CONTACT)


@require_safe
def how(request: HttpRequest) -> HttpResponse:
    return _page(
        request, HOW, paper_url=PAPER_URL, network_url=NETWORK_URL, licence_url=LICENCE_URL,
        least_px=canvases.LEAST[canvases.Verdict.GOOD], depth_mm=canvases.DEPTH_MM, dpi=settings.PRINT_DPI,
    )  # fmt: skip


@require_safe
def prices(request: HttpRequest) -> HttpResponse:
    return _page(
        request, PRICES, offers=offers.all_tiers(guests.owner(request)), hd_steps=_steps(tiers.HD),
        unpaid_days=jobs.UNPAID_LIVES.days, guest_cap=queue.GUEST_FREE_CAP, cap=queue.FREE_CAP,
        canvases=[(canvas.title(portrait=True), canvas_showing.price(canvas)) for canvas in canvases.CANVASES.values()],
    )  # fmt: skip


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    placed_days = orders.PLACED_LIVES.days
    return _page(request, TERMS, unpaid_days=jobs.UNPAID_LIVES.days, placed_days=placed_days)


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return _page(
        request, PRIVACY, unused_days=housekeeping.UNUSED_UPLOADS_LIVE.days,
        proof_days=housekeeping.PROOFS_LIVE.days,
        master_days=canvas_rounds.MASTERS_LIVE.days,
        cookie_days=settings.SESSION_COOKIE_AGE // 86_400,
        cached=timedelta(seconds=pictures.PUBLIC_MAX_AGE_S).days,
    )  # fmt: skip


@require_safe
def licence(request: HttpRequest) -> HttpResponse:
    return _page(request, LICENCE, licence_url=LICENCE_URL)


@require_safe
def contact(request: HttpRequest) -> HttpResponse:
    return _page(request, CONTACT, most_mb=uploads.MAX_BYTES // 1024**2)


def _page(request: HttpRequest, page: Page, **facts: Any) -> HttpResponse:
    operator = settings.OPERATOR_NAME or _("whoever started this copy of Ostagram on their own machine")
    known = {"page": page, "changed": CHANGED, "operator": operator, "contact_email": settings.CONTACT_EMAIL}
    return render(request, f"pages/{page.name}.html", known | facts)


def _steps(tier: tiers.Tier) -> list[tuple[int, str]]:
    """What a tier with a choice costs at a few numbers of iterations that it sells, the ends among them."""
    sold = tier.iterations
    chosen = sorted({sold[len(sold) * part // 4] for part in range(4)} | {sold[-1]})
    return [
        (number, wording.price(tier.price_minor(number, settings.CURRENCY), settings.CURRENCY)) for number in chosen
    ]
