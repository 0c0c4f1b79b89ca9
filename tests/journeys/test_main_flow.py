"""The main job, as a newcomer does it: drop two pictures, watch the painting grow, find it in the feed."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route, expect

from stylize.samples import drawings, photos
from tests.journeys.browser import sideways
from tests.journeys.service import Service

PAINTED_MS = 180_000
PHONE = {"width": 390, "height": 800}


@pytest.fixture
def visitor(browser: Browser, site: Service) -> Iterator[Page]:
    """A newcomer; the test fails when the page logs an error or breaks its own content policy."""
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda message: _note(message, troubles))
    yield page
    context.close()
    assert not troubles


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    photo, style = tmp_path / "coffee.jpg", tmp_path / "night.png"
    photos.open_photo("coffee").save(photo)
    drawings.draw("windy-night").save(style)
    return photo, style


def test_a_newcomer_gets_a_painting_into_the_feed(visitor: Page, site: Service, pair: tuple[Path, Path]) -> None:
    key = _order(visitor, pair)
    _watch_it_grow(visitor, key)
    _find_it_in_the_feed(visitor, key)
    _sign_up_and_keep_it(visitor, key)
    _make_it_private(visitor, key)


def test_the_same_without_javascript_on_a_phone(browser: Browser, site: Service, pair: tuple[Path, Path]) -> None:
    context = browser.new_context(base_url=site.url, java_script_enabled=False, viewport=PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(PAINTED_MS)
    page.goto("/paint/")
    page.set_input_files("input[name=photo]", pair[0])
    page.set_input_files("input[name=style_image]", pair[1])
    page.get_by_role("button", name="Paint it").click()
    page.wait_for_url(re.compile("/jobs/"))
    page.get_by_role("link", name="Download").wait_for()  # the page reloads itself until then
    assert not sideways(page)
    context.close()


def test_a_bad_photo_is_told_and_the_style_stays_chosen(visitor: Page, pair: tuple[Path, Path], tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(pair[0].read_bytes()[:5000])
    visitor.goto("/paint/")
    visitor.set_input_files("input[name=photo]", broken)
    visitor.set_input_files("input[name=style_image]", pair[1])
    visitor.get_by_role("button", name="Paint it").click()
    expect(visitor.get_by_text("damaged or incomplete").first).to_be_visible()
    visitor.set_input_files("input[name=photo]", pair[0])
    visitor.get_by_role("button", name="Paint it").click()
    visitor.wait_for_url(re.compile("/jobs/"))
    visitor.get_by_role("button", name="Cancel this painting").click()
    expect(visitor.get_by_role("heading", name="Cancelled")).to_be_visible()


def test_a_server_in_trouble_takes_nothing_away(browser: Browser, site: Service, pair: tuple[Path, Path]) -> None:
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    page.goto("/paint/?from=afar")
    sign_in = page.get_by_role("link", name="Sign in")
    expect(sign_in).to_have_attribute("href", "/accounts/login/?next=/paint/%3Ffrom%3Dafar")
    answers = [(500, "<main><h1>It fell</h1><p class='lead'>Not your doing.</p></main>"), (502, "<h1>502</h1>")]

    def answer(route: Route) -> None:
        status, body = answers.pop(0)
        route.fulfill(status=status, content_type="text/html", body=body)

    page.route(re.compile("/paint/$"), answer)
    page.set_input_files("input[name=photo]", pair[0])
    page.set_input_files("input[name=style_image]", pair[1])
    page.get_by_label("Private: only for me").check()
    for words in ("It fell. Not your doing.", "The connection broke"):
        page.get_by_role("button", name="Paint it").click()
        expect(page.locator("[data-send-trouble]")).to_contain_text(words)
        expect(page.get_by_role("button", name="Paint it")).to_be_enabled()
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")  # back from another page
    page.wait_for_timeout(300)
    names = "['photo', 'style_image'].map(name => document.querySelector('[data-send]').elements[name].files[0]?.name)"
    assert page.evaluate(names) == [path.name for path in pair]
    expect(page.get_by_label("Private: only for me")).to_be_checked()
    context.close()


def test_a_mix_and_fine_tuning_reach_the_picture_and_come_back(visitor: Page, pair: tuple[Path, Path]) -> None:
    visitor.goto("/paint/")
    visitor.set_input_files("input[name=photo]", pair[0])
    visitor.set_input_files("input[name=style_image]", pair[1])
    _mix_in(visitor, pair[0])
    visitor.get_by_text("Fine tuning").click()
    visitor.get_by_role("group", name="Strength").get_by_label("5", exact=True).check()
    visitor.locator("label[for=tier-hd]").click()  # waits for payment, so that it does not end meanwhile
    visitor.get_by_role("button", name="Paint it").click()
    visitor.wait_for_url(re.compile("/jobs/"))
    expect(visitor.locator(".facts")).to_contain_text("5, more style")
    expect(visitor.locator(".facts")).to_contain_text("75")
    visitor.get_by_role("button", name="Cancel this painting").click()
    visitor.get_by_role("link", name="Change something first").click()
    expect(visitor.locator("input[name=strength][value='5']")).to_be_checked()
    expect(visitor.locator("#id_parts")).to_have_value("3")
    expect(
        visitor.get_by_role("group", name="Second style").get_by_role("radio", name="Already chosen")
    ).to_be_checked()


def _mix_in(page: Page, picture: Path) -> None:
    """A picture of one's own and a style of the gallery take each other's place."""
    page.get_by_text("Mix in more styles").click()
    second = page.get_by_role("group", name="Second style")
    preview, none = second.locator("[data-mix-preview]"), second.get_by_label("None")
    third = page.locator("#id_mix2")
    expect(third).to_be_hidden()
    second.locator("input[type=file]").set_input_files(picture)
    expect(preview).to_be_visible()
    expect(none).not_to_be_checked()
    expect(third).to_be_visible()
    none.check()
    expect(third).to_be_hidden()
    expect(preview).to_be_hidden()
    expect(second.locator("input[type=file]")).to_have_value("")
    second.locator("input[type=file]").set_input_files(picture)
    page.locator("#id_parts").select_option("3")


def _order(page: Page, pair: tuple[Path, Path]) -> str:
    page.goto("/")
    page.get_by_role("link", name=re.compile("Paint")).first.click()
    page.set_input_files("input[name=photo]", pair[0])
    page.set_input_files("input[name=style_image]", pair[1])
    previews = page.locator("[data-drop-preview]")
    expect(previews).to_have_count(2)
    for preview in previews.all():
        expect(preview).to_be_visible()  # before anything is sent
        assert (preview.get_attribute("src") or "").startswith("blob:")
    expect(page.locator("input[name=show_photo]")).not_to_be_checked()
    page.get_by_role("button", name="Paint it").click()
    page.wait_for_url(re.compile("/jobs/"))
    return page.url.rstrip("/").rsplit("/", 1)[1]


def _watch_it_grow(page: Page, key: str) -> None:
    """A GPU may be too quick to be watched; then the finished picture is there at once."""
    ready = page.get_by_role("link", name="Download")
    expect(page.locator("[data-preview]").or_(ready)).to_be_visible(timeout=PAINTED_MS)
    expect(ready).to_be_visible(timeout=PAINTED_MS)
    result = page.locator(f"img[src^='/pictures/{key}/']:not([src*='/photo/']):not([src*='/style/'])").first
    expect(result).to_be_visible()
    result.evaluate("image => image.decode()")  # waits for it; a broken one throws
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename.endswith(".png")
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")


def _find_it_in_the_feed(page: Page, key: str) -> None:
    page.goto("/")
    card = page.locator(f"a[href='/p/{key}/']").first
    card.scroll_into_view_if_needed()
    assert not page.locator(f"img[src*='/pictures/{key}/photo/']").count()  # a guest's photo is not shown
    card.click()
    page.wait_for_url(re.compile(f"/p/{key}/"))
    expect(page.locator(f"img[src*='/pictures/{key}/']").first).to_be_visible()


def _sign_up_and_keep_it(page: Page, key: str) -> None:
    page.goto("/accounts/signup/")
    page.fill("input[name=email]", f"painter-{key.lower().strip('-_')}@example.org")
    page.fill("input[name=password1]", "wide-brush-42")
    page.fill("input[name=password2]", "wide-brush-42")
    page.locator("form[action*=signup] button[type=submit], main form button").last.click()
    page.wait_for_load_state("networkidle")
    page.goto("/mine/")
    expect(page.locator(f"a[href='/jobs/{key}/']").first).to_be_visible()


def _make_it_private(page: Page, key: str) -> None:
    page.goto(f"/jobs/{key}/")
    page.locator("input[name=visibility][value=private]").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    stranger: BrowserContext = page.context.browser.new_context(base_url=page.url)  # type: ignore[union-attr]
    for address in (f"/p/{key}/", f"/pictures/{key}/master.png", f"/pictures/{key}/card.webp", f"/jobs/{key}/"):
        assert stranger.request.get(address).status == 404
    stranger.close()


def _note(message: ConsoleMessage, troubles: list[str]) -> None:
    if message.type == "error" and "status of 400" not in message.text:  # a refused form is what one test asks for
        troubles.append(message.text)
