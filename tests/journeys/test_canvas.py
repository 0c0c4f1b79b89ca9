"""Canvases, in a true browser: one is ordered, paid for, painted at print size, made and delivered, and page and mails
tell the story; another is cancelled before it is made, and the money comes back; a third visitor is told that the
photo is too small.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys import service
from tests.journeys.service import Service, wait_until

PHONE, DESK = {"width": 390, "height": 800}, {"width": 1280, "height": 900}
PAID_MS, PAINTED_MS, PRINTED_S, TOLD_S = 30_000, 120_000, 120, 60
REFUSED = "400 (Bad Request)"  # a form that comes back; Chromium calls it an error
ORDER = "SELECT status, master <> '' FROM billing_canvasorder WHERE key = %s"
MONEY = "SELECT status, amount_minor, refunded_minor FROM billing_payment WHERE order_key = %s"


@contextmanager
def visiting(browser: Browser, site: Service, *, scripts: bool = True, wide: bool = False) -> Iterator[Page]:
    viewport = DESK if wide else PHONE
    context = browser.new_context(base_url=site.url, viewport=viewport, java_script_enabled=scripts)  # type: ignore[arg-type]
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on(
        "console",
        lambda said: troubles.append(said.text) if said.type == "error" and REFUSED not in said.text else None,
    )
    yield page
    context.close()
    assert not troubles


@pytest.fixture(scope="module")
def painter(browser: Browser, site: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Page, str]]:
    """Somebody with a finished public picture that others may order. It is small, or the tests would take long."""
    folder: Path = tmp_path_factory.mktemp("pair")
    for picture, name in zip(service.small_pair(), ("photo.jpg", "style.png"), strict=True):
        picture.save(folder / name)
    with visiting(browser, site, wide=True) as page:
        page.goto("/paint/")
        page.set_input_files("input[name=photo]", folder / "photo.jpg")
        page.set_input_files("input[name=style_image]", folder / "style.png")
        page.locator("form button.button--primary").last.click()
        page.wait_for_url(re.compile("/jobs/"))
        key = page.url.rstrip("/").rsplit("/", 1)[1]
        expect(page.get_by_role("heading", name="Your painting is ready")).to_be_visible(timeout=PAINTED_MS)
        page.get_by_label("others may order it as a canvas").check()
        page.get_by_role("button", name="Save").click()
        yield page, key


def test_one_is_ordered_made_and_delivered_and_the_story_is_told(
    browser: Browser, site: Service, painter: tuple[Page, str]
) -> None:
    page, picture = painter
    page.goto(f"/jobs/{picture}/")
    page.get_by_role("link", name="Print it on canvas").click()
    page.locator("input[name=size][value='20x30']").check()
    expect(page.locator(".atelier__price")).to_contain_text("1,800")
    page.get_by_label("One colour").check()
    page.locator("[data-edge='se']").focus()
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.locator("[data-live=turned] rect").first).to_be_attached()
    page.wait_for_url(re.compile("wrap=colour.*width=9"))
    page.get_by_label("I have read it").check()
    page.get_by_role("button", name="Order this canvas").click()
    key = paid(page, "1,800")
    wait_until(lambda: site.query(ORDER, key) == [("ready", True)], PRINTED_S, site.tail)
    with visiting(browser, site, wide=True) as staff:
        staff.context.add_cookies([{"name": "sessionid", "value": site.staff_session(), "url": site.url}])
        staff.goto(f"/staff/canvases/{key}/")
        staff.get_by_role("button", name="Begin to make it").click()
        staff.get_by_label("Tracking number").fill("RR123456789RU")
        staff.get_by_role("button", name="It is sent").click()
        staff.get_by_role("button", name="It has arrived").click()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your canvas has arrived")
    for told in ("Ordered", "Painted at print size, and checked", "Sent", "Delivered", "RR123456789RU", "Nevsky 1"):
        expect(page.get_by_role("main")).to_contain_text(told)
    expect(page.get_by_role("button", name="Cancel this canvas")).to_have_count(0)
    for mailed in ("Your canvas is painted", "is being made", "is on its way", "has arrived", "RR123456789RU"):
        wait_until(lambda: mailed in site.log.read_text(errors="replace"), TOLD_S, lambda: f"{mailed}: {site.tail()}")  # noqa: B023


def test_another_is_cancelled_before_it_is_made_and_the_money_comes_back(
    browser: Browser, site: Service, painter: tuple[Page, str]
) -> None:
    with visiting(browser, site, scripts=False) as page:
        page.goto(f"/p/{painter[1]}/")
        page.get_by_role("link", name="Print it on canvas").click()
        page.locator("input[name=size][value='20x30']").check()
        page.locator("input[name=format][value=portrait]").check()
        page.get_by_role("button", name="Show it").click()
        expect(page.get_by_role("main")).to_contain_text("20 × 30 cm, over a sofa")
        page.get_by_label("I have read it").check()
        page.get_by_role("button", name="Order this canvas").click()
        key = paid(page, "1,800")
        expect(page.get_by_role("main")).to_contain_text("all of its price, 1,800\u00a0₽, goes back to you")
        page.get_by_role("button", name="Cancel this canvas").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Your canvas is cancelled")
        wait_until(lambda: site.query(MONEY, key) == [("paid", 180000, 180000)], TOLD_S, site.tail)
        wait_until(lambda: "were given back" in told(page), TOLD_S, site.tail)


def test_a_third_finds_the_photo_too_small_and_is_told_so_in_words(
    browser: Browser, site: Service, painter: tuple[Page, str]
) -> None:
    with visiting(browser, site) as page:
        page.goto(f"/canvas/{painter[1]}/")
        page.locator("input[name=size][value='60x90']").check()
        main = page.get_by_role("main")
        expect(main).to_contain_text("The photo is too small for this canvas: only its large forms will be there.")
        expect(main).to_contain_text("It cannot add what the photo never had")
        page.get_by_label("I have read it").wait_for()
        with page.expect_navigation():
            page.get_by_role("button", name="Order this canvas").click()
        expect(page.get_by_role("alert")).to_contain_text("tick that you have")
        page.get_by_label("I have read it").check()
        page.get_by_role("button", name="Order this canvas").click()
        expect(page.get_by_role("button", name="Pay 6,500\u00a0₽")).to_be_visible()


def paid(page: Page, roubles: str) -> str:
    """At the till, with an address; the order's key."""
    page.get_by_role("button", name=f"Pay {roubles}\u00a0₽").click()
    page.wait_for_url(re.compile("/pay/cs_"), timeout=PAID_MS)
    for label, typed in (("E-mail", "ann@example.org"), ("Full name", "Ann Smith"), ("Address", "Nevsky 1")):
        page.get_by_label(label).first.fill(typed)
    page.get_by_label("Town").fill("Saint Petersburg")
    page.get_by_label("Postal code").fill("190000")
    page.get_by_label("Phone").fill("+7 812 000")
    page.get_by_role("button", name=re.compile("^Pay")).first.click()
    page.wait_for_url(re.compile("/canvas-orders/"), timeout=PAID_MS)
    expect(page.get_by_role("heading", level=1)).to_have_text("Your canvas is being painted")
    return page.url.rstrip("/").rsplit("/", 1)[1]


def told(page: Page) -> str:
    page.reload()
    return page.get_by_role("main").inner_text()
