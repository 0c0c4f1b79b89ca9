"""Without a connection: a page that says so, in the place of the browser's own; and back again."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.browser import chromium
from tests.journeys.service import Service

IN_CHARGE = """async () => {
    await navigator.serviceWorker.ready;
    while (!navigator.serviceWorker.controller) await new Promise((after) => setTimeout(after, 20));
}"""


@pytest.fixture
def reader(site: Service) -> Iterator[Page]:
    with chromium() as browser:
        page = browser.new_page(base_url=site.url)
        page.goto("/terms/")
        page.evaluate(IN_CHARGE)
        yield page


def test_a_lost_connection_is_told_and_comes_back(reader: Page) -> None:
    reader.context.set_offline(True)
    reader.goto("/privacy/")
    expect(reader.get_by_role("heading", name="You are offline")).to_be_visible()
    assert reader.evaluate("getComputedStyle(document.querySelector('.trouble')).display") == "grid"
    reader.context.set_offline(False)
    reader.get_by_role("link", name="Try again").click()
    expect(reader.get_by_role("heading", name="Privacy")).to_be_visible()


def test_nothing_but_that_page_is_kept(reader: Page) -> None:
    reader.goto("/")
    kept = reader.evaluate(
        """async () => (await Promise.all((await caches.keys()).map(async (name) =>
            (await (await caches.open(name)).keys()).map((request) => new URL(request.url).pathname)))).flat()"""
    )
    assert kept == ["/offline/"]


def test_a_form_is_never_answered_by_it(reader: Page) -> None:
    """The browser's own page stands there instead, and its way back brings the form with all that was chosen."""
    reader.context.set_offline(True)
    with reader.expect_event("requestfailed") as failed:
        reader.evaluate(
            """() => {
                const form = Object.assign(document.createElement("form"), { method: "post", action: "/paint/" });
                document.body.append(form);
                form.submit();
            }"""
        )
    assert failed.value.method == "POST"
    expect(reader.get_by_role("heading", name="You are offline")).to_have_count(0)
