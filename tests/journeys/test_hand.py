"""The owner's hand on a job: a long painting is taken early, another moment of it is chosen, and everybody sees it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.service import Service

PHONE = {"width": 390, "height": 800}
STARTED_MS = 90_000
ENDED_MS = 30_000


@pytest.fixture
def owner(browser: Browser, site: Service) -> Iterator[Page]:
    context = browser.new_context(base_url=site.url, viewport=PHONE)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


def test_a_long_painting_is_taken_early_and_another_frame_chosen(
    owner: Page, site: Service, pair: tuple[Path, Path]
) -> None:
    key = _order_long(owner, pair)
    site.release(key)
    _finish_now(owner)
    iterations = _frames_so_far(owner)
    assert iterations[0] == 1
    assert iterations[-1] < 1000
    _choose_the_first(owner, key)
    _everybody_sees_it(owner, key)
    _and_back(owner, key, iterations[-1])


def _order_long(page: Page, pair: tuple[Path, Path]) -> str:
    page.goto("/paint/")
    page.set_input_files("input[name=photo]", pair[0])
    page.set_input_files("input[name=style_image]", pair[1])
    page.locator("label[for=tier-hd]").click()
    page.locator("input[name=iterations]").fill("1000")
    page.get_by_role("button", name="Paint it").click()
    page.wait_for_url(re.compile("/jobs/"))
    expect(page.get_by_role("button", name="Finish now")).to_have_count(0)  # nothing to finish: it is not paid
    return page.url.rstrip("/").rsplit("/", 1)[1]


def _finish_now(page: Page) -> None:
    """The button appears by itself when the painting runs."""
    page.reload()
    button = page.get_by_role("button", name="Finish now")
    expect(button).to_be_visible(timeout=STARTED_MS)
    expect(page.locator("[data-detail]")).to_contain_text(
        re.compile("Iteration [2-9]|Iteration 1[0-9]"), timeout=STARTED_MS
    )
    button.click()
    expect(page.get_by_role("heading", name="Your painting is ready")).to_be_visible(timeout=ENDED_MS)
    expect(page.locator(".facts")).to_contain_text("of 1000")


def _frames_so_far(page: Page) -> list[int]:
    shots = page.locator(".strip__shot")
    for image in page.locator(".strip__shot img").all():
        image.scroll_into_view_if_needed()
        image.evaluate("image => image.decode()")
    expect(page.locator(".strip__shot[aria-current]")).to_have_count(1)
    page.wait_for_function("""() => {
        const { left, right } = document.querySelector(".strip__shot[aria-current]").getBoundingClientRect();
        return left >= 0 && right <= innerWidth;
    }""")  # the strip opens where the shown one is
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]  # the strip scrolls, not the page
    return [int(shot.get_attribute("value") or 0) for shot in shots.all()]


def _choose_the_first(page: Page, key: str) -> None:
    page.locator(".strip__shot").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("This is the picture now")).to_be_visible()
    expect(page.locator(".strip__shot").first).to_have_attribute("aria-current", "true")
    expect(page.locator(".facts")).to_contain_text("iteration 1")
    assert _shown(page, key, "?v=1")
    assert page.request.get(f"/pictures/{key}/card.webp").status == 404


def _everybody_sees_it(page: Page, key: str) -> None:
    page.goto(f"/p/{key}/")
    assert _shown(page, key, "?v=1")
    page.goto(f"/jobs/{key}/")


def _and_back(page: Page, key: str, last: int) -> None:
    page.locator(f".strip__shot[value='{last}']").click()
    expect(page.get_by_text("This is the picture now")).to_be_visible()
    assert _shown(page, key, "?v=2")
    expect(page.locator(".facts")).not_to_contain_text("Shown as it was")


def _shown(page: Page, key: str, version: str) -> bool:
    """Whether the large picture has loaded from this version's address."""
    picture = page.locator("img.painting").first
    picture.evaluate("image => image.decode()")
    source = str(picture.evaluate("image => image.currentSrc"))
    return f"/pictures/{key}/" in source and source.endswith(version)
