"""Two people: one signs up, paints in private, names the picture and publishes it; the other finds it, likes it, says
something, follows; and the first is told. The second has no JavaScript.
"""

import re
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests import make
from tests.journeys.browser import sideways
from tests.journeys.service import Service

PHONE = {"width": 390, "height": 844}
PAINTED_MS = 180_000
TITLE, WORD = "Coffee at the window", "What a calm blue!"


def test_published_found_liked_said_followed_and_told(browser: Browser, site: Service, pair: tuple[Path, Path]) -> None:
    painter = browser.new_context(base_url=site.url).new_page()
    friend = browser.new_context(
        base_url=site.url,
        viewport=PHONE,  # type: ignore[arg-type]
        java_script_enabled=False,
    ).new_page()
    for page, name in ((painter, "rosa"), (friend, "emil")):
        _sign_up(page, name)
    _call_oneself(painter, "rosa-rossi")
    key = _paint_in_private(painter, pair)
    assert friend.goto(f"/p/{key}/").status == 404  # type: ignore[union-attr]
    _publish(painter, key)
    _find_by_tag(friend)
    _like_and_say(friend)
    _follow(friend, key)
    _be_told(painter)


def _sign_up(page: Page, name: str) -> None:
    page.goto("/accounts/signup/")
    page.fill("input[name=email]", f"{name}@example.org")
    page.fill("input[name=password1]", make.PASSWORD)
    page.fill("input[name=password2]", make.PASSWORD)
    page.locator("main form button").last.click()
    expect(page.get_by_label("Account").first).to_be_visible()


def _call_oneself(page: Page, handle: str) -> None:
    page.goto("/me/")
    page.locator("input[name=handle]").fill(handle)
    page.locator("[name=about]").fill("I paint my breakfasts.")
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("Saved.")).to_be_visible()


def _paint_in_private(page: Page, pair: tuple[Path, Path]) -> str:
    page.goto("/paint/")
    page.set_input_files("input[name=photo]", pair[0])
    page.set_input_files("input[name=style_image]", pair[1])
    page.locator("input[name=visibility][value=private]").check()
    page.get_by_role("button", name="Paint it").click()
    page.wait_for_url(re.compile("/jobs/"))
    page.get_by_role("link", name="Download").wait_for(timeout=PAINTED_MS)
    return page.url.rstrip("/").rsplit("/", 1)[1]


def _publish(page: Page, key: str) -> None:
    page.goto(f"/jobs/{key}/")
    page.locator("input[name=title]").fill(TITLE)
    page.locator("input[name=tags]").fill("breakfast, blue")
    page.get_by_role("button", name="Name it").click()
    expect(page.locator("input[name=title]")).to_have_value(TITLE)
    page.locator("input[name=visibility][value=public]").check()
    page.locator("form:has(input[name=visibility]) button").last.click()
    expect(page.get_by_text("Saved.")).to_be_visible()


def _find_by_tag(page: Page) -> None:
    page.goto("/search/?q=%23breakfast")
    page.locator(".card__picture").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    assert not sideways(page)


def _like_and_say(page: Page) -> None:
    page.get_by_role("button", name="Like").click()
    expect(page.get_by_role("button", name="Like")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-count]")).to_have_text("1")
    page.locator("textarea[name=text]").fill(WORD)
    page.get_by_role("button", name="Say it").click()
    expect(page.locator(".said__text")).to_have_text(WORD)


def _follow(page: Page, key: str) -> None:
    page.goto(f"/p/{key}/")
    page.get_by_role("link", name="rosa-rossi").first.click()
    page.get_by_role("button", name="Follow").click()
    expect(page.get_by_role("button", name="Stop following")).to_be_visible()
    assert not sideways(page)
    page.goto("/following/")
    expect(page.locator(f"a[href='/p/{key}/']").first).to_be_visible()


def _be_told(page: Page) -> None:
    page.goto("/notices/")
    told = page.locator(".told")
    for words in ("likes", WORD, "follows"):
        expect(told).to_contain_text(words)
    page.get_by_role("link", name=TITLE).or_(page.locator(".told__picture")).first.click()
    expect(page.locator(".said__text")).to_have_text(WORD)
