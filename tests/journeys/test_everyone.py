"""Every page, for everybody: axe finds nothing, nothing scrolls sideways; in both languages, light and dark."""

import json
from importlib import resources
from typing import Any, NamedTuple

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page

from tests import make
from tests.journeys.browser import sideways
from tests.journeys.service import Service, small_pair

AXE = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAINTED_S = 180
STRANGERS = (
    "/", "/best/month/", "/search/?q=x", "/search/",
    "/paint/", "/how-it-works/", "/prices/", "/terms/", "/privacy/", "/licence/", "/contact/", "/design/",
    "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/nothing-here/", "/p/{key}/",
    "/payments/", "/payments/{payment}/back", "/claim/{claim}/", "{till}/", "{till}/pay/{session}",
)  # fmt: skip
OWNERS = (
    "/jobs/{key}/", "/mine/", "/paint/?again={key}", "/paint/?mix={key}", "/jobs/{proofs}/",
    "/jobs/{unpaid}/", "/jobs/{given_back}/", "/payments/", "/payments/{payment}/", "/canvas/{key}/", "/canvases/",
)  # fmt: skip


class View(NamedTuple):
    width: int
    height: int
    locale: str
    scheme: str

    def __str__(self) -> str:
        return f"{self.width}-{self.locale}-{self.scheme}"


MEMBERS = (
    "/tag/sea/", "/following/", "/styles/", "/styles/{filter}/", "/styles/mine/", "/styles/mine/{filter}/",
    "/styles/new/?style={style}", "/p/{sea}/", "/p/{sea}/report", "/comments/{comment}/report",
    "/people/boss-paints/", "/people/boss-paints/styles/", "/people/boss-paints/followers/", "/notices/", "/me/",
    "/me/notices/", "/accounts/email/", "/accounts/password/change/", "/account/data/", "/account/delete/",
    "/accounts/logout/",
)  # fmt: skip
STAFF = (
    "/staff/", "/staff/payments/", "/staff/payments/{payment}/", "/staff/money/", "/staff/canvases/",
    "/staff/reports/", "/staff/acts/", "/staff/pictures/{sea}/", "/staff/styles/{filter}/",
)  # fmt: skip
BOSS = """
import json
from allauth.account.models import EmailAddress
from feed import posts, talk
from feed.models import Follow, Like, Report
from people.models import User
from tests import make
boss, fan = User.objects.get(handle="boss-paints"), make.user("fan")
EmailAddress.objects.create(user=boss, email=boss.email, primary=True, verified=True)
make.in_status(boss, "failed")
post = make.post(boss, show_photo=True)
posts.describe(post, "A calm sea", ["sea"])
comment = talk.say(post, fan, "Painted in the rain.")
Like.objects.create(post=post, owner=fan)
Follow.objects.create(owner=fan, followed=boss)
Follow.objects.create(owner=boss, followed=fan)
make.post(fan)
Report.objects.create(owner=fan, post=post, picture_key=post.job.key, reason="spam", words="Buy!")
filter = make.filter(boss, make.style(boss), is_public=True)
print(json.dumps({"sea": post.job.key, "comment": comment.key, "filter": filter.key, "style": filter.style.key}))
"""

CLAIM = """
from billing.models import Payment
from people import claims
print(claims.token_of(Payment.objects.get(key="{payment}").owner))
"""
VIEWS = (View(390, 844, "ru-RU", "light"), View(320, 640, "ru-RU", "dark"), View(1280, 800, "en-GB", "light"))


class Owner(NamedTuple):
    names: dict[str, str]  # of what the addresses stand for
    cookies: list[dict[str, Any]]
    boss: str  # a member's session, who is staff, too

    def at(self, address: str) -> str:
        return address.format(**self.names)


@pytest.fixture(scope="module")
def owner(site: Service) -> Owner:
    """A guest with a finished public painting, nine proofs of another, an unpaid one, and one whose price went back;
    and a member whose picture was talked of.
    """
    visitor = requests.Session()
    visitor.get(f"{site.url}/paint/", timeout=30).raise_for_status()
    photo, style = small_pair()

    def send(path: str, files: dict[str, Any] | None = None, **fields: Any) -> requests.Response:
        form = {"csrfmiddlewaretoken": visitor.cookies["csrftoken"], **fields}
        return visitor.post(f"{site.url}{path}", data=form, files=files, timeout=60)

    def order(**fields: str) -> str:
        files = {"photo": make.file(image=photo), "style_image": make.file(image=style)}
        sent = send("/paint/", files, **make.form(photo=None, style_image=None, **fields))
        return sent.url.rstrip("/").rsplit("/", 1)[1]

    def to_the_till(key: str) -> str:
        """The session that its page leads to."""
        return send(f"/jobs/{key}/pay").url.rsplit("/", 1)[1]

    key, proofs = order(show_photo="on"), order(proof="1", tier="hd", iterations="300")
    unpaid, given_back = (order(tier="hd", iterations="300") for _each in range(2))
    site.till.pay(to_the_till(given_back))
    ((payment,),) = site.query("SELECT key FROM billing_payment WHERE job_key = %s", given_back)
    visitor.get(f"{site.url}/payments/{payment}/back", timeout=30).raise_for_status()
    send(f"/jobs/{given_back}/cancel").raise_for_status()
    for made in (key, proofs):
        site.wait_for(made, "done", PAINTED_S)
    names = {
        "key": key, "proofs": proofs, "unpaid": unpaid, "given_back": given_back, "payment": payment,
        "session": to_the_till(unpaid), "till": site.till.url, "claim": site.shell(CLAIM.format(payment=payment)),
    }  # fmt: skip
    boss = site.staff_session()
    names |= json.loads(site.shell(BOSS).splitlines()[-1])
    cookies = [{"name": one.name, "value": one.value, "url": site.url} for one in visitor.cookies]
    return Owner(names, cookies, boss)


def _context(browser: Browser, site: Service, view: View) -> BrowserContext:
    return browser.new_context(
        base_url=site.url, viewport={"width": view.width, "height": view.height}, locale=view.locale,
        color_scheme=view.scheme, reduced_motion="reduce",  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_every_page_is_for_everybody(browser: Browser, site: Service, owner: Owner, view: View) -> None:
    found: list[str] = []
    context = _context(browser, site, view)
    page = context.new_page()
    for address in STRANGERS:
        found += _faults(page, owner.at(address), view)
    context.add_cookies(owner.cookies)  # type: ignore[arg-type]
    for address in OWNERS:
        found += _faults(page, owner.at(address), view)
    context.add_cookies([{"name": "sessionid", "value": owner.boss, "url": site.url}])
    for address in (*MEMBERS, *STAFF):
        found += _faults(page, owner.at(address), view)
    context.close()
    assert not found, "\n".join(found)


def test_the_check_finds_what_is_wrong(browser: Browser, site: Service) -> None:
    """A control: a picture without words, pale text, and something too wide are all named."""
    context = _context(browser, site, VIEWS[0])
    page = context.new_page()
    page.goto("/contact/")
    page.evaluate(
        """() => document.querySelector("main").insertAdjacentHTML("beforeend",
        '<img src="/favicon.ico"><p class="pale">pale</p><div class="wide">.</div>')"""
    )
    page.evaluate("""() => { document.querySelector(".pale").style.color = "#ccc";
        document.querySelector(".wide").style.width = "900px"; }""")
    found = " ".join(_axe(page) + sideways(page))
    context.close()
    assert "image-alt" in found and "color-contrast" in found and "scrolls sideways" in found


def _faults(page: Page, address: str, view: View) -> list[str]:
    answer = page.goto(address)
    assert answer and answer.status == (404 if "nothing" in address else 200), f"{address}: {answer and answer.status}"
    folded = "details" if "logout" in address else "details:not(.menu)"  # a menu lies over what is below it
    page.evaluate("(folded) => document.querySelectorAll(folded).forEach((one) => { one.open = true; })", folded)
    language = page.evaluate("document.documentElement.lang")
    is_the_buyers = "/pay/cs_" in address  # language, whoever looks at it
    wrong = [] if is_the_buyers or view.locale.startswith(language) else [f"speaks {language}"]
    return [f"{address} at {view}: {fault}" for fault in wrong + sideways(page) + _axe(page)]


def _axe(page: Page) -> list[str]:
    page.evaluate(AXE)
    answer = page.evaluate("(rules) => axe.run(document, { runOnly: rules, resultTypes: ['violations'] })", RULES)
    return [
        f"{fault['id']} ({fault['help']}): {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for fault in answer["violations"]
        for node in fault["nodes"][:3]
    ]
