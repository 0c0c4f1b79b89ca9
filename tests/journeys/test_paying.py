"""Two visitors pay, in a true browser, at the practice till: one watches the painting grow to its end; another is
declined, tries again, stops the painting half-way and sees the rest of the money come back.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from stylize import tiers
from tests.journeys.service import Service, wait_until

PHONE = {"width": 390, "height": 800}
PAID_MS = 30_000
PAINTED_MS = 120_000
PAYMENT = "SELECT status, is_fulfilled, amount_minor, refunded_minor FROM billing_payment WHERE job_key = %s"


@pytest.fixture
def visitor(browser: Browser, site: Service) -> Iterator[Page]:
    with visiting(browser, site, scripts=True) as page:
        yield page


@pytest.fixture
def plain(browser: Browser, site: Service) -> Iterator[Page]:
    """A visitor without JavaScript."""
    with visiting(browser, site, scripts=False) as page:
        yield page


@contextmanager
def visiting(browser: Browser, site: Service, *, scripts: bool) -> Iterator[Page]:
    context = browser.new_context(base_url=site.url, viewport=PHONE, java_script_enabled=scripts)  # type: ignore[arg-type]
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
    yield page
    context.close()
    assert not troubles


def test_pays_for_hd_and_watches_it_paint(visitor: Page, site: Service, pair: tuple[Path, Path]) -> None:
    key = order(visitor, pair, iterations=100)
    to_the_till(visitor, "50")
    visitor.get_by_label("E-mail").fill("visitor@example.org")
    visitor.get_by_role("button", name=re.compile("^Pay")).first.click()
    visitor.wait_for_url(re.compile(f"/jobs/{key}/"), timeout=PAID_MS)
    expect(visitor.get_by_role("button", name=re.compile("^Pay "))).to_have_count(0)
    expect(visitor.get_by_role("heading", name="Your painting is ready")).to_be_visible(timeout=PAINTED_MS)
    visitor.goto("/payments/")
    expect(visitor.get_by_role("main")).to_contain_text("50\u00a0₽")
    assert site.query(PAYMENT, key) == [("paid", True, 5000, 0)]


def test_is_declined_tries_again_stops_it_and_sees_the_rest_come_back(
    plain: Page, site: Service, pair: tuple[Path, Path]
) -> None:
    key = order(plain, pair, iterations=1000)
    to_the_till(plain, "250")
    plain.get_by_label("E-mail").fill("visitor@example.org")
    plain.get_by_role("button", name="Decline").click()
    expect(plain.get_by_role("alert")).to_contain_text("Nothing was charged")
    assert site.query(PAYMENT, key) == [("pending", False, 25000, 0)]
    plain.get_by_role("button", name=re.compile("^Pay")).first.click()
    plain.wait_for_url(re.compile(f"/jobs/{key}/"), timeout=PAID_MS)
    wait_until(lambda: iterations_of(plain, key) >= 5, 90, site.tail)
    plain.get_by_role("button", name="Cancel this painting").click()
    assert site.status(key) == "cancelled"
    wait_until(lambda: given_back(site, key) > 0, 60, site.tail)
    plain.reload()
    ((_status, _fulfilled, paid, back),) = site.query(PAYMENT, key)
    ((done,),) = site.query("SELECT iterations_done FROM stylize_job WHERE key = %s", key)
    assert 0 < done < 1000
    assert back == paid - tiers.HD.worth_minor(done, "RUB")
    expect(plain.get_by_role("main")).to_contain_text(f"{back // 100}\u00a0₽")
    assert [one["amount"] for one in site.till.refunds() if one["status"] == "succeeded"][-1] == back


def order(page: Page, pair: tuple[Path, Path], *, iterations: int) -> str:
    page.goto("/paint/")
    page.set_input_files("input[name=photo]", pair[0])
    page.set_input_files("input[name=style_image]", pair[1])
    page.locator("label[for=tier-hd]").click()
    page.locator("input[name=iterations]").last.fill(str(iterations))
    page.locator("form button.button--primary").last.click()
    page.wait_for_url(re.compile("/jobs/"))
    return page.url.rstrip("/").rsplit("/", 1)[1]


def to_the_till(page: Page, roubles: str) -> None:
    page.get_by_role("button", name=f"Pay {roubles}\u00a0₽").click()
    page.wait_for_url(re.compile("/pay/cs_"), timeout=PAID_MS)
    expect(page.get_by_role("main")).to_contain_text(f"{roubles}\u00a0₽")


def iterations_of(page: Page, key: str) -> int:
    """As the page tells it; without scripts it looks again when it is loaded again."""
    page.goto(f"/jobs/{key}/")
    found = re.search(r"Iteration ([\d,]+)", page.get_by_role("main").inner_text())
    return int(found[1].replace(",", "")) if found else 0


def given_back(site: Service, key: str) -> int:
    (((_status, _fulfilled, _paid, back),)) = site.query(PAYMENT, key)
    unsent = site.query("SELECT 1 FROM billing_refund WHERE status = 'requested'")
    return 0 if unsent else int(back)
