"""A Chromium to test with, an installed one, else Debian's package, else words; and what it is asked on many pages."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MACOS = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
QUIET = ("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip
ADVICE = (
    "The browser tests need Chromium, and none was found. Install it with your system's packages "
    "(Debian, Ubuntu: apt-get install chromium), with `.venv/bin/playwright install chromium`, "
    "or name one in the variable CHROMIUM."
)


@contextmanager
def chromium() -> Iterator[Browser]:
    options = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium refuses its sandbox to root
    with sync_playwright() as playwright:
        path = _installed(playwright.chromium.executable_path) or _install()
        browser = playwright.chromium.launch(executable_path=path, args=[*QUIET, *options])
        yield browser
        browser.close()


def sideways(page: Page) -> list[str]:
    """What is too wide for the window, in words; nothing where nothing is. Its control is in test_everyone.py."""
    width, room = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    if width <= room:
        return []
    wide = page.evaluate(
        """(room) => [...document.querySelectorAll("body *")]
        .filter((one) => one.getBoundingClientRect().right > room + 1).slice(0, 3)
        .map((one) => one.outerHTML.slice(0, 120))""",
        room,
    )
    return [f"scrolls sideways, {width} px in {room}: {wide}"]


def _installed(playwrights_own: str) -> str | None:
    named = os.environ.get("CHROMIUM")
    found = [named, *(shutil.which(name) for name in NAMES), MACOS, playwrights_own]
    return next((path for path in found if path and Path(path).exists()), None)


def _install() -> str:
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        pytest.fail(ADVICE)
    silent = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in ([apt, "update", "-qq"], [apt, "install", "-y", "-qq", "--no-install-recommends", "chromium"]):
        subprocess.run(command, env=silent, check=False, stdout=subprocess.DEVNULL)
    return shutil.which("chromium") or pytest.fail(ADVICE)
