"""What was chosen and not sent survives sign-in, the language, a reload and the way back; not the sign-out."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests import make
from tests.journeys.service import Service, small_pair

FILES = """() => Object.fromEntries([...document.querySelectorAll("[data-send] [type=file][name]")]
  .filter(({ files }) => files.length).map(({ name, files }) => [name, files[0].name]))"""
OPEN = """
  const answer = (asked) => new Promise((good) => { asked.onsuccess = () => good(asked.result); });
  const base = await answer(indexedDB.open("ostagram-draft"));
"""
STORED = f"""async () => {{
  if (!(await indexedDB.databases()).some(({{ name }}) => name === "ostagram-draft")) return [];
  {OPEN}
  const keys = await answer(base.transaction("draft").objectStore("draft").getAllKeys());
  base.close();
  return keys;
}}"""
AGE = f"""async (hours) => {{
  {OPEN}
  const store = base.transaction("draft", "readwrite").objectStore("draft"), form = await answer(store.get("form"));
  await answer(store.put({{ ...form, time: form.time - hours * 3600 * 1000 }}, "form"));
  base.close();
}}"""
SLOW = """
  const decode = Image.prototype.decode, free = new Promise((after) => { window.goOn = after; });
  Image.prototype.decode = function () { return free.then(() => decode.call(this)); };
"""
FRAMING = (
    "SELECT photo_turn, protect_id IS NOT NULL, tier, iterations, visibility, controls FROM stylize_job WHERE key = %s"
)
STYLES = (
    "SELECT s.key FROM stylize_style s JOIN stylize_jobstyle l ON l.style_id = s.id"
    " JOIN stylize_job j ON j.id = l.job_id WHERE j.key = %s"
)
OWNER = "SELECT is_guest FROM people_user u JOIN stylize_job j ON j.owner_id = u.id WHERE j.key = %s"
BACK = "Your choice from before is here."


@pytest.fixture
def context(browser: Browser, site: Service) -> Iterator[BrowserContext]:
    made = browser.new_context(base_url=site.url)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto("/paint/")
    yield page
    assert not troubles


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pictures")
    photo, style = small_pair()
    for name, picture in {"photo": photo.resize((400, 300)), "style": style, "second": style.rotate(90)}.items():
        picture.save(folder / f"{name}.png")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff no picture")
    return {path.stem: path for path in folder.iterdir()}


def choose_everything(page: Page, files: dict[str, Path]) -> None:
    page.set_input_files("#id_photo", files["photo"])
    page.set_input_files("#id_style_image", files["style"])
    page.get_by_role("button", name="Turn left").click()
    page.get_by_role("button", name="Protect parts").click()
    box = page.locator("[data-brush] [data-mask]").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 3)
    page.get_by_role("button", name="Done").click()
    page.get_by_text("Mix in more styles").click()
    page.get_by_role("group", name="Second style").locator("input[type=file]").set_input_files(files["second"])
    page.locator("#id_mix1-parts").select_option("3")
    page.get_by_text("Fine tuning").click()
    page.get_by_role("group", name="Strength").get_by_label("5", exact=True).check()
    page.get_by_role("slider", name="How many iterations").fill("650")
    page.get_by_label("Private: only for me").check()
    kept(page, "file:photo", "file:protect", "file:style_image", "file:mix1-style_image", "form")


def kept(page: Page, *names: str) -> None:
    """Wait until just these lie in the browser."""
    until = time.monotonic() + 10
    while set(found := page.evaluate(STORED)) != set(names):
        assert time.monotonic() < until, found
        page.wait_for_timeout(100)
    page.wait_for_timeout(400)  # and the last change, too


def expect_everything(page: Page) -> None:
    expect(page.get_by_text(BACK)).to_be_visible()
    expect(page.locator("[data-desk-state]")).to_have_text("Turned. The parts in blue stay as they are.")
    assert page.evaluate(FILES) == {
        "photo": "photo.png", "style_image": "style.png", "protect": "mask.png", "mix1-style_image": "second.png",
    }  # fmt: skip
    for preview in page.locator("[data-drop-preview]").all():
        assert (preview.get_attribute("src") or "").startswith("blob:")
    expect(page.locator("#id_mix1-parts")).to_have_value("3")
    expect(page.locator("input[name=strength][value='5']")).to_be_checked()
    expect(page.locator("#tier-hd")).to_be_checked()
    expect(page.locator("#id_iterations")).to_have_value("650")
    expect(page.locator("[data-slider]")).to_have_value("650")
    expect(page.locator("input[name=visibility][value=private]")).to_be_checked()


def send(page: Page) -> str:
    page.get_by_role("button", name="Paint it").click()
    page.wait_for_url(re.compile("/jobs/"))
    return page.url.rstrip("/").rsplit("/", 1)[1]


def sign_up(page: Page, name: str) -> None:
    page.fill("input[name=email]", f"{name}@example.org")
    page.fill("input[name=password1]", make.PASSWORD)
    page.fill("input[name=password2]", make.PASSWORD)
    page.locator("main form button").last.click()


def test_it_survives_signing_up_and_what_is_sent_is_what_was_chosen(
    page: Page, site: Service, files: dict[str, Path]
) -> None:
    choose_everything(page, files)
    page.get_by_role("link", name="Sign in").click()
    page.get_by_role("link", name="Sign up").first.click()
    sign_up(page, "draft-keeper")
    page.wait_for_url("**/paint/")
    expect_everything(page)
    key = send(page)
    assert site.query(FRAMING, key) == [(3, True, "hd", 650, "private", {"strength": 5.0})]
    assert site.query(
        "SELECT count(*) FROM stylize_jobstyle s JOIN stylize_job j ON j.id = s.job_id WHERE key = %s", key
    ) == [(2,)]
    assert page.evaluate(STORED) == []  # sent is sent
    page.go_back()
    expect(page.get_by_role("button", name="Paint it")).to_be_enabled()
    assert page.evaluate(FILES) == {}
    expect(page.get_by_text(BACK)).to_be_hidden()


def test_it_survives_the_other_language_a_reload_and_the_way_back(page: Page, files: dict[str, Path]) -> None:
    choose_everything(page, files)
    page.get_by_role("button", name="Русский").click()
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect_everything(page)
    page.reload()
    expect_everything(page)
    page.goto("/prices/")
    page.go_back()
    expect_everything(page)
    page.goto("/prices/")
    page.goto("/paint/")
    expect_everything(page)


def test_it_survives_a_refused_form_and_what_comes_after(page: Page, files: dict[str, Path]) -> None:
    """The server keeps the good pictures for that page only; the browser keeps them for the next one."""
    choose_everything(page, files)
    page.get_by_role("group", name="Second style").locator("input[type=file]").set_input_files(files["broken"])
    page.get_by_role("button", name="Paint it").click()
    expect(page.get_by_text("damaged or incomplete").first).to_be_visible()
    kept(page, "file:photo", "file:protect", "file:style_image", "form")  # the broken one is not worth keeping
    page.reload()
    page.get_by_role("group", name="Second style").locator("input[type=file]").set_input_files(files["second"])
    expect_everything(page)


def test_the_kept_choice_can_be_let_go(page: Page, files: dict[str, Path]) -> None:
    page.set_input_files("#id_photo", files["photo"])
    kept(page, "file:photo", "form")
    page.reload()
    expect(page.get_by_text(BACK)).to_be_visible()
    page.get_by_role("button", name="Start afresh").click()
    expect(page.get_by_text(BACK)).to_be_hidden()
    assert page.evaluate(FILES) == {}
    assert page.evaluate(STORED) == []


def test_a_look_alone_keeps_nothing(page: Page) -> None:
    page.wait_for_timeout(600)
    assert page.evaluate(STORED) == []


def test_it_leaves_with_who_signs_out(page: Page, files: dict[str, Path]) -> None:
    page.goto("/accounts/signup/?next=/paint/")
    sign_up(page, "draft-leaver")
    page.wait_for_url("**/paint/")
    page.set_input_files("#id_photo", files["photo"])
    kept(page, "file:photo", "form")
    page.locator(".menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    assert page.evaluate(STORED) == []
    page.goto("/paint/")
    assert page.evaluate(FILES) == {}


def test_what_somebody_chose_is_not_for_who_comes_next(
    page: Page, context: BrowserContext, files: dict[str, Path]
) -> None:
    """Also where the session has ended without a word."""
    page.goto("/accounts/signup/?next=/paint/")
    sign_up(page, "draft-forgetter")
    page.wait_for_url("**/paint/")
    page.set_input_files("#id_photo", files["photo"])
    kept(page, "file:photo", "form")
    context.clear_cookies()
    page.goto("/paint/")
    kept(page)
    assert page.evaluate(FILES) == {}
    expect(page.get_by_text(BACK)).to_be_hidden()


@pytest.mark.parametrize(("hours", "is_back"), [(23, True), (25, False)])
def test_it_is_kept_for_a_day(page: Page, files: dict[str, Path], hours: int, is_back: bool) -> None:
    page.set_input_files("#id_photo", files["photo"])
    kept(page, "file:photo", "form")
    page.goto("/prices/")
    page.evaluate(AGE, hours)
    page.goto("/paint/")
    expect(page.get_by_text(BACK)).to_be_visible(visible=is_back)
    kept(page, *(["file:photo", "form"] if is_back else []))
    assert page.evaluate(FILES) == ({"photo": "photo.png"} if is_back else {})


def test_what_the_address_names_comes_first(page: Page, site: Service, files: dict[str, Path]) -> None:
    """A style taken from a picture joins the photo that was chosen before; a whole recipe stands alone."""
    key = site.submit()
    ((style,),) = site.query(STYLES, key)
    site.wait_for(key, "done", 180)
    page.set_input_files("#id_photo", files["photo"])
    page.set_input_files("#id_style_image", files["style"])
    kept(page, "file:photo", "file:style_image", "form")
    page.goto(f"/paint/?style={style}")
    expect(page.get_by_text(BACK)).to_be_visible()
    assert page.evaluate(FILES) == {"photo": "photo.png"}
    expect(page.locator(f"input[name=style_key][value='{style}']")).to_be_checked()
    kept(page, "file:photo", "form")
    page.goto("/paint/")
    page.wait_for_url(f"**/paint/?style={style}")  # where it was chosen
    expect(page.locator(f"input[name=style_key][value='{style}']")).to_be_checked()
    expect(page.get_by_text(BACK)).to_be_visible()


def test_a_browser_that_keeps_nothing_paints_all_the_same(
    browser: Browser, site: Service, files: dict[str, Path]
) -> None:
    context = browser.new_context(base_url=site.url)
    context.add_init_script("Object.defineProperty(window, 'indexedDB', { get() { throw new Error('not here'); } })")
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto("/paint/")
    page.set_input_files("#id_photo", files["photo"])
    page.set_input_files("#id_style_image", files["style"])
    page.locator("label[for=tier-hd]").click()
    page.wait_for_timeout(400)
    send(page)
    context.close()
    assert not troubles


def test_a_store_that_never_answers_holds_nobody_up(browser: Browser, site: Service, files: dict[str, Path]) -> None:
    context = browser.new_context(base_url=site.url)
    context.add_init_script("IDBFactory.prototype.open = () => ({})")
    page = context.new_page()
    page.goto("/paint/")
    page.set_input_files("#id_photo", files["photo"])
    page.set_input_files("#id_style_image", files["style"])
    page.locator("label[for=tier-hd]").click()
    send(page)
    context.close()


def test_signed_in_elsewhere_the_form_is_renewed_and_keeps_what_was_chosen(
    page: Page, context: BrowserContext, site: Service, files: dict[str, Path]
) -> None:
    choose_everything(page, files)
    other = context.new_page()
    other.goto("/accounts/signup/")
    sign_up(other, "draft-elsewhere")
    other.wait_for_url(re.compile("/$"))
    page.get_by_role("button", name="Paint it").click()
    expect(page.locator("[data-send-trouble]")).to_contain_text("The form has grown old.")
    expect(page.locator("[data-send-trouble]")).to_contain_text("the form is fresh now")
    key = send(page)
    assert site.query(FRAMING, key)[0][:2] == (3, True)
    assert not site.query(
        "SELECT is_guest FROM people_user u JOIN stylize_job j ON j.owner_id = u.id WHERE j.key = %s", key
    )[0][0]


def test_one_more_change_to_an_earlier_recipe_keeps_the_rest_of_it(
    page: Page, site: Service, files: dict[str, Path]
) -> None:
    """Photo and mask lie on the server there; a mask that was changed or let go is not brought back by it."""
    choose_everything(page, files)
    key = send(page)
    page.get_by_role("button", name="Cancel this painting").click()
    page.get_by_role("link", name="Change something first").click()
    address = f"**/paint/?again={key}"
    page.wait_for_url(address)
    state = page.locator("[data-desk-state]")
    expect(state).to_have_text("Turned. The parts in blue stay as they are.")
    page.wait_for_timeout(600)
    assert page.evaluate(STORED) == []
    page.get_by_role("group", name="Strength").get_by_label("2", exact=True).check()
    kept(page, "form")
    page.goto("/paint/")
    page.wait_for_url(address)
    expect(page.get_by_text(BACK)).to_be_visible()
    expect(page.locator("input[name=strength][value='2']")).to_be_checked()
    expect(state).to_have_text("Turned. The parts in blue stay as they are.")
    page.get_by_role("button", name="Turn left").click()
    kept(page, "file:protect", "form")
    page.reload()
    expect(page.get_by_text(BACK)).to_be_visible()
    expect(page.locator("#id_turn")).to_have_value("2")
    page.get_by_role("button", name="Start over with the whole photo").click()
    kept(page, "form")
    page.reload()
    expect(page.get_by_text(BACK)).to_be_visible()
    again = send(page)
    assert site.query(FRAMING, again) == [(0, False, "hd", 650, "private", {"strength": 2.0})]


def test_what_is_brought_back_may_be_sent_before_the_photo_has_been_read(
    page: Page, context: BrowserContext, files: dict[str, Path]
) -> None:
    choose_everything(page, files)
    context.add_init_script(SLOW)
    page.reload()
    expect(page.locator("[data-do=left]")).to_be_disabled()
    expect(page.locator("#id_turn")).to_have_value("3")
    assert page.evaluate(FILES)["protect"] == "mask.png"
    page.evaluate("goOn()")
    expect_everything(page)
