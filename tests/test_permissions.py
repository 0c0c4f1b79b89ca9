"""Who may do what: every address of the site × who asks × how. An address that is not in the table fails the test.

A new address is one line of `TABLE`: its name, what stands in it (see `things`), and the answers to GET and to POST,
each one number for all, or one for each of `ROLES` in their order. What is left out is 405. PUT, PATCH, DELETE and
OPTIONS are never allowed, and HEAD is answered as GET is. Most POSTs carry no fields: what is looked at is whether the
door opens, not what lies behind; where it needs a key, `sends` has it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, path, reverse
from django.urls.resolvers import RegexPattern

from ostagram import urls
from stylize.models import JobQuerySet
from tests import make
from tests.till import till, with_till
from tests.world import ROLES, World, passers_by, signed_in, world

__all__ = ["passers_by", "till", "with_till", "world"]
NEVER: Final = ("PUT", "PATCH", "DELETE", "OPTIONS")


@dataclass(frozen=True)
class Row:
    name: str
    thing: str
    get: str
    post: str
    sends: str

    @property
    def label(self) -> str:
        return f"{self.name} of {self.thing}" if self.thing else self.name

    def expected(self, method: str, role: str) -> tuple[int, ...]:
        """The answers that are right."""
        answers = {"GET": self.get, "HEAD": self.get, "POST": self.post}.get(method, "-")
        if answers != "-":
            each = answers.split() * (1 if " " in answers else len(ROLES))
            return (int(each[ROLES.index(role)]),)
        if self.name.startswith(THEIRS) and method in NEVER:
            return (200, 302, 405)
        return (self._refused(role),)

    def _refused(self, role: str) -> int:
        """405; but whoever must not know of a page, or has to sign in first, learns nothing of its methods either."""
        if ":staff" in self.name and role != "staff":
            return 404
        return 302 if self.name in SIGN_IN_FIRST and role in ("anonymous", "guest") else 405


def row(name: str, thing: str = "", *, get: str = "-", post: str = "-", sends: str = "") -> Row:
    return Row(name, thing, get, post, sends)


SIGN_IN_FIRST: Final = {
    "feed:me", "feed:change_avatar", "feed:remove_avatar", "feed:switches", "feed:notices",
    "stylize:filters", "stylize:filter_save", "stylize:filter", "stylize:filter_delete",
}  # fmt: skip
THEIRS: Final = ("account_", "socialaccount_signup")  # allauth's own, which answer other methods in ways of their own
#                 anonymous, guest, owner, stranger, staff
MINE_ALONE: Final = "404 404 200 404 404"  # neither strangers nor staff
DONE_BY_ME: Final = "404 404 302 404 404"
STAFF_SEE: Final = "404 404 404 404 200"
STAFF_DO: Final = "404 404 404 404 302"
UNTIL_SIGNED_IN: Final = "200 200 302 302 302"
ONCE_SIGNED_IN: Final = "302 302 200 200 200"

TABLE: Final = (
    # The gallery
    row("feed:index", get="200"),
    row("feed:post", "a public picture", get="200"),
    row("feed:post", "an unlisted picture", get="200"),
    row("feed:post", "a private picture", get=MINE_ALONE),
    row("feed:post", "a job in line", get="404"),
    row("feed:best", "a span", get="200"),
    row("feed:following", get=ONCE_SIGNED_IN),
    row("feed:search", get="200"),
    row("feed:tag", "a tag", get="200"),
    row("feed:atom", get="200"),
    row("feed:tag_atom", "a tag", get="200"),
    row("feed:person_atom", "a person", get="200"),
    row("feed:name", "a public picture", post=DONE_BY_ME),
    row("feed:styles", get="200"),
    row("feed:style", "a saved style in the gallery", get="200"),
    row("feed:style", "a saved style", get=MINE_ALONE),
    # Talk and people
    row("feed:like", "a public picture", post="302"),
    row("feed:like", "a private picture", post="404"),
    row("feed:unlike", "a public picture", post="302"),
    row("feed:say", "a public picture", post="302 302 400 400 400"),
    row("feed:say", "a private picture", post="404"),
    row("feed:remove_comment", "a comment", post=DONE_BY_ME),
    row("feed:report", "a public picture", get="200", post="400"),
    row("feed:report", "a private picture", get=MINE_ALONE, post="404 404 400 404 404"),
    row("feed:report_comment", "a comment", get="200", post="400"),
    row("feed:person", "a person", get="200"),
    row("feed:person_styles", "a person", get="200"),
    row("feed:followers", "a person", get="200"),
    row("feed:followed", "a person", get="200"),
    row("feed:follow", "a person", post="302 302 404 302 302"),
    row("feed:unfollow", "a person", post="302"),
    row("feed:avatar", "an avatar", get="200", sends="?v={avatar}"),
    row("feed:me", get=ONCE_SIGNED_IN, post="302 302 400 400 400"),
    row("feed:change_avatar", post="302 302 400 400 400"),
    row("feed:remove_avatar", post="302"),
    row("feed:switches", get=ONCE_SIGNED_IN, post="302"),
    row("feed:notices", get=ONCE_SIGNED_IN),
    row("stylize:filters", get=ONCE_SIGNED_IN),
    row("stylize:filter_save", get="302 302 404 404 404", post="302 302 404 404 404"),
    row("stylize:filter", "a saved style", get="302 302 200 404 404", post="302 302 400 404 404"),
    row("stylize:filter_delete", "a saved style", post="302 302 302 404 404"),
    # The bench: making, keeping, files
    row("stylize:create", get="200", post="400"),
    row("stylize:mine", get="200"),
    row("stylize:job", "a public picture", get="302 302 200 302 302"),
    row("stylize:job", "an unlisted picture", get="302 302 200 302 302"),
    row("stylize:job", "a private picture", get=MINE_ALONE),
    row("stylize:job", "a job in line", get=MINE_ALONE),
    row("stylize:job", "a failed job", get=MINE_ALONE),
    row("stylize:job", "an unpaid job", get=MINE_ALONE),
    row("stylize:job", "a sheet of proofs", get=MINE_ALONE),
    row("stylize:cancel", "a job in line", post=DONE_BY_ME),
    row("stylize:show", "a public picture", post=DONE_BY_ME),
    row("stylize:delete", "a public picture", post=DONE_BY_ME),
    row("stylize:end", "a job in line", post=DONE_BY_ME),
    row("stylize:choose", "a picture with a frame", post=DONE_BY_ME, sends="iteration=40"),
    row("stylize:again", "a failed job", post=DONE_BY_ME),
    row("stylize:on", "a public picture", post=DONE_BY_ME),
    row("stylize:order_proof", "a sheet of proofs", post="404 404 400 404 404"),
    row("stylize:frame_file", "a frame", get=MINE_ALONE),
    row("stylize:watch", "a token to watch", get="200"),
    row("stylize:watch", "a token that is forged", get="404"),
    row("stylize:preview", "a token to watch", get="200"),
    row("stylize:preview", "a token that is forged", get="404"),
    row("stylize:photo_file", "a shown photo", get="200"),
    row("stylize:photo_file", "a photo that is not shown", get=MINE_ALONE),
    row("stylize:photo_file", "a private picture's photo", get=MINE_ALONE),
    row("stylize:job_style_file", "a public picture's style", get="200"),
    row("stylize:job_style_file", "a private picture's style", get=MINE_ALONE),
    row("stylize:proof_file", "a proof", get=MINE_ALONE),
    row("stylize:result_file", "a public picture's file", get="200"),
    row("stylize:result_file", "an unlisted picture's file", get="200"),
    row("stylize:result_file", "a private picture's file", get=MINE_ALONE),
    row("stylize:style_file", "a style of the gallery", get="200"),
    row("stylize:style_file", "a private style", get=MINE_ALONE),
    row("stylize:upload_file", "an upload", get=MINE_ALONE),
    row("stylize:mask_file", "a mask", get=MINE_ALONE),
    # The desk
    row("billing:pay", "an unpaid job", post=DONE_BY_ME),
    row("billing:mine", get="200"),
    row("billing:receipt", "a payment", get=MINE_ALONE),
    row("billing:back", "a payment", get="200 200 302 200 200"),
    row("billing:choose", "a public picture", get="200", post="400"),
    row("billing:choose", "an unlisted picture", get=MINE_ALONE, post="404 404 400 404 404"),
    row("billing:choose", "a private picture", get=MINE_ALONE, post="404 404 400 404 404"),
    row("billing:order_proof", "a public picture", post="302"),
    row("billing:order_proof", "a private picture", post=DONE_BY_ME),
    row("billing:proof", "a proof of a canvas", get=MINE_ALONE),
    row("billing:cancel_proof", "a proof of a canvas", post=DONE_BY_ME),
    row("billing:proof_file", "a proof of a canvas", get=MINE_ALONE),
    row("billing:canvases", get="200"),
    row("billing:canvas", "a canvas to be made", get=MINE_ALONE),
    row("billing:pay_canvas", "a canvas not paid for", post=DONE_BY_ME),
    row("billing:cancel_canvas", "a canvas not paid for", post=DONE_BY_ME),
    row("billing:webhook", post="400"),
    # Staff
    row("feed:staff_reports", get=STAFF_SEE),
    row("feed:staff_acts", get=STAFF_SEE),
    row("feed:staff_picture", "a private picture", get=STAFF_SEE),
    row("feed:staff_file", "a picture that is judged", get=STAFF_SEE),
    row("feed:staff_take_down", "a public picture", post="404 404 404 404 400"),
    row("feed:staff_put_back", "a public picture", post=STAFF_DO),
    row("feed:staff_keep", "a public picture", post=STAFF_DO),
    row("feed:staff_remove_comment", "a comment", post="404 404 404 404 400"),
    row("feed:staff_keep_comment", "a comment", post=STAFF_DO),
    row("feed:staff_style", "a saved style", get=STAFF_SEE, post="404 404 404 404 400"),
    row("feed:staff_style_file", "a saved style", get=STAFF_SEE),
    row("stylize:staff", get=STAFF_SEE),
    row("stylize:staff_retry", "a failed job", post=STAFF_DO),
    row("stylize:staff_cancel", "a job in line", post=STAFF_DO),
    row("billing:staff_money", get=STAFF_SEE),
    row("billing:staff", get=STAFF_SEE),
    row("billing:staff_ledger", get=STAFF_DO),
    row("billing:staff_payment", "a payment", get=STAFF_SEE),
    row("billing:staff_refund", "a payment", post=STAFF_SEE),
    row("billing:staff_ask", "a payment", post=STAFF_DO),
    row("billing:staff_seen", "a payment", post=STAFF_DO),
    row("billing:staff_canvases", get=STAFF_SEE),
    row("billing:staff_canvas", "a canvas to be made", get=STAFF_SEE),
    row("billing:staff_canvas_file", "a canvas to be made", get=STAFF_SEE),
    row("billing:staff_canvas_picture", "a canvas to be made", get=STAFF_SEE),
    row("billing:staff_canvas_slip", "a canvas to be made", get=STAFF_SEE),
    row("billing:staff_canvas_produce", "a canvas to be made", post=STAFF_DO),
    row("billing:staff_canvas_ship", "a canvas to be made", post=STAFF_DO),
    row("billing:staff_canvas_deliver", "a canvas to be made", post=STAFF_DO),
    row("billing:staff_canvas_end", "a canvas to be made", post=STAFF_SEE),
    row("billing:staff_canvas_repaint", "a canvas to be made", post=STAFF_DO),
    row("billing:staff_canvas_note", "a canvas to be made", post=STAFF_SEE),
    # The door, ours
    row("mail_digest_off", "a token for the digest", get="200", post="200"),
    row("mail_digest_off", "a token of no one", get="404", post="404"),
    row("leave", get="302 200 200 200 200", post="302 400 400 400 400"),
    row("stylize:data_file", "collected data", get=MINE_ALONE),
    row("stylize:data", get="302 200 200 200 200", post="302"),  # and the file of before is gone for good
    row("mail_off", "a token for mail", get="200", post="200"),
    row("mail_off", "a token of no one", get="404", post="404"),
    row("claim", "a token for a claim", get="200", post="302"),
    row("claim", "a token of no one", get="404", post="404"),
    row("language", post="302"),
    # The door, as allauth keeps it
    row("account_login", get=UNTIL_SIGNED_IN, post=UNTIL_SIGNED_IN),
    row("account_logout", get=ONCE_SIGNED_IN, post="302"),
    row("account_inactive", get="200"),
    row("account_signup", get=UNTIL_SIGNED_IN, post=UNTIL_SIGNED_IN),
    row("account_reauthenticate", get=ONCE_SIGNED_IN, post=ONCE_SIGNED_IN),
    row("account_email", get=ONCE_SIGNED_IN, post="302"),
    row("account_email_verification_sent", get="200"),
    row("account_change_password", get=ONCE_SIGNED_IN, post=ONCE_SIGNED_IN),
    row("account_set_password", get="302", post="302"),
    row("account_reset_password", get="200", post="200"),
    row("account_request_login_code", get=UNTIL_SIGNED_IN, post=UNTIL_SIGNED_IN),
    row("account_confirm_login_code", get="302", post="302"),
    row("account_reset_password_from_key_done", get="200"),
    row("account_reset_password_done", get="200"),
    row("account_confirm_email", "a key to confirm", get="200", post="302"),
    row("account_reset_password_from_key", "a key to a new password", get="200", post="200"),
    # By others
    row("socialaccount_connections", get=ONCE_SIGNED_IN, post=ONCE_SIGNED_IN),
    row("socialaccount_signup", get="302", post="302"),
    row("socialaccount_login_cancelled", get="200"),
    row("vk_login", post="302"),
    row("vk_callback", get="401"),
    row("google_login", post="302"),
    row("google_callback", get="401"),
    row("yandex_login", post="302"),
    row("yandex_callback", get="401"),
    # The frame
    row("how-it-works", get="200"),
    row("prices", get="200"),
    row("terms", get="200"),
    row("privacy", get="200"),
    row("licence", get="200"),
    row("contact", get="200"),
    row("design", get="200"),
    row("offline", get="200"),
    row("service-worker", get="200"),
    row("manifest", get="200"),
    row("robots", get="200"),
    row("sitemap", get="200"),
    row("favicon", get="302"),
    row("metrics", get="200"),
    row("healthz", get="200"),
)  # fmt: skip


# The test -----------------------------------------------------------------------------------------------------------


def addresses(resolver: URLResolver, before: tuple[str, ...] = ()) -> Iterator[tuple[str, URLPattern]]:
    """Every address with its whole name; one without a name is called by what is written in it."""
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from addresses(one, (*before, one.namespace) if one.namespace else before)
        else:
            yield ":".join((*before, one.name or str(one.pattern))), one


def unlisted(resolver: URLResolver) -> list[str]:
    return sorted({name for name, _one in addresses(resolver)} - {one.name for one in TABLE} - by_rule(resolver))


def by_rule(resolver: URLResolver) -> set[str]:
    """The admin's, which has a rule of its own below."""
    return {name for name, _one in addresses(resolver) if name.startswith("admin:")}


def test_every_address_is_in_the_table_and_none_that_is_not_there() -> None:
    assert unlisted(get_resolver()) == []
    assert {one.name for one in TABLE} <= {name for name, _one in addresses(get_resolver())}


def test_control_a_new_address_is_missed() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    further: Any = [
        *urls.urlpatterns,
        path("new/", view, name="new"),
        path("nameless/", view),
    ]
    assert unlisted(URLResolver(RegexPattern(r"^/"), further)) == ["nameless/", "new"]


def room(one: Row) -> str:
    """Rows that are tried in one world."""
    part, _colon, name = one.name.rpartition(":")
    return f"{part} for staff" if name.startswith("staff") else part or "door and frame"


@pytest.mark.django_db
@pytest.mark.parametrize("of", sorted({room(one) for one in TABLE}))
def test_everybody_gets_what_is_theirs_and_nothing_else(world: World, of: str) -> None:
    found = wrong(world, [one for one in TABLE if room(one) == of])
    assert not found, "\n".join(found)


def wrong(world: World, rows: list[Row]) -> list[str]:
    return [
        f"{method} {one.label} as {role}: {found}, not {expected}"
        for one in rows
        for method in ("GET", "HEAD", "POST", *NEVER)
        for role in ROLES
        if (found := world.ask(role, method, world.address(one.name, one.thing), one.sends))
        not in (expected := one.expected(method, role))
    ]


@pytest.mark.django_db
def test_control_a_guard_that_is_gone_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks owns every job: the table sees it, on pages and in what is done to them."""
    rows = [
        row("stylize:delete", "a public picture", post=DONE_BY_ME),
        row("stylize:job", "a job in line", get=MINE_ALONE),
    ]
    assert wrong(world, rows) == []
    monkeypatch.setattr(JobQuerySet, "owned_by", lambda jobs, owner: jobs)
    found = wrong(world, rows)
    assert "POST stylize:delete of a public picture as stranger: 302, not (404,)" in found
    assert "GET stylize:job of a job in line as anonymous: 200, not (404,)" in found


@pytest.mark.django_db
def test_staff_without_a_permission_are_strangers_at_every_page_for_staff(world: World) -> None:
    """Being staff alone opens the admin's front page and the line, which need no permission."""
    world.cookies["helper"] = signed_in(make.user("helper", is_staff=True))
    closed = [one for one in TABLE if ":staff" in one.name and one.name != "stylize:staff"]
    for one in closed:
        for method in ("GET", "POST"):
            assert world.ask("helper", method, world.address(one.name, one.thing)) == 404, one.label


@pytest.mark.django_db
def test_the_admin_is_for_staff_alone(world: World) -> None:
    """Whoever is not gets no page of it by any method, and staff get no crash."""
    for name, one in addresses(get_resolver()):
        if not name.startswith("admin:") or not one.name:
            continue  # those without a name only lead on to one that has it
        known = {"object_id": "1", "content_type_id": 1, "app_label": "stylize", "url": "nowhere"}
        needed = {*one.pattern.converters, *getattr(one.pattern.regex, "groupindex", {})}
        where = reverse(name, kwargs={part: known[part] for part in needed})
        for method in ("GET", "HEAD", "POST", *NEVER):
            for role in ROLES[:-1]:
                assert world.ask(role, method, where) in (302, 403, 404, 405), f"{method} {where} as {role}"
        assert world.ask("staff", "GET", where) < 500, where
    assert world.ask("staff", "GET", reverse("admin:index")) == 200
