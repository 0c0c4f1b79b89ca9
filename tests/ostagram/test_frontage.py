"""What browsers and search engines ask the site for: manifest, icons, robots, sitemap."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from PIL import Image

from ostagram import pages
from people.models import User
from stylize.models import Job
from tests import make

STATIC = Path(settings.BASE_DIR) / "static"

pytestmark = pytest.mark.django_db


def test_the_manifest_names_icons_that_are_there(client: Client) -> None:
    answer = client.get("/site.webmanifest")
    assert answer.headers["Content-Type"] == "application/manifest+json"
    manifest = json.loads(answer.content)
    assert (manifest["name"], manifest["start_url"]) == ("Ostagram", "/")
    assert re.match(r"#[0-9a-f]{6}$", manifest["theme_color"])
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    for icon in manifest["icons"]:
        picture = Image.open(STATIC / icon["src"].removeprefix("/static/"))
        assert picture.format == "PNG"
        assert icon["sizes"] == f"{picture.width}x{picture.height}"
    for shortcut in manifest["shortcuts"]:
        assert client.get(shortcut["url"]).status_code == 200


@pytest.mark.parametrize("name", ["icon-180.png", "icon-maskable-512.png"])
def test_icons_that_a_system_cuts_to_its_own_shape_fill_their_square(name: str) -> None:
    picture = Image.open(STATIC / "icons" / name).convert("RGBA")
    low, _high = picture.getchannel("A").getextrema()
    assert low == 255


def test_every_page_names_manifest_and_icons(client: Client) -> None:
    page = client.get("/").content.decode()
    assert '<link rel="manifest" href="/site.webmanifest">' in page
    for name in re.findall(r'<link rel="(?:icon|apple-touch-icon)" href="/static/([^"]+)"', page):
        assert (STATIC / name).exists()


def test_robots_are_kept_from_what_is_private(client: Client) -> None:
    answer = client.get("/robots.txt")
    assert answer.headers["Content-Type"].startswith("text/plain")
    lines = answer.content.decode().splitlines()
    assert lines[0] == "User-agent: *"
    for path in ("/mine/", "/accounts/", "/admin/", "/watch/"):
        assert f"Disallow: {path}" in lines
    assert "Disallow: /" not in lines
    assert "Sitemap: http://testserver/sitemap.xml" in lines


def test_the_sitemap_lists_the_pages_and_the_public_pictures_alone(client: Client, alice: User) -> None:
    shown = {value: make.done_job(alice, visibility=value) for value in Job.Visibility.values}
    answer = client.get("/sitemap.xml")
    assert answer.headers["Content-Type"] == "application/xml"
    places = set(re.findall(r"<loc>http://testserver([^<]+)</loc>", answer.content.decode()))
    posts = {reverse("feed:post", args=[shown["public"].key])}
    assert places == {"/", "/paint/", *(reverse(page.name) for page in pages.ALL), *posts}


def test_the_sitemap_is_reckoned_once_in_a_while(client: Client, alice: User) -> None:
    make.done_job(alice)
    first = client.get("/sitemap.xml").content
    make.done_job(alice)
    assert client.get("/sitemap.xml").content == first
