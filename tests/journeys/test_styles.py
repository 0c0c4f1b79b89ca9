"""The story of a style: somebody finds it on a picture, saves it with settings, uses it on a photo chosen before."""

import re
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.journeys.service import Service
from tests.journeys.test_draft import FILES, kept, send, sign_up

RECIPE = "SELECT controls FROM stylize_job WHERE key = %s"
NAME = "Rough & loud"


def save(page: Page, key: str) -> None:
    page.goto(f"/p/{key}/")
    page.get_by_role("link", name="Save this style").click()
    page.get_by_role("link", name="Sign up").first.click()
    sign_up(page, "keeper")
    page.wait_for_url("**/styles/new/**")  # what they wanted was not lost
    page.get_by_label("Name").fill(NAME)
    page.get_by_label("In the gallery of styles").check()
    page.get_by_text("Fine tuning").click()
    page.get_by_role("group", name="Strength").get_by_label("5", exact=True).check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved. You find it below")).to_be_visible()


def test_a_style_is_saved_and_used(browser: Browser, site: Service, pair: tuple[Path, Path]) -> None:
    key = site.submit()
    site.wait_for(key, "done", 180)
    page = browser.new_page(base_url=site.url)
    try:
        save(page, key)
        page.goto("/paint/")
        page.set_input_files("#id_photo", pair[0])
        page.get_by_text("Fine tuning").click()
        page.get_by_role("group", name="Strength").get_by_label("0.2", exact=True).check()
        page.get_by_label("Private: only for me").check()
        kept(page, "file:photo", "form")
        page.goto("/styles/")
        page.get_by_role("link", name=NAME, exact=True).click()
        expect(page.get_by_text("5, more style")).to_be_visible()
        page.get_by_role("link", name="Use this style").click()
        page.wait_for_url(re.compile("filter="))
        expect(page.get_by_text("Your choice from before is here.")).to_be_visible()
        assert page.evaluate(FILES) == {"photo": "coffee.jpg"}
        expect(page.locator("input[name=strength][value='5']")).to_be_checked()
        expect(page.locator("input[name=visibility][value=private]")).to_be_checked()
        assert site.query(RECIPE, send(page)) == [({"strength": 5.0},)]
    finally:
        page.close()
