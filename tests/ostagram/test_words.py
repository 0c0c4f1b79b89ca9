"""How it works, prices, terms and their kin: there for everybody, found from every page, true to the code."""

import re
from html import unescape
from pathlib import Path

import pytest
from django.conf import LazySettings, settings
from django.test import Client
from django.urls import reverse
from PIL import Image

from ostagram import pages
from stylize import tiers, wording

FOLDER = Path(settings.BASE_DIR) / "static" / "pages"
ADDRESSES = ["/how-it-works/", "/prices/", "/terms/", "/privacy/", "/licence/", "/contact/"]
MOST_BYTES = 600_000

pytestmark = pytest.mark.django_db


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def test_the_list_of_pages_is_what_the_addresses_are() -> None:
    assert [reverse(page.name) for page in pages.ALL] == ADDRESSES


@pytest.mark.parametrize("page", pages.ALL, ids=lambda page: page.name)
def test_a_page_has_its_head(anonymous: Client, page: pages.Page) -> None:
    address = reverse(page.name)
    text = read(anonymous, address)
    assert re.findall(r"<h1[^>]*>(.*?)</h1>", text) == [str(page.title)]
    assert f"<title>{page.title} · Ostagram</title>" in text
    assert f'<meta name="description" content="{page.description}">' in text
    assert f'<link rel="canonical" href="http://testserver{address}">' in text
    assert f'<meta property="og:title" content="{page.title}">' in text
    assert "noindex" not in text


@pytest.mark.parametrize("address", ["/", "/paint/", "/nowhere/", "/accounts/login/", *ADDRESSES])
def test_every_page_is_linked_from_the_foot_of_every_page(anonymous: Client, address: str) -> None:
    foot = anonymous.get(address).content.decode().partition("<footer")[2]
    assert re.findall(r'href="(/[a-z-]+/)"', foot)[: len(ADDRESSES)] == ADDRESSES


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_page_takes_a_post(anonymous: Client, address: str) -> None:
    assert anonymous.post(address).status_code == 405


@pytest.mark.parametrize("address", ["/terms/", "/privacy/", "/licence/", "/contact/"])
def test_the_operator_is_named(anonymous: Client, settings: LazySettings, address: str) -> None:
    settings.OPERATOR_NAME, settings.CONTACT_EMAIL = "Jo <Example>", "jo@ostagram.example"
    text = read(anonymous, address)
    assert "Jo <Example>" in text
    assert 'href="mailto:jo@ostagram.example"' in text


def test_local_mode_names_nobody_and_says_so(anonymous: Client, settings: LazySettings) -> None:
    settings.OPERATOR_NAME = ""
    assert "whoever started this copy" in read(anonymous, "/contact/")


@pytest.mark.django_db
def test_no_fact_of_a_price_is_empty(anonymous: Client) -> None:
    page = anonymous.get("/prices/").content.decode()
    facts = re.findall(r"<dd>(.*?)</dd>|price__sum\">(.*?)</p>", page, re.DOTALL)
    assert len(facts) >= 12
    assert all((fact or price).strip() for fact, price in facts)


def test_prices_are_those_of_the_table_of_tiers(anonymous: Client) -> None:
    text = read(anonymous, "/prices/")
    for tier in tiers.TIERS.values():
        assert f"up to {tier.max_side} px" in text
        assert wording.price(tier.price_minor(tier.iterations[-1], "RUB"), "RUB") in text
    table = dict(re.findall(r"<tr><td>(\d+)</td><td>(.*?)</td></tr>", text))
    assert {100, 1000} <= set(map(int, table))
    for iterations, price in table.items():
        assert price == wording.price(tiers.HD.price_minor(int(iterations), "RUB"), "RUB")


@pytest.mark.parametrize("address", ["/prices/", "/terms/"])
def test_the_rules_of_money_are_told(anonymous: Client, address: str) -> None:
    text = read(anonymous, address)
    assert "not connected" not in text
    for rule in ("fails", "cancel it before it is begun", "finish it early", "share of the least price", "7 days"):
        assert rule in text


def test_what_stripe_gets_is_told(anonymous: Client) -> None:
    text = read(anonymous, "/privacy/")
    assert "on a page of Stripe" in text and "We get no card number" in text


def test_the_engines_pictures_are_light_and_described(anonymous: Client) -> None:
    text = read(anonymous, "/how-it-works/")
    found = re.findall(
        r'<img src="/static/(pages/\S+)" srcset="([^"]+)"[^>]* width="(\d+)" height="(\d+)" alt="([^"]*)"', text
    )
    assert len(found) == 12
    for name, srcset, width, height, alt in found:
        assert Image.open(FOLDER.parent / name).size == (int(width), int(height))
        assert len(alt) > 10
        for candidate, said in re.findall(r"/static/(\S+) (\d+)w", srcset):
            assert Image.open(FOLDER.parent / candidate).width == int(said)
    assert text.count("<figcaption>") == 3
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < MOST_BYTES
    for credit in ("Gatys", "Ecker", "Bethge", "1508.06576", "Simonyan", "Zisserman", "CC BY 4.0"):
        assert credit in text


def test_a_shared_link_shows_a_painting(anonymous: Client) -> None:
    text = read(anonymous, "/")
    shown = dict(re.findall(r'<meta property="(og:[a-z:]+)" content="([^"]*)">', text))
    assert shown["og:url"] == "http://testserver/"
    assert shown["og:title"] and shown["og:description"]
    assert shown["og:image"] == "http://testserver/static/pages/og.jpg"
    size = Image.open(FOLDER / "og.jpg").size
    assert size == (int(shown["og:image:width"]), int(shown["og:image:height"])) == (1200, 630)
    assert 'name="twitter:card" content="summary_large_image"' in text


@pytest.mark.parametrize(
    ("asked", "canonical"), [("/?before=7", "/?before=7"), ("/?utm=1", "/"), ("/?before=x&utm=1", "/")]
)
def test_a_page_has_one_address(anonymous: Client, asked: str, canonical: str) -> None:
    assert f'<link rel="canonical" href="http://testserver{canonical}">' in read(anonymous, asked)
