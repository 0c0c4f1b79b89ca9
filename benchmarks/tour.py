"""The pictures of docs/tour.md, taken anew from a site that has just started: desktop and phone, light and dark."""

import argparse
import io
import os
import re
import tempfile
from pathlib import Path

import django
from PIL import Image
from playwright.sync_api import Browser, Locator, Page

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ostagram.settings")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
django.setup()

from benchmarks import machine  # noqa: E402
from stylize.samples import drawings, photos  # noqa: E402
from tests import servers  # noqa: E402
from tests.journeys.browser import chromium  # noqa: E402
from tests.journeys.service import Service, wait_until  # noqa: E402

FOLDER = machine.ROOT / "docs" / "images"
DESK, PHONE = (1280, 860), (390, 844)
SAMPLES_S, PAINTED_MS, GROWN_S, BACK_S = 1200, 300_000, 600, 60
GROWN = 30  # iterations of 300: a picture, and a good part of its price to come back
PAY = re.compile("^Pay ")
FAILED = """
from people.models import User
from tests import make
make.in_status(User.objects.get(handle="boss-paints"), "failed")
"""
QUALITY = 82


def shoot(page: Page, folder: Path, name: str, *, top: Locator | None = None) -> None:
    """What is on the screen now, as WebP: the page's head, or the screen on which `top` is."""
    page.evaluate("window.scrollTo(0, 0)")
    if top is not None:
        top.scroll_into_view_if_needed()
    page.wait_for_timeout(700)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.save(folder / f"tour-{name}.webp", quality=QUALITY, method=6)
    print(name, flush=True)


def samples_painted(site: Service) -> bool:
    """Whether all pictures of the sample gallery are painted."""
    ((done, others),) = site.query("SELECT count(*) FILTER (WHERE status = 'done'), count(*) FILTER "
                                   "(WHERE status IN ('queued', 'running')) FROM stylize_job WHERE sample")  # fmt: skip
    return bool(done) and not others


def visit(browser: Browser, site: Service, *, size: tuple[int, int], scheme: str = "light", locale: str = "en") -> Page:
    context = browser.new_context(
        base_url=site.url, viewport={"width": size[0], "height": size[1]}, locale=locale,
        color_scheme=scheme,  # type: ignore[arg-type]
    )  # fmt: skip
    page = context.new_page()
    page.set_default_timeout(PAINTED_MS)
    return page


def order(page: Page) -> str:
    """Send the form as it stands; the job's key."""
    page.get_by_role("button", name="Paint it").click()
    page.wait_for_url(re.compile("/jobs/"))
    return page.url.rstrip("/").rsplit("/", 1)[1]


def choose(page: Page, pair: tuple[Path, Path]) -> None:
    page.goto("/paint/")
    page.set_input_files("#id_photo", pair[0])
    page.set_input_files("#id_style_image", pair[1])


def pay(page: Page, pair: tuple[Path, Path], folder: Path) -> None:
    """A long painting, paid at the practice till."""
    choose(page, pair)
    page.locator("label[for=tier-hd]").click()
    order(page)
    shoot(page, folder, "pay")
    page.get_by_role("button", name=PAY).click()
    page.wait_for_url(re.compile("/pay/cs_"))
    page.get_by_label("E-mail").fill("visitor@example.org")
    shoot(page, folder, "till")
    page.get_by_role("button", name=PAY).first.click()
    page.wait_for_url(re.compile("/jobs/"))


def iterations_of(page: Page) -> int:
    """As the page tells it."""
    found = re.search(r"Iteration (\d+)", page.get_by_role("main").inner_text())
    return int(found[1]) if found else 0


def grow(page: Page, site: Service, folder: Path) -> None:
    """The painting that was paid, after a part of it; then taken as it is."""
    page.locator("[data-preview]:not([hidden])").wait_for()
    wait_until(lambda: iterations_of(page) >= GROWN, GROWN_S, site.tail)
    shoot(page, folder, "growing")
    page.get_by_role("button", name="Finish now").click()
    page.get_by_role("link", name="Download").first.wait_for()
    shoot(page, folder, "moments", top=page.locator(".strip"))


def look_back(page: Page, site: Service, folder: Path) -> None:
    """What was paid, and the rest that came back when the painting was finished early."""
    wait_until(lambda: bool(site.query("SELECT 1 FROM billing_refund WHERE status = 'done'")), BACK_S, site.tail)
    page.goto("/payments/")
    shoot(page, folder, "payments")
    page.get_by_role("link", name="Receipt").click()
    shoot(page, folder, "receipt")


def prove(page: Page, pair: tuple[Path, Path], folder: Path) -> None:
    """Nine proofs of the pair."""
    choose(page, pair)
    page.get_by_role("button", name="See nine small proofs first").click()
    page.get_by_role("button", name="Paint this one").wait_for()
    shoot(page, folder, "proofs")


def watch_over(page: Page, site: Service, folder: Path) -> None:
    """The staff's pages, after all that has been painted and paid."""
    page.context.add_cookies([{"name": "sessionid", "value": site.staff_session(), "url": site.url}])
    site.shell(FAILED)
    for name, address in {"staff": "/staff/", "money": "/staff/money/"}.items():
        page.goto(address)
        shoot(page, folder, name)


def paint(page: Page, pair: tuple[Path, Path], folder: Path) -> str:
    """A free painting, with pictures of the form and of the finished job; its key."""
    choose(page, pair)
    shoot(page, folder, "create")
    key = order(page)
    page.get_by_role("link", name="Download").first.wait_for()
    shoot(page, folder, "done")
    return key


def look_around(browser: Browser, site: Service, key: str, folder: Path) -> None:
    """What everybody sees: desktop and phone, light and dark."""
    pages = {
        "feed": "/", "picture": f"/p/{key}/", "paint": "/paint/", "how": "/how-it-works/", "prices": "/prices/",
    }  # fmt: skip
    looks = (
        ("", DESK, "light", "en"), ("-dark", DESK, "dark", "en"),
        ("-phone", PHONE, "light", "en"), ("-phone-dark", PHONE, "dark", "ru"),
    )  # fmt: skip
    for tail, size, scheme, locale in looks:
        page = visit(browser, site, size=size, scheme=scheme, locale=locale)
        for name, address in pages.items():
            page.goto(address)
            shoot(page, folder, name + tail)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tour", description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--own", action="store_true", help="only what a visitor paints and pays: it needs no samples")
    asked = parser.parse_args()
    folder = asked.folder
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary, servers.var_folder() as var_dir, chromium() as browser:
        pair = Path(temporary, "coffee.jpg"), Path(temporary, "night.png")
        photos.open_photo("coffee").save(pair[0])
        drawings.draw("windy-night").save(pair[1])
        site = Service(var_dir, Path(temporary, "log"), SAMPLE_GALLERY="no" if asked.own else "yes")
        try:
            site.start()
            if not asked.own:
                wait_until(lambda: samples_painted(site), SAMPLES_S, site.tail)
            key = paint(visit(browser, site, size=DESK), pair, folder)
            payer = visit(browser, site, size=DESK)
            pay(payer, pair, folder)
            grow(payer, site, folder)
            look_back(payer, site, folder)
            if not asked.own:
                prove(visit(browser, site, size=DESK), pair, folder)
            watch_over(visit(browser, site, size=DESK), site, folder)
            if not asked.own:
                look_around(browser, site, key, folder)
        finally:
            site.stop()


if __name__ == "__main__":
    main()
