"""The photo's desk in a real browser: turn, crop, protect, paste; and the same without JavaScript."""

import base64
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests import make
from tests.journeys.service import Service, small_pair

PHONE = {"width": 390, "height": 800}
PASTE = """data => {
  const bytes = Uint8Array.from(atob(data), char => char.charCodeAt(0)), held = new DataTransfer();
  held.items.add(new File([bytes], "image.png", { type: "image/png" }));
  document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: held, bubbles: true }));
}"""
FRAMING = "SELECT photo_turn, crop_x, crop_y, crop_width, crop_height, width, height FROM stylize_job WHERE key = %s"
MASK = """
from stylize import pictures
from stylize.models import Job
import io, base64
mask, held = pictures.open_mask(Job.objects.get(key="{key}").protect), io.BytesIO()
mask.save(held, "PNG")
print(base64.b64encode(held.getvalue()).decode())
"""


@pytest.fixture
def page(browser: Browser, site: Service) -> Iterator[Page]:
    """The page to create; the test fails when it logs an error or breaks its own content policy."""
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on(
        "console", lambda said: troubles.append(said.text) if said.type == "error" and "400" not in said.text else None
    )
    page.goto("/paint/")
    yield page
    context.close()
    assert not troubles


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pictures")
    photo, style = small_pair()
    pictures = {
        "photo": photo.resize((400, 300)), "style": style, "mask": make.half(), "tiny": make.picture(90, 90),
    }  # fmt: skip
    for name, picture in pictures.items():
        picture.save(folder / f"{name}.png")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff no picture")
    return {path.stem: path for path in folder.iterdir()}


def tool(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name="Tools for the photo").get_by_role("button", name=name)


def send(page: Page) -> str:
    page.locator("label[for=tier-hd]").click()  # waits for payment, so that nothing is painted meanwhile
    page.get_by_role("button", name="Paint it").click()
    page.wait_for_url(re.compile("/jobs/"))
    return page.url.rstrip("/").rsplit("/", 1)[1]


def drag(page: Page, over: Locator, *way: tuple[float, float]) -> None:
    """Press at the first place and let go at the last, in fractions of what it lies over."""
    box = over.bounding_box()
    assert box
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in way]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=5)
    page.mouse.up()


def mask_of(site: Service, key: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(site.shell(MASK.format(key=key)))))


def test_a_turned_cropped_and_protected_photo_is_ordered_as_it_was_shown(
    page: Page, site: Service, files: dict[str, Path]
) -> None:
    expect(page.get_by_role("group", name="Tools for the photo")).to_be_hidden()
    page.set_input_files("#id_photo", files["photo"])
    page.set_input_files("#id_style_image", files["style"])
    tool(page, "Turn right").click()  # 300 × 400
    tool(page, "Crop").click()
    stage = page.locator("[data-crop] [data-stage]")
    page.get_by_role("radio", name="Square").check()
    expect(page.locator("[data-size]")).to_have_text("300 × 300 px")
    page.get_by_role("button", name="Move the frame").press("ArrowUp")  # 1 % of 400
    drag(page, stage, (0.5, 0.5), (0.5, 0.0))  # to the upper edge, and no further
    page.get_by_role("button", name="Use this crop").click()
    expect(page.locator("[data-desk-state]")).to_contain_text("Cropped to 300 × 300")
    tool(page, "Protect parts").click()
    brush = page.locator("[data-brush] [data-mask]")
    page.get_by_role("slider", name="Size").fill("20")
    drag(page, brush, (0.2, 0.1), (0.2, 0.9))
    drag(page, brush, (0.8, 0.1), (0.8, 0.9))
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Done").click()
    tool(page, "Turn right").click()  # the crop and the mask turn with the photo
    key = send(page)
    assert site.query(FRAMING, key) == [(2, 0.25, 0.0, 0.75, 1.0, 300, 300)]
    mask = mask_of(site, key)
    assert mask.size == (1024, 1024)
    assert [mask.getpixel((512, y)) for y in (205, 820)] == [255, 0]  # what was on the left is above
    expect(page.locator(".facts")).to_contain_text("Parts of the photo are protected")
    shown = page.locator(".growing__photo")
    expect(shown).to_be_visible()
    # the bytes: naturalWidth of a picture with a srcset depends on how wide it is shown
    copy = page.request.get(str(shown.get_attribute("src")))
    assert Image.open(io.BytesIO(copy.body())).size == (300, 300)


def test_all_of_it_comes_back_after_an_error_and_with_the_recipe(
    page: Page, site: Service, files: dict[str, Path]
) -> None:
    page.set_input_files("#id_photo", files["photo"])
    page.set_input_files("#id_style_image", files["broken"])
    tool(page, "Turn left").click()
    tool(page, "Protect parts").click()
    drag(page, page.locator("[data-brush] [data-mask]"), (0.5, 0.3), (0.5, 0.4))
    page.get_by_role("button", name="Done").click()
    page.get_by_role("button", name="Paint it").click()
    expect(page.get_by_text("damaged or incomplete").first).to_be_visible()
    expect(page.locator("[data-desk-state]")).to_have_text("Turned. The parts in blue stay as they are.")
    expect(page.locator(".desk__view")).to_be_visible()
    page.set_input_files("#id_style_image", files["style"])
    first = send(page)
    page.get_by_role("button", name="Cancel this painting").click()
    page.get_by_role("link", name="Change something first").click()
    expect(page.locator("[data-desk-state]")).to_have_text("Turned. The parts in blue stay as they are.")
    second = send(page)
    both = [
        site.query("SELECT photo_turn, protect_id FROM stylize_job WHERE key = %s", key)[0] for key in (first, second)
    ]
    assert both[0] == both[1] and both[0][0] == 3 and both[0][1]


def test_another_photo_begins_anew(page: Page, site: Service, files: dict[str, Path]) -> None:
    page.set_input_files("#id_photo", files["photo"])
    tool(page, "Turn left").click()
    tool(page, "Protect parts").click()
    drag(page, page.locator("[data-brush] [data-mask]"), (0.5, 0.3), (0.5, 0.4))
    page.get_by_role("button", name="Done").click()
    page.set_input_files("#id_photo", files["tiny"])
    expect(page.locator(".desk__view")).to_be_hidden()
    tool(page, "Crop").click()
    page.get_by_role("button", name="Lower right corner").focus()
    for _press in range(12):
        page.keyboard.press("Shift+ArrowLeft")
    expect(page.locator("[data-size]")).to_have_text("64 × 90 px")  # and not less
    page.keyboard.press("Escape")
    page.set_input_files("#id_style_image", files["style"])
    key = send(page)
    assert site.query(FRAMING, key) == [(0, 0.0, 0.0, 1.0, 1.0, 90, 90)]
    assert site.query("SELECT protect_id FROM stylize_job WHERE key = %s", key) == [(None,)]


def test_a_pasted_picture_is_the_photo_and_the_next_one_is_asked_about(
    page: Page, site: Service, files: dict[str, Path]
) -> None:
    pasted = {name: base64.b64encode(files[name].read_bytes()).decode() for name in ("photo", "style")}
    page.evaluate(PASTE, pasted["photo"])
    expect(tool(page, "Crop")).to_be_visible()
    page.evaluate(PASTE, pasted["style"])
    expect(page.get_by_role("button", name="as photo")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="as style")).to_be_hidden()
    page.evaluate(PASTE, pasted["style"])
    page.get_by_role("button", name="as style").click()
    assert page.evaluate("['photo', 'style_image'].map(name => document.forms[0].elements[name].files.length)") == [
        1,
        1,
    ]
    assert site.query(FRAMING, send(page))[0][-2:] == (400, 300)


def test_on_a_phone_a_photo_is_taken_and_painted_over_with_a_finger(
    browser: Browser, site: Service, files: dict[str, Path]
) -> None:
    context = browser.new_context(base_url=site.url, viewport=PHONE, has_touch=True, is_mobile=True)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto("/paint/")
    expect(page.get_by_text("Take a photo")).to_be_visible()
    page.set_input_files("[data-desk-take] input", files["photo"])
    page.set_input_files("#id_style_image", files["style"])
    expect(page.get_by_text("Take a photo")).to_be_hidden()
    tool(page, "Protect parts").tap()
    box = page.locator("[data-brush] [data-mask]").bounding_box()
    assert box
    finger, y = context.new_cdp_session(page), box["y"] + box["height"] / 2
    for x in (0.2, 0.4, 0.8, 0.8, None):
        kind = "touchStart" if x == 0.2 else "touchMove" if x else "touchEnd"
        points = [{"x": box["x"] + x * box["width"], "y": y}] if x else []
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        page.wait_for_timeout(60)  # a finger rests before it lifts: a fling would swallow the next tap
    expect(page.get_by_role("button", name="Undo")).to_be_enabled()
    page.get_by_role("button", name="Done").click()  # a tap may count as a long press on a busy machine
    expect(page.locator("[data-brush]")).to_be_hidden()
    mask = mask_of(site, send(page))
    assert mask.size == (1024, 768)
    assert [mask.getpixel((600, y)) for y in (384, 100)] == [255, 0]
    context.close()


def test_without_javascript_the_photo_is_turned_and_protected_by_plain_fields(
    browser: Browser, site: Service, files: dict[str, Path]
) -> None:
    context = browser.new_context(base_url=site.url, java_script_enabled=False, viewport=PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto("/paint/")
    page.set_input_files("#id_photo", files["photo"])
    page.set_input_files("#id_style_image", files["style"])
    page.get_by_text("Turn or crop the photo, or protect parts of it").click()
    page.get_by_label("Turn the photo", exact=True).select_option("A quarter to the right")
    page.get_by_label("A mask: a picture that is white where the photo stays").set_input_files(files["mask"])
    key = send(page)
    assert site.query(FRAMING, key) == [(1, 0.0, 0.0, 1.0, 1.0, 300, 400)]
    assert mask_of(site, key).size == (64, 64)
    context.close()


def test_without_javascript_the_photo_is_cropped_by_numbers_that_turn_with_it(
    browser: Browser, site: Service, files: dict[str, Path]
) -> None:
    context = browser.new_context(base_url=site.url, java_script_enabled=False, viewport=PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto("/paint/")
    page.set_input_files("#id_photo", files["photo"])
    page.set_input_files("#id_style_image", files["style"])
    page.get_by_text("Turn or crop the photo, or protect parts of it").click()
    page.get_by_label("Cut off on the left").fill("60")
    page.get_by_label("Width that is left").fill("50")
    page.locator("label[for=tier-hd]").click()
    page.get_by_role("button", name="Paint it").click()
    expect(page.get_by_text("The crop reaches beyond the photo").first).to_be_visible()
    expect(page.get_by_label("Cut off on the left")).to_have_value("60")
    page.get_by_label("Cut off on the left").fill("50")
    first = send(page)
    assert site.query(FRAMING, first) == [(0, 0.5, 0.0, 0.5, 1.0, 200, 300)]
    page.get_by_role("button", name="Cancel this painting").click()
    page.get_by_role("link", name="Change something first").click()
    expect(page.get_by_label("Cut off on the left")).to_have_value("50.0")
    page.get_by_label("Turn the photo", exact=True).select_option("A quarter to the right")
    assert site.query(FRAMING, send(page)) == [(1, 0.0, 0.5, 1.0, 0.5, 300, 200)]
    context.close()
