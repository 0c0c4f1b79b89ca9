"""Looking at pictures: the slider and the close look by keyboard, nothing that jumps, nothing that scrolls sideways."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FloatRect, Page, expect

from tests.journeys.browser import sideways
from tests.journeys.service import Service, small_pair

PAINTED_MS = 180_000
SHIFTS = """
    window.shifts = 0;
    new PerformanceObserver(list => {
        for (const shift of list.getEntries()) if (!shift.hadRecentInput) window.shifts += shift.value;
    }).observe({type: "layout-shift", buffered: true});
"""


@dataclass(frozen=True)
class Painted:
    """A public picture with its photo shown, and the browser state of who ordered it."""

    key: str
    owner: Any


@pytest.fixture(scope="module")
def painted(browser: Browser, site: Service, tmp_path_factory: pytest.TempPathFactory) -> Painted:
    folder: Path = tmp_path_factory.mktemp("pair")
    for name, picture in zip(("photo.png", "style.png"), small_pair(), strict=True):
        picture.save(folder / name)
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    page.goto("/paint/")
    page.set_input_files("input[name=photo]", folder / "photo.png")
    page.set_input_files("input[name=style_image]", folder / "style.png")
    page.locator("input[name=show_photo]").check()
    page.get_by_role("button", name="Paint it").click()
    page.wait_for_url(re.compile("/jobs/"))
    expect(page.get_by_role("link", name="Download")).to_be_visible(timeout=PAINTED_MS)
    key, state = page.url.rstrip("/").rsplit("/", 1)[1], context.storage_state()
    context.close()
    site.wait_for(site.submit(), "done", 60)  # and another on the wall
    return Painted(key, state)


@pytest.fixture
def open_page(browser: Browser, site: Service, painted: Painted) -> Iterator[Callable[..., Page]]:
    """Opens an address; the test fails when the page logs an error or breaks its own content policy."""
    contexts, troubles = [], []

    def opened(path: str, *, width: int = 1200, shifts: bool = False, **options: Any) -> Page:
        context = browser.new_context(base_url=site.url, viewport={"width": width, "height": 800}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
        if shifts:
            page.add_init_script(SHIFTS)
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not troubles


def test_the_slider_goes_by_keyboard_and_by_pointer(open_page: Callable[..., Page], painted: Painted) -> None:
    page = open_page(f"/p/{painted.key}/", reduced_motion="reduce")
    slider = page.get_by_role("slider", name="How much of the painting to show")
    slider.focus()
    for key, value in (("Home", "0"), ("ArrowRight", "1"), ("End", "100"), ("PageDown", "90")):
        page.keyboard.press(key)
        expect(slider).to_have_value(value)
        expect(slider).to_have_attribute("aria-valuetext", f"{value} % painting")
        assert page.locator("[data-compare]").evaluate("box => box.style.getPropertyValue('--cut')") == f"{value}%"
    box = page.locator("[data-compare]").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + 5, steps=3)
    page.mouse.up()
    expect(slider).to_have_value("25")


def test_a_close_look_loads_the_full_size_only_then_and_gives_the_focus_back(
    open_page: Callable[..., Page], painted: Painted
) -> None:
    page = open_page(f"/p/{painted.key}/", reduced_motion="reduce")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    dialog, closer = page.get_by_role("dialog", name="close up"), page.get_by_role("link", name="Look closer")
    expect(dialog).to_be_hidden()
    assert not [url for url in asked if "master" in url]
    closer.focus()
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("img")).to_have_attribute("src", re.compile(r"/master\.png$"))
    level = dialog.locator("output")
    whole = level.inner_text()
    page.keyboard.press("0")
    expect(level).to_have_text(whole)
    dialog.get_by_role("button", name="Smaller").is_disabled()
    for _press in range(20):
        page.keyboard.press("-")
    expect(level).to_have_text(whole)  # never smaller than the whole picture
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(closer).to_be_focused()
    closer.click()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    expect(closer).to_be_focused()


def test_the_close_look_grows_and_moves_by_keys(open_page: Callable[..., Page], painted: Painted) -> None:
    page = open_page(f"/p/{painted.key}/", width=320, reduced_motion="reduce")
    page.get_by_role("link", name="Look closer").click()
    picture = page.get_by_role("dialog", name="close up").get_by_role("img")

    def after(key: str, times: int = 1) -> FloatRect:
        for _press in range(times):
            page.keyboard.press(key)
        page.wait_for_timeout(350)  # it glides
        box = picture.bounding_box()
        assert box
        return box

    whole, grown = after("0"), after("+", 9)
    assert grown["width"] > 2 * whole["width"]
    assert after("ArrowRight")["x"] < grown["x"]
    assert after("ArrowLeft")["x"] == grown["x"]
    assert after("0") == whole


def test_where_copying_is_refused_the_address_is_shown(open_page: Callable[..., Page], painted: Painted) -> None:
    page = open_page(f"/p/{painted.key}/")
    refuse = "() => Promise.reject(new DOMException('no', 'NotAllowedError'))"
    page.evaluate(f"() => {{ Clipboard.prototype.writeText = {refuse}; }}")
    for _press in range(2):
        page.get_by_role("button", name="Copy the link").click()
        field = page.get_by_role("textbox", name="Copy the link")
        expect(field).to_have_value(page.url)
        expect(field).to_be_focused()


def test_waiting_shows_the_picture_its_loss_and_how_far_it_is(
    open_page: Callable[..., Page], site: Service, tmp_path: Path
) -> None:
    """A long painting, released as staff would; cancelled when all was seen."""
    page = open_page("/paint/")
    for name, picture in zip(("photo", "style_image"), small_pair(), strict=True):
        picture.save(tmp_path / f"{name}.png")
        page.set_input_files(f"input[name={name}]", tmp_path / f"{name}.png")
    page.locator("label[for=tier-hd]").click()
    page.get_by_role("button", name="Paint it").click()
    page.wait_for_url(re.compile("/jobs/"))
    key = page.url.rstrip("/").rsplit("/", 1)[1]
    expect(page).to_have_title(re.compile("^Waiting for payment"))
    site.shell(f"from stylize import jobs, dispatch; from stylize.models import Job; "
               f"jobs.release(Job.objects.get(key='{key}')); dispatch.wake()")  # fmt: skip
    page.reload()
    expect(page.locator("[data-preview]")).to_be_visible(timeout=PAINTED_MS)
    expect(page.locator("[data-curve-line]")).to_have_attribute("points", re.compile(r"^52.0,"))
    expect(page).to_have_title(re.compile(r"^\d+\s% · "))
    expect(page.get_by_role("table", name="The loss so far").get_by_role("row")).to_have_count(3)
    page.get_by_role("button", name="Cancel this painting").click()
    expect(page.get_by_role("heading", name="Cancelled")).to_be_visible()


def test_without_javascript_photo_and_painting_hang_beside_each_other(
    open_page: Callable[..., Page], painted: Painted
) -> None:
    page = open_page(f"/p/{painted.key}/", java_script_enabled=False)
    painting, photo = (page.locator(f".compare__{name} img").bounding_box() for name in ("after", "before"))
    assert painting and photo
    assert painting["x"] + painting["width"] <= photo["x"] or painting["y"] + painting["height"] <= photo["y"]
    assert (page.get_by_role("link", name="Look closer").get_attribute("href") or "").endswith("/master.png")


@pytest.mark.parametrize("width", [390, 1200])
@pytest.mark.parametrize("path", ["/", "/p/{key}/"])
def test_nothing_jumps_while_pictures_arrive(
    open_page: Callable[..., Page], painted: Painted, path: str, width: int
) -> None:
    still = {"reduced_motion": "reduce"}  # the wall does not go on by itself: what comes below pushes the footer down
    page = open_page(path.format(key=painted.key), width=width, shifts=True, **still)
    page.wait_for_load_state("networkidle")
    page.mouse.wheel(0, 3000)
    page.wait_for_timeout(300)
    assert page.evaluate("window.shifts") < 0.05


@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.parametrize("path", ["/", "/p/{key}/", "/jobs/{key}/", "/mine/"])
def test_nothing_scrolls_sideways_on_a_phone(
    open_page: Callable[..., Page], painted: Painted, path: str, width: int
) -> None:
    page = open_page(path.format(key=painted.key), width=width, storage_state=painted.owner)
    assert not sideways(page)


def test_the_browser_chooses_avif_where_it_can(open_page: Callable[..., Page], painted: Painted) -> None:
    page = open_page("/")
    shown = page.locator(f"a[href='/p/{painted.key}/'] img").first
    shown.evaluate("image => image.decode()")
    assert re.search(r"\.avif$", shown.evaluate("image => image.currentSrc"))
