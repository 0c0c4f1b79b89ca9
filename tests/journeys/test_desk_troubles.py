"""The photo's desk at odds: a slow photo, a mask that cannot be read, other keyboards, a screen reader."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests import make
from tests.journeys.service import Service, small_pair

SLOW = """() => {
  const decode = Image.prototype.decode, free = new Promise((after) => { window.goOn = after; });
  Image.prototype.decode = function () { return free.then(() => decode.call(this)); };
}"""
KEY = """init => document.querySelector("[data-brush]").dispatchEvent(
  new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...init }))"""
PASTE = """() => {
  const held = new DataTransfer();
  held.items.add(new File(["x"], "x.png", { type: "image/png" }));
  document.body.dispatchEvent(new ClipboardEvent("paste", { bubbles: true, clipboardData: held }));
}"""
HEAR = """element => {
  window.heard = [];
  new MutationObserver(() => heard.push(element.textContent)).observe(element, { childList: true });
}"""
FRAMING = "SELECT photo_turn, width, height FROM stylize_job WHERE key = %s"
Z = {"key": "z", "code": "KeyZ"}
RUSSIAN_Z = {"key": "я", "code": "KeyZ"}


@pytest.fixture
def page(browser: Browser, site: Service) -> Iterator[Page]:
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto("/paint/")
    yield page
    context.close()
    assert not troubles


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pictures")
    photo, style = small_pair()
    for name, picture in {"photo": photo.resize((400, 300)), "tall": photo.resize((200, 300)), "style": style,
                          "mask": make.half()}.items():  # fmt: skip
        picture.save(folder / f"{name}.png")
    (folder / "odd.png").write_bytes(b"\x89PNG\r\n\x1a\n no picture")
    return {path.stem: path for path in folder.iterdir()}


def tool(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name="Tools for the photo").get_by_role("button", name=name)


def drag(page: Page, over: Locator, *way: tuple[float, float]) -> None:
    box = over.bounding_box()
    assert box
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in way]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=4)
    page.mouse.up()


def send(page: Page) -> str:
    page.locator("label[for=tier-hd]").click()
    page.get_by_role("button", name="Paint it").click()
    page.wait_for_url(re.compile("/jobs/"))
    return page.url.rstrip("/").rsplit("/", 1)[1]


def sent_mask(page: Page) -> list[str]:
    found = page.evaluate("[...document.querySelector('[data-send]').elements.protect.files].map(file => file.name)")
    return list(found)


# Another photo --------------------------------------------------------------------------------------------------------


def test_the_tools_rest_while_another_photo_is_read(page: Page, site: Service, files: dict[str, Path]) -> None:
    page.set_input_files("#id_style_image", files["style"])
    page.set_input_files("#id_photo", files["photo"])
    tool(page, "Turn left").click()
    state = page.locator("[data-desk-state]")
    expect(state).to_have_text("Turned.")
    page.evaluate(SLOW)
    page.set_input_files("#id_photo", files["tall"])
    tools = page.locator("[data-do]").all()
    assert len(tools) == 5
    for one in tools:
        expect(one).to_be_disabled()
    expect(state).to_be_empty()
    page.evaluate("document.querySelector('[data-do=left]').disabled = false")  # a click that came in between
    tool(page, "Turn left").click()
    assert page.locator("#id_turn").evaluate("field => field.value") == "0"
    page.evaluate("goOn()")
    tool(page, "Turn right").click()  # waits until the tools are ready
    expect(state).to_have_text("Turned.")
    assert site.query(FRAMING, send(page))[0][0] == 1


def test_a_mask_that_is_chosen_while_the_photo_is_read_is_laid_over_it(page: Page, files: dict[str, Path]) -> None:
    page.evaluate(SLOW)
    page.set_input_files("#id_photo", files["photo"])
    page.set_input_files("#id_protect", files["mask"])
    page.evaluate("goOn()")
    expect(tool(page, "Crop")).to_be_visible()
    expect(page.locator("[data-desk-state]")).to_have_text("The parts in blue stay as they are.")
    assert sent_mask(page) == ["mask.png"]


def test_nothing_is_pasted_under_an_open_sheet(page: Page, files: dict[str, Path]) -> None:
    page.set_input_files("#id_photo", files["photo"])
    tool(page, "Crop").click()
    page.evaluate(PASTE)
    assert page.locator("[data-ask]").get_attribute("open") is None
    page.keyboard.press("Escape")
    page.evaluate(PASTE)
    assert page.locator("[data-ask]").get_attribute("open") is not None


# A mask that the browser cannot read ----------------------------------------------------------------------------------


def test_a_mask_that_the_browser_cannot_read_is_told_and_stays_through_turns(
    page: Page, site: Service, files: dict[str, Path]
) -> None:
    page.set_input_files("#id_style_image", files["style"])
    page.set_input_files("#id_photo", files["photo"])
    expect(tool(page, "Crop")).to_be_visible()
    page.set_input_files("#id_protect", files["odd"])
    state = page.locator("[data-desk-state]")
    expect(state).to_contain_text("cannot show this mask")
    tool(page, "Turn left").click()
    expect(state).to_have_text(re.compile("^Turned. Your browser cannot show this mask"))
    assert sent_mask(page) == ["odd.png"]
    page.get_by_role("button", name="Paint it").click()
    expect(page.get_by_text("damaged or incomplete").first).to_be_visible()  # what the server says of it
    page.get_by_role("button", name="Start over with the whole photo").click()
    assert not sent_mask(page)
    assert site.query(FRAMING, send(page))[0][0] == 0


def test_the_brush_takes_the_place_of_a_mask_that_cannot_be_read(page: Page, files: dict[str, Path]) -> None:
    page.set_input_files("#id_photo", files["photo"])
    expect(tool(page, "Crop")).to_be_visible()
    page.set_input_files("#id_protect", files["odd"])
    expect(page.locator("[data-desk-state]")).to_contain_text("cannot show this mask")
    tool(page, "Protect parts").click()
    drag(page, page.locator("[data-brush] [data-mask]"), (0.4, 0.4), (0.6, 0.6))
    page.get_by_role("button", name="Done").click()
    expect(page.locator("[data-desk-state]")).to_have_text("The parts in blue stay as they are.")
    assert sent_mask(page) == ["mask.png"]


# Keys -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "undoes"),
    [
        (Z | {"ctrlKey": True}, True),
        (Z | {"metaKey": True}, True),
        (RUSSIAN_Z | {"ctrlKey": True}, True),
        (RUSSIAN_Z | {"metaKey": True}, True),
        ({"key": "z", "code": "KeyY", "ctrlKey": True}, True),  # a German keyboard
        ({"key": "y", "code": "KeyZ", "ctrlKey": True}, False),
        ({"key": "w", "code": "KeyZ", "ctrlKey": True}, False),  # a French one
        (RUSSIAN_Z, False),
        (RUSSIAN_Z | {"ctrlKey": True, "altKey": True}, False),
    ],
    ids=str,
)
def test_undo_is_where_people_have_it_on_their_keyboard(
    page: Page, files: dict[str, Path], key: dict[str, object], undoes: bool
) -> None:
    page.set_input_files("#id_photo", files["photo"])
    tool(page, "Protect parts").click()
    drag(page, page.locator("[data-brush] [data-mask]"), (0.2, 0.2), (0.4, 0.4))
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_enabled()
    assert page.evaluate(KEY, key) is not undoes  # False where the browser's own undo is held back
    expect(undo).to_be_disabled() if undoes else expect(undo).to_be_enabled()
    if undoes:
        page.evaluate(KEY, key | {"shiftKey": True, "key": str(key["key"]).upper()})
        expect(undo).to_be_enabled()  # what was undone is there again


# Heard, not seen ------------------------------------------------------------------------------------------------------


def test_the_frame_of_the_crop_has_a_name_keys_and_a_size_that_is_said(page: Page, files: dict[str, Path]) -> None:
    page.set_input_files("#id_photo", files["photo"])
    tool(page, "Crop").click()
    frame = page.get_by_role("application", name="Frame of the crop")  # so that the arrow keys reach it
    expect(frame).to_have_accessible_description(re.compile("arrow keys.*Shift"))
    said = page.locator("[data-crop]").get_by_role("status")
    expect(said).to_be_empty()
    said.evaluate(HEAR)
    edge = frame.get_by_role("button", name="Right edge")
    for _press in range(5):
        edge.press("Shift+ArrowLeft")
    expect(said).to_have_text("300 by 300 pixels, 0 from the left and 0 from the top.")
    assert len(page.evaluate("heard")) == 1  # once, when it has come to rest
    frame.get_by_role("button", name="Move the frame").press("ArrowRight")
    expect(said).to_have_text("300 by 300 pixels, 4 from the left and 0 from the top.")


BLIND = "() => { Image.prototype.decode = () => Promise.reject(new Error('not this one')); }"


def test_a_photo_that_the_browser_cannot_show_is_cropped_by_numbers(
    page: Page, site: Service, files: dict[str, Path]
) -> None:
    """As a HEIC in most browsers."""
    page.set_input_files("#id_style_image", files["style"])
    page.evaluate(BLIND)
    page.set_input_files("#id_photo", files["photo"])
    page.get_by_text("Turn or crop the photo, or protect parts of it").click()
    page.get_by_label("Height that is left").fill("50")
    assert site.query(FRAMING, send(page)) == [(0, 400, 150)]


def test_such_numbers_count_for_nothing_once_there_are_tools(page: Page, site: Service, files: dict[str, Path]) -> None:
    page.set_input_files("#id_style_image", files["style"])
    decode = page.evaluate_handle("() => ({ own: Image.prototype.decode })")
    page.evaluate(BLIND)
    page.set_input_files("#id_photo", files["tall"])
    page.get_by_text("Turn or crop the photo, or protect parts of it").click()
    page.get_by_label("Height that is left").fill("50")
    page.evaluate("decode => { Image.prototype.decode = decode.own; }", decode)
    page.set_input_files("#id_photo", files["photo"])
    tool(page, "Turn left").click()
    page.locator("#id_crop_height").evaluate("field => { field.value = '50'; }")
    assert site.query(FRAMING, send(page)) == [(3, 300, 400)]
