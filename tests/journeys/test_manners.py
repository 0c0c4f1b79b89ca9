"""Good manners: a picture is reported and taken down, its owner reads why, collects it, and leaves."""

import re
import time
import zipfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests import make
from tests.journeys.browser import sideways
from tests.journeys.service import Service

PAINTED_MS = 180_000
WHY = "It shows a person who did not agree."


def test_report_take_down_collect_and_leave(
    browser: Browser, site: Service, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    _account(site, "wanda", is_staff=False)
    _account(site, "watcher", is_staff=True)
    owner, staff, passer = (browser.new_context(base_url=site.url).new_page() for _person in range(3))
    _sign_in(owner, "wanda")
    key = _paint(owner, pair)
    _report(passer, key)
    _sign_in(staff, "watcher")
    _take_down(staff, key)
    assert passer.goto(f"/p/{key}/").status == 404  # type: ignore[union-attr]
    owner.goto(f"/jobs/{key}/")
    expect(owner.get_by_text(WHY)).to_be_visible()
    assert f"pictures/{key}.png" in _collect(owner, tmp_path)
    _leave(owner)
    _wait_until_gone(site, owner, key)


def _account(site: Service, name: str, *, is_staff: bool) -> None:
    rights = f"is_staff={is_staff}, is_superuser={is_staff}"
    made = f"User.objects.create_user('{name}@example.org', '{make.PASSWORD}', {rights})"
    site.shell(f"from people.models import User; {made}")


def _sign_in(page: Page, name: str) -> None:
    page.goto("/accounts/login/")
    page.fill("input[name=login]", f"{name}@example.org")
    page.fill("input[name=password]", make.PASSWORD)
    page.press("input[name=password]", "Enter")
    page.get_by_label("Account").first.wait_for()


def _paint(page: Page, pair: tuple[Path, Path]) -> str:
    page.goto("/paint/")
    page.set_input_files("input[name=photo]", pair[0])
    page.set_input_files("input[name=style_image]", pair[1])
    page.get_by_role("button", name="Paint it").click()
    page.wait_for_url(re.compile("/jobs/"))
    page.get_by_role("link", name="Download").wait_for(timeout=PAINTED_MS)
    return page.url.rstrip("/").rsplit("/", 1)[1]


def _report(page: Page, key: str) -> None:
    """Without an account."""
    page.goto(f"/p/{key}/")
    page.get_by_role("link", name="Report this picture").click()
    page.get_by_label("It is mine, or shows me, without my leave").check()
    page.get_by_label("In your own words").fill("This is me.")
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_text("Our staff will look at it")).to_be_visible()


def _take_down(page: Page, key: str) -> None:
    page.goto("/staff/reports/")
    expect(page.get_by_text("This is me.")).to_be_visible()
    page.get_by_role("link", name=f"Look and decide {key}").click()
    page.get_by_label("Reason", exact=True).fill(WHY)
    page.get_by_role("button", name="Take it down").click()
    expect(page.get_by_text("its owner is told why")).to_be_visible()
    assert not sideways(page)
    page.goto(f"/staff/acts/?q={key}")
    expect(page.get_by_text(WHY)).to_be_visible()


def _collect(page: Page, folder: Path) -> list[str]:
    page.goto("/account/data/")
    page.get_by_role("button", name="Collect my data").click()
    link = page.get_by_role("link", name="Download it")
    link.wait_for(timeout=60_000)  # the page looks again by itself
    with page.expect_download() as download:
        link.click()
    download.value.save_as(folder / "data.zip")
    return zipfile.ZipFile(folder / "data.zip").namelist()


def _leave(page: Page) -> None:
    page.get_by_role("link", name="Delete my account").click()
    page.get_by_label("Your password").fill(make.PASSWORD)
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("Everything of yours is hidden")).to_be_visible()


def _wait_until_gone(site: Service, page: Page, key: str) -> None:
    until = time.monotonic() + 60
    while site.query("SELECT 1 FROM people_user WHERE email = 'wanda@example.org'"):
        assert time.monotonic() < until, site.tail()
        time.sleep(0.5)
    for address in (f"/jobs/{key}/", f"/p/{key}/", f"/pictures/{key}/master.png"):
        assert page.request.get(address).status == 404
