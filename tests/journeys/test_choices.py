"""The choices of the page to create, in a true browser: sliding, wrong numbers, pictures for numbers, no scripts."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from stylize import tiers
from stylize.samples import drawings, photos
from tests.journeys.service import Service, wait_until

PHONE = {"width": 390, "height": 800}


@pytest.fixture(scope="module")
def measured(site: Service) -> Service:
    """A site that has painted once and so can tell how long things take."""
    site.wait_for(site.submit(), "done", 180)
    return site


@pytest.fixture
def page(browser: Browser, measured: Service) -> Iterator[Page]:
    context = browser.new_context(base_url=measured.url, viewport=PHONE)  # type: ignore[arg-type]
    opened = context.new_page()
    troubles: list[str] = []
    opened.on("pageerror", lambda error: troubles.append(str(error)))
    opened.goto("/paint/")
    yield opened
    context.close()
    assert not troubles


def roubles(iterations: int) -> str:
    return f"{tiers.HD.price_minor(iterations, 'RUB') // 100}\u00a0₽"


def card(page: Page, shows: str) -> str:
    return page.locator(f'.tier [data-shows="{shows}"]').last.inner_text()


def test_sliding_moves_number_price_and_wait_and_chooses_the_tier(page: Page) -> None:
    slider = page.get_by_role("slider", name="How many iterations")
    number, total = page.locator("#id_iterations"), page.locator("p[data-sum]")
    slider.focus()
    page.keyboard.press("Home")
    expect(number).to_have_value("100")
    expect(page.locator("#tier-hd")).to_be_checked()
    assert card(page, "price") == roubles(100)
    shortest = card(page, "wait")
    page.keyboard.press("End")
    expect(number).to_have_value("1000")
    assert (card(page, "price"), card(page, "wait")) != (roubles(100), shortest)
    assert card(page, "price") == roubles(1000)
    expect(total).to_have_text(f"{roubles(1000)} · {card(page, 'wait')}")
    assert slider.get_attribute("aria-valuetext") == f"1000: {total.inner_text()}"
    page.keyboard.press("ArrowLeft")
    expect(number).to_have_value("950")
    page.locator("label[for=tier-free]").click()
    expect(total).to_contain_text("Free of charge")
    assert card(page, "price") == roubles(950)


def test_a_wrong_number_is_told_and_there_is_one_price(page: Page) -> None:
    number, trouble = page.locator("#id_iterations"), page.locator("[data-trouble]")
    number.fill("120")
    number.blur()
    expect(trouble).to_have_text("Choose 100 to 1000 iterations in steps of 50.")
    assert number.get_attribute("aria-invalid") == "true"
    assert card(page, "price") == roubles(100)
    expect(page.locator("p[data-sum]")).to_contain_text(roubles(100))
    number.fill("300")
    expect(trouble).to_be_empty()
    assert card(page, "price") == roubles(300)
    number.fill("7")
    page.locator("label[for=tier-free]").click()
    expect(number).to_have_value("100")  # or a wrong number would stop a form that needs none
    expect(trouble).to_be_empty()


def test_what_was_shown_is_what_is_ordered(page: Page, measured: Service, tmp_path: Path) -> None:
    photos.open_photo("coffee").save(tmp_path / "photo.jpg")
    drawings.draw("windy-night").save(tmp_path / "style.png")
    page.set_input_files("input[name=photo]", tmp_path / "photo.jpg")
    page.set_input_files("input[name=style_image]", tmp_path / "style.png")
    page.get_by_role("slider", name="How many iterations").fill("650")
    shown = card(page, "price")
    page.get_by_text("Fine tuning").click()
    page.get_by_role("group", name="Brush size").get_by_label("0.5", exact=True).check()
    page.get_by_role("group", name="Colours", exact=True).get_by_label("A few of the style's").check()
    page.get_by_role("group", name="How many colours").get_by_label("5", exact=True).check()
    page.get_by_role("button", name="Paint it").click()
    page.wait_for_url(re.compile("/jobs/"))
    key = page.url.rstrip("/").rsplit("/", 1)[1]
    recipe = "SELECT iterations, amount_minor, controls FROM stylize_job WHERE key = %s"
    ((iterations, amount_minor, controls),) = measured.query(recipe, key)
    assert (iterations, amount_minor, roubles(650)) == (650, tiers.HD.price_minor(650, "RUB"), shown)
    assert controls == {"brush_size": 0.5, "colours": "palette", "palette": 5}


def test_every_choice_can_be_made_with_the_keyboard_and_is_seen(page: Page) -> None:
    page.get_by_text("Fine tuning").click()
    usual = page.locator("input[name=smoothness][value='1']")
    usual.focus()
    page.keyboard.press("ArrowRight")
    chosen = page.locator("input[name=smoothness][value='3']")
    expect(chosen).to_be_checked()
    outline = "input => getComputedStyle(input.parentElement.querySelector('img')).outlineColor"
    assert chosen.evaluate(outline) != usual.evaluate(outline)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_scripts_move_nothing(browser: Browser, measured: Service) -> None:
    """The tiers stand where they stood before the script ran."""
    context = browser.new_context(base_url=measured.url, viewport=PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    held: list[object] = []
    page.route("**/tiers*.js", lambda route: held.append(route))
    page.goto("/paint/", wait_until="commit")
    page.locator(".create__send").wait_for()
    styled = "[...document.querySelectorAll('link[rel=stylesheet]')].every((link) => link.sheet)"
    wait_until(lambda: bool(page.evaluate(styled)), 30, lambda: "the page stays without its style sheets")
    places = "[...document.querySelectorAll('.tier, .create__show')].map((box) => box.getBoundingClientRect().height)"
    before = page.evaluate(places)
    held[0].continue_()  # type: ignore[attr-defined]
    page.wait_for_load_state()
    expect(page.locator("[data-slider]")).to_have_attribute("aria-valuetext", re.compile("^300: "))
    assert page.evaluate(places) == before
    context.close()


def test_without_scripts_the_number_alone_works(browser: Browser, measured: Service) -> None:
    context = browser.new_context(base_url=measured.url, viewport=PHONE, java_script_enabled=False)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto("/paint/")
    expect(page.locator("[data-slider]")).to_be_hidden()
    expect(page.locator("#id_iterations")).to_be_visible()
    expect(page.get_by_text(f"{roubles(100)} to {roubles(1000)}")).to_be_visible()
    expect(page.locator("[data-shows=price]")).to_be_hidden()
    page.get_by_text("Every price and time").click()
    row = page.locator("tr[data-iterations='550']")
    expect(row).to_be_visible()
    expect(row).to_contain_text(roubles(550))
    context.close()
