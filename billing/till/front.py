"""THE DESK: the practice till's front page: what was paid, and buttons for what banks and visitors do afterwards."""

from datetime import UTC, datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from billing.till import charges, controls, counter, disputes, pages, post, sessions, trouble
from billing.till.books import Books, Object
from billing.till.refusal import Refusal

SHOWN: Final = 30
BUTTONS: Final[dict[tuple[str, str], str | Promise]] = {
    ("sessions", "arrive"): gettext_lazy("The money arrives"),
    ("sessions", "fail"): gettext_lazy("It does not arrive"),
    ("payment_intents", "dispute"): gettext_lazy("Dispute"),
    ("payment_intents", "won"): gettext_lazy("Dispute won"),
    ("payment_intents", "lost"): gettext_lazy("Dispute lost"),
    ("payment_intents", "refund"): gettext_lazy("Give back in full"),
    ("refunds", "settle"): gettext_lazy("The refund arrives"),
    ("refunds", "fail"): gettext_lazy("The refund comes back"),
}
TROUBLES: Final = (
    ("api", gettext_lazy("Stripe"), {
        "none": gettext_lazy("answers"), "hang": gettext_lazy("hangs"), "500": gettext_lazy("is broken"),
        "429": gettext_lazy("has too much to do"), "away": gettext_lazy("is away"),
    }),
    ("webhooks", gettext_lazy("Webhooks"), {
        "send": gettext_lazy("arrive"), "drop": gettext_lazy("are lost"), "double": gettext_lazy("arrive twice"),
    }),
    ("refunds", gettext_lazy("Refunds"), {
        "succeed": gettext_lazy("go through"), "pending": gettext_lazy("wait"), "fail": gettext_lazy("fail"),
    }),
)  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    refused = ""
    if request.method == "POST":
        if not pages.is_from_here(request):
            return pages.page(request, "till/over.html", {"elsewhere": True}, status=403)
        try:
            _play(request)
            return pages.moved("/")
        except Refusal as refusal:
            refused = str(refusal)
    with counter.at_work() as books:
        rows = [_row(books, session) for session in books.all(sessions.KIND, most=SHOWN)]
        waiting = post.undelivered(books)
    context = {"rows": rows, "waiting": waiting, "troubles": _troubles(), "refused": refused}
    return pages.page(request, "till/index.html", context, status=409 if refused else 200)


def _play(request: HttpRequest) -> None:
    form = request.POST.dict()
    what, _slash, verb = form.pop("do", "").partition("/")
    if what == "trouble":
        trouble.change(form)
    elif what == "deliver":
        with counter.at_work() as books:
            post.again(books, [])
    elif (what, verb) in BUTTONS:
        controls.happen(what, form.get("name", ""), verb, {})
    else:
        raise Refusal("The till knows no such button.")


def _troubles() -> list[dict[str, Any]]:
    now = trouble.now()
    return [
        {"name": name, "title": title, "value": getattr(now, name), "choices": choices.items()}
        for name, title, choices in TROUBLES
    ]


def _row(books: Books, session: Object) -> Object:
    intent_id = session["payment_intent"]
    charge = charges.charge_of(books, intent_id) if intent_id else None
    dispute = next(iter(books.of_intent("dispute", intent_id)), None) if intent_id else None
    row: Object = {
        "session": session, "money": pages.money(session["amount_total"], session), "items": session["_items"],
        "at": datetime.fromtimestamp(session["created"], UTC), "buttons": [], "refunds": [],
    }  # fmt: skip
    if charge is None:
        return row | _unpaid(books, session)
    return row | _paid(books, charge, dispute)


def _unpaid(books: Books, session: Object) -> Object:
    if session["status"] == "open":
        return {"state": _("open"), "tone": "open"}
    if session["status"] == "expired":
        return {"state": _("expired"), "tone": "over"}
    if charges.intent_of(books, session)["status"] != "processing":
        return {"state": _("the money did not arrive"), "tone": "bad"}
    buttons = _buttons("sessions", session["id"], "arrive", "fail")
    return {"state": _("the money is on its way"), "tone": "wait", "buttons": buttons}


def _paid(books: Books, charge: Object, dispute: Object | None) -> Object:
    intent_id = charge["payment_intent"]
    refunds = [
        refund | {"money": pages.money(refund["amount"], refund), "buttons": _refund_buttons(refund)}
        for refund in books.of_intent("refund", intent_id)
    ]
    row: Object = {"state": _("paid"), "tone": "good", "refunds": refunds}
    if dispute and dispute["status"] == "needs_response":
        buttons = _buttons("payment_intents", intent_id, "won", "lost")
        return row | {"state": _("disputed"), "tone": "bad", "buttons": buttons}
    if disputes.forbid_refunds(books, charge):
        return row | {"state": _("dispute lost"), "tone": "bad"}
    verbs = ["dispute"] * (not charge["disputed"]) + ["refund"] * (not charge["refunded"])
    state = _("given back") if charge["refunded"] else _("dispute won") if dispute else _("paid")
    return row | {"state": state, "buttons": _buttons("payment_intents", intent_id, *verbs)}


def _refund_buttons(refund: Object) -> list[Object]:
    verbs = {"pending": ("settle", "fail"), "succeeded": ("fail",)}.get(refund["status"], ())
    return _buttons("refunds", refund["id"], *verbs)


def _buttons(kind: str, name: str, *verbs: str) -> list[Object]:
    return [{"do": f"{kind}/{verb}", "name": name, "words": BUTTONS[kind, verb]} for verb in verbs]
