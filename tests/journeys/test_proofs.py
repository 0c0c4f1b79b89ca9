"""Nine proofs as a visitor uses them, with scripts and without: ask, watch, choose one; the order has its controls."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.service import Service, small_pair

PAINTED_MS = 180_000
PHONE = {"width": 390, "height": 844}
RECIPE = "SELECT tier, iterations, visibility, controls FROM stylize_job WHERE key = %s"


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """A small one, so that nine are soon painted."""
    paths = tmp_path / "photo.jpg", tmp_path / "style.png"
    for picture, path in zip(small_pair(), paths, strict=True):
        picture.save(path)
    return paths


def test_a_visitor_sees_nine_and_orders_one(browser: Browser, site: Service, pair: tuple[Path, Path]) -> None:
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    proofs = _ask(page, pair)
    expect(page.get_by_role("button", name="Paint this one")).to_be_visible(timeout=PAINTED_MS)
    expect(page.get_by_role("heading", level=1)).to_have_text("Your nine proofs are ready")
    _look_at_them(page)
    page.get_by_role("radio", name="Strength 0.1, brush size 2").check(force=True)
    expect(page.get_by_alt_text("Proof with strength 0.1 and brush size 2, larger")).to_be_visible()
    page.get_by_role("button", name="Change something first").click()
    page.wait_for_url(re.compile(rf"/paint/\?again={proofs}&proof=7"))
    expect(page.locator("input[name=brush_size][value='2']")).to_be_checked()
    expect(page.locator("#tier-hd")).to_be_checked()
    page.go_back()
    page.get_by_role("radio", name="Strength 0.01, brush size 0.5").check(force=True)
    page.get_by_role("button", name="Paint this one").click()
    page.wait_for_url(lambda url: "/jobs/" in url and proofs not in url)
    _is_ordered(page, site, strength=0.01, brush_size=0.5)
    context.close()
    assert not troubles


def test_the_same_without_javascript_on_a_phone(browser: Browser, site: Service, pair: tuple[Path, Path]) -> None:
    context = browser.new_context(base_url=site.url, java_script_enabled=False, viewport=PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(PAINTED_MS)
    proofs = _ask(page, pair)
    page.get_by_role("button", name="Paint this one").wait_for()  # the page reloads itself until then
    page.get_by_role("radio", name="Strength 1, brush size 0.5").check(force=True)
    larger = page.get_by_alt_text("Proof with strength 1 and brush size 0.5, larger")
    expect(larger).to_be_visible()
    box = larger.bounding_box()
    assert box and box["width"] > 0.85 * PHONE["width"]  # tapped, it is as wide as the phone
    page.get_by_role("button", name="Paint this one").click()
    page.wait_for_url(lambda url: "/jobs/" in url and proofs not in url)
    _is_ordered(page, site, strength=1, brush_size=0.5)
    context.close()


def _ask(page: Page, pair: tuple[Path, Path]) -> str:
    """The key of nine proofs for an HD painting that only its owner is to see."""
    page.goto("/paint/")
    page.set_input_files("input[name=photo]", pair[0])
    page.set_input_files("input[name=style_image]", pair[1])
    page.locator("label[for=tier-hd]").click()
    page.get_by_label("Private: only for me").check()
    page.get_by_role("button", name="See nine small proofs first").click()
    page.wait_for_url(re.compile("/jobs/"))
    return page.url.rstrip("/").rsplit("/", 1)[1]


def _look_at_them(page: Page) -> None:
    """All nine have arrived, each at its place: rows of one height, columns of one width."""
    cells = page.locator("label.proof img")
    expect(cells).to_have_count(9)
    cells.evaluate_all("images => Promise.all(images.map(image => image.decode()))")  # a broken one throws
    boxes = [cell.bounding_box() for cell in cells.all()]
    places = [(round(box["x"]), round(box["y"])) for box in boxes if box]
    assert len(set(places)) == 9
    assert len({x for x, _y in places}) == len({y for _x, y in places}) == 3
    assert sorted(places, key=lambda place: (place[1], place[0])) == places


def _is_ordered(page: Page, site: Service, **pair: float) -> None:
    key = page.url.rstrip("/").rsplit("/", 1)[1]
    ((tier, iterations, visibility, controls),) = site.query(RECIPE, key)
    assert (tier, iterations, visibility) == ("hd", 300, "private")
    assert {"strength": 1.0, "brush_size": 1.0, **controls} == pair
    page.get_by_role("button", name="Cancel this painting").click()
    page.get_by_role("heading", name="Cancelled").wait_for()
