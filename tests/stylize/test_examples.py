"""The pictures that explain the choices: each choice has its own, true in proportion, and together they are light."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from PIL import Image, ImageChops

from people.models import User
from stylize import controls, tiers
from tests import make

STATIC = Path(settings.BASE_DIR) / "static"
OF_TIERS = [tier.example for tier in tiers.TIERS.values()]
MOST_BYTES = 250_000


@pytest.mark.parametrize("path", [*controls.examples(), *OF_TIERS])
def test_every_choice_has_its_example(path: str) -> None:
    with Image.open(STATIC / path) as picture:
        assert picture.format == "WEBP"
        assert picture.size == (128, 128) or path in OF_TIERS


def test_every_stop_of_every_control_is_among_them() -> None:
    shown = controls.examples().values()
    for dial in controls.DIALS:
        assert all({dial.name: stop} in shown for stop in dial.stops)
    assert all({"colours": way} in shown for way in controls.COLOURS)
    assert all({"colours": "palette", "palette": count} in shown for count in controls.PALETTE_STOPS)


def test_there_is_no_example_of_nothing_and_all_are_light() -> None:
    files = [path for path in (STATIC / "examples").iterdir() if path.is_file()]
    assert {f"examples/{path.name}" for path in files} == {*controls.examples(), *OF_TIERS}
    assert sum(path.stat().st_size for path in files) < MOST_BYTES


def test_the_tiers_examples_keep_the_tiers_proportions() -> None:
    widths = {}
    for tier in tiers.TIERS.values():
        with Image.open(STATIC / tier.example) as picture:
            widths[tier.max_side] = picture.width
            assert picture.width / picture.height == pytest.approx(1.5, rel=0.02)
    shares = {width / max_side for max_side, width in widths.items()}
    assert max(shares) == pytest.approx(min(shares), rel=0.02)


@pytest.mark.parametrize("dial", controls.DIALS, ids=lambda dial: dial.name)
def test_neighbouring_stops_look_different(dial: controls.Dial) -> None:
    pictures = [Image.open(STATIC / controls.example(dial.name, stop)).convert("L") for stop in dial.stops]
    for one, next_one in pairwise(pictures):
        assert max(ImageChops.difference(one, next_one).histogram()[9:]) > 0  # more than what saving changes


def test_the_palettes_stops_are_what_the_form_takes() -> None:
    assert set(controls.PALETTE_STOPS) <= set(controls.PALETTE)
    assert {controls.PALETTE[0], controls.PALETTE[-1], controls.DEFAULTS["palette"]} <= set(controls.PALETTE_STOPS)


@pytest.mark.django_db
def test_each_radio_button_has_a_name_to_be_read_and_a_picture_that_is_not(anonymous: Client) -> None:
    page = anonymous.get("/paint/").content.decode()
    for path in controls.examples():
        (label,) = re.findall(rf'<label class="pick">((?:(?!</label>).)*{re.escape(path)}.*?)</label>', page)
        assert 'type="radio"' in label and 'alt=""' in label
        assert re.sub(r"<[^>]*>", "", label).strip()


@pytest.mark.django_db
def test_each_tier_shows_its_example_and_says_what_it_was_painted_with(anonymous: Client) -> None:
    page = anonymous.get("/paint/").content.decode()
    assert [page.count(path) for path in OF_TIERS] == [1, 1, 1]
    for words in ("with 1 iteration", "with 600 iterations", "with 300 iterations"):
        assert f'alt="Part of an example painted {words}"' in page


def test_a_value_from_elsewhere_has_no_example_but_its_number(as_alice: Client, alice: User) -> None:
    job = make.job(alice, controls={"strength": 0.7, "colours": "palette", "palette": 6})
    page = as_alice.get("/paint/", {"again": job.key}).content.decode()
    for name, value in (("strength", "0.7"), ("palette", "6")):
        own = f'name="{name}" value="{value}" checked><span class="pick__blank">{value}</span></label>'
        assert own in page
