"""Looking through the walls: they go on by themselves, are pages without scripts, and keep where one was."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.browser import sideways
from tests.journeys.service import Service

PAGE = 24
PAGES = 7
HANG = f"""
from people.models import User
from feed import posts
from stylize.models import Job
from tests import make
painter = make.user("walls")
picture = make.done_job(painter, width=600, height=450)
for number in range({PAGE * PAGES}):
    job = Job.objects.get(pk=picture.pk)
    job.pk, job.key, job.form_token = None, "w%03d" % number, None
    job.height = (450, 600, 800)[number % 3]
    job.save()
    posts.describe(posts.publish(job), "Picture %d" % number, ["walls"])
"""
TOP = """key => document.querySelector(`.card__picture[href="/p/${key}/"]`)?.getBoundingClientRect().top"""
WALL = "/tag/walls/"


@pytest.fixture(scope="module")
def hung(site: Service) -> None:
    site.shell(HANG)


@pytest.fixture
def open_page(browser: Browser, site: Service, hung: None) -> Iterator[Callable[..., Page]]:
    """The test fails when a page logs an error or breaks its own content policy."""
    contexts, troubles = [], []

    def opened(path: str, **options: Any) -> Page:
        context = browser.new_context(base_url=site.url, viewport={"width": 1280, "height": 800}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda message: troubles.append(message.text) if "Policy" in message.text else None)
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not troubles


def to_the_end(page: Page, cards: int) -> None:
    """Scroll until so many hang."""
    for _try in range(40):
        if page.locator(".wall > .card").count() >= cards:
            return
        page.mouse.wheel(0, 3000)
        page.wait_for_timeout(150)
    raise AssertionError(f"{page.locator('.wall > .card').count()} cards of {cards}")


def test_the_wall_goes_on_for_three_pages_and_then_asks(open_page: Callable[..., Page]) -> None:
    page = open_page(WALL)
    to_the_end(page, 4 * PAGE)
    page.keyboard.press("End")
    page.wait_for_timeout(500)
    cards = page.locator(".wall > .card")
    expect(cards).to_have_count(4 * PAGE)  # the foot of the page can be reached
    expect(page.locator("footer")).to_be_in_viewport()
    more = page.get_by_role("link", name="Show more pictures")
    more.focus()
    page.keyboard.press("Enter")
    expect(cards).to_have_count(5 * PAGE)
    expect(cards.nth(4 * PAGE).locator(".card__picture")).to_be_focused()
    shown = page.locator(".card__picture").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert len(set(shown)) == len(shown)
    assert page.get_by_role("status").inner_text() == f"More pictures are on the wall: {5 * PAGE}"
    more.click()
    more.click()
    expect(cards).to_have_count(PAGES * PAGE)
    expect(more).to_have_count(0)
    assert not sideways(page)


def test_what_comes_later_hangs_in_justified_rows_too(open_page: Callable[..., Page]) -> None:
    page = open_page(WALL)
    to_the_end(page, 2 * PAGE)
    wrong = page.locator(".wall > .card .painting").evaluate_all(
        "all => all.filter(one => Math.abs(one.clientWidth / one.clientHeight - one.width / one.height) > 0.05).length"
    )
    ratios = page.locator(".wall > .card").evaluate_all(
        "all => all.map(one => getComputedStyle(one)).map(of => of.getPropertyValue('--w'))"
    )
    assert wrong == 0 and all(ratios)


@pytest.mark.parametrize("how", ["back", "reload"])
def test_who_comes_back_is_where_they_were(open_page: Callable[..., Page], how: str) -> None:
    page = open_page(WALL)
    to_the_end(page, 3 * PAGE)
    key = "w100"
    card = page.locator(f'.card__picture[href="/p/{key}/"]')
    card.scroll_into_view_if_needed()
    page.wait_for_timeout(600)
    before = page.evaluate(TOP, key)
    if how == "back":
        card.click()
        page.wait_for_url(f"**/p/{key}/")
        page.go_back()
    else:
        page.reload()
    expect(card).to_be_in_viewport(timeout=15_000)
    page.wait_for_timeout(600)
    assert page.evaluate(TOP, key) == pytest.approx(before, abs=4)


def test_with_reduced_motion_nothing_comes_by_itself(open_page: Callable[..., Page]) -> None:
    page = open_page(WALL, reduced_motion="reduce")
    page.keyboard.press("End")
    page.wait_for_timeout(800)
    expect(page.locator(".wall > .card")).to_have_count(PAGE)
    page.get_by_role("link", name="Show more pictures").click()
    expect(page.locator(".wall > .card")).to_have_count(2 * PAGE)


def test_without_scripts_the_walls_are_pages(open_page: Callable[..., Page]) -> None:
    page = open_page(WALL, java_script_enabled=False)
    for _page in range(PAGES - 1):
        assert page.locator(".wall > .card").count() == PAGE
        page.get_by_role("link", name="Further pictures").click()
    assert page.get_by_role("link", name="Further pictures").count() == 0
    page.get_by_role("link", name="To the beginning").click()
    assert page.url.endswith(WALL)


def test_a_page_that_does_not_come_is_told_and_can_be_asked_for_again(open_page: Callable[..., Page]) -> None:
    page = open_page(WALL, reduced_motion="reduce")
    page.route("**/*before=*", lambda route: route.abort())
    more = page.get_by_role("link", name="Show more pictures")
    more.click()
    expect(page.get_by_role("alert")).to_have_text("The next pictures did not come. Try again.")
    page.unroute("**/*before=*")
    more.click()
    expect(page.locator(".wall > .card")).to_have_count(2 * PAGE)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_searching_and_turning_to_other_walls(open_page: Callable[..., Page]) -> None:
    page = open_page("/")
    page.get_by_role("searchbox").fill("Picture 7")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Search")
    expect(page.get_by_role("searchbox")).to_have_value("Picture 7")
    expect(page.locator(".wall > .card")).to_have_count(1)
    page.get_by_role("link", name="Best of the week").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Best of the week")
    page.get_by_role("link", name="People I follow").click()
    page.wait_for_url("**/accounts/login/?next=/following/")
