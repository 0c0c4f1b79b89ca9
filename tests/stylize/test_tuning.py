"""Steering a painting: every control works, is left out where it is the usual, and is refused in words."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from people.models import User
from stylize import controls
from stylize.models import Job
from tests import make

ADDRESS = "/paint/"
USUAL = {name: str(value) for name, value in controls.DEFAULTS.items()}
TUNING = r'<details class="fold"( open)?>\s*<summary><span class="fold__title">Fine'


def is_unfolded(page: str) -> bool:
    found = re.search(TUNING, page)
    assert found
    return bool(found[1])


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({}, {}),
        (USUAL, {}),
        ({"strength": "5"}, {"strength": 5.0}),
        ({"strength": "0.1"}, {"strength": 0.1}),
        ({"strength": "", "brush_size": ""}, {}),
        ({"brush_size": "0.25"}, {"brush_size": 0.25}),
        ({"brush_size": "3"}, {"brush_size": 3.0}),
        ({"smoothness": "0"}, {"smoothness": 0.0}),
        ({"smoothness": "30"}, {"smoothness": 30.0}),
        ({"colours": "photo"}, {"colours": "photo"}),
        ({"colours": "match"}, {"colours": "match"}),
        ({"colours": "palette"}, {"colours": "palette"}),
        ({"colours": "palette", "palette": "8"}, {"colours": "palette"}),
        ({"colours": "palette", "palette": "2"}, {"colours": "palette", "palette": 2}),
        ({"colours": "palette", "palette": "32"}, {"colours": "palette", "palette": 32}),
        ({"colours": "photo", "palette": "5"}, {"colours": "photo"}),
        ({"palette": "5"}, {}),
        ({"strength": "2", "colours": "match"}, {"strength": 2.0, "colours": "match"}),
    ],
)
def test_a_job_keeps_what_is_not_the_usual(as_alice: Client, sent: dict[str, str], kept: dict[str, Any]) -> None:
    assert as_alice.post(ADDRESS, make.form(**sent)).status_code == 302
    assert Job.objects.get().controls == kept


@pytest.mark.parametrize("name", [dial.name for dial in controls.DIALS])
@pytest.mark.parametrize("end", ["low", "high"])
def test_both_ends_of_a_dial_are_taken(as_alice: Client, name: str, end: str) -> None:
    dial = next(dial for dial in controls.DIALS if dial.name == name)
    as_alice.post(ADDRESS, make.form(**{name: str(getattr(dial, end))}))
    assert Job.objects.get().controls == {name: getattr(dial, end)}


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("strength", "0", "Choose a number from 0.001 to 1000."),
        ("strength", "1001", "Choose a number from 0.001 to 1000."),
        ("strength", "strong", "Choose a number from 0.001 to 1000."),
        ("strength", "nan", "Choose a number from 0.001 to 1000."),
        ("brush_size", "0.2", "Choose a number from 0.25 to 3."),
        ("brush_size", "inf", "Choose a number from 0.25 to 3."),
        ("smoothness", "-1", "Choose a number from 0 to 100."),
        ("smoothness", "101", "Choose a number from 0 to 100."),
        ("colours", "sepia", "Choose one of the four ways to colour the picture."),
        ("palette", "1", "Choose from 2 to 32 colours."),
        ("palette", "33", "Choose from 2 to 32 colours."),
        ("palette", "a few", "Choose from 2 to 32 colours."),
    ],
)
def test_bad_input_shows_the_form_again_and_nothing_is_lost(
    as_alice: Client, field: str, value: str, words: str
) -> None:
    sent = {"strength": "2", "brush_size": "0.5", "smoothness": "10", "colours": "palette", "palette": "5"}
    answer = as_alice.post(ADDRESS, make.form(**sent | {field: value}))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert answer.context["form"].errors[field] == [words]
    assert f'href="#id_{field}"' in page and f'id="id_{field}"' in page
    assert is_unfolded(page)
    for name in {"strength", "brush_size", "smoothness", "colours"} - {field}:
        assert re.search(f'name="{name}" value="{sent[name]}" checked', page)
    if field != "palette":
        assert re.search('name="palette" value="5" checked', page)
    assert answer.context["form"].kept_photo and answer.context["form"].kept_style
    assert not Job.objects.exists()


def test_something_else_being_wrong_loses_no_setting(as_alice: Client) -> None:
    page = as_alice.post(ADDRESS, make.form(photo=None, strength="10", brush_size="2")).content.decode()
    assert is_unfolded(page)
    assert re.search('name="strength" value="10" checked', page)
    assert re.search('name="brush_size" value="2" checked', page)


@pytest.mark.django_db
def test_an_empty_form_shows_the_usual_folded(anonymous: Client) -> None:
    page = anonymous.get(ADDRESS).content.decode()
    assert not is_unfolded(page)
    for name in ("strength", "brush_size", "smoothness"):
        assert re.search(f'name="{name}" value="1" checked', page)
    assert re.search('name="colours" value="style" checked', page)
    assert re.search('name="palette" value="8" checked', page)


def test_a_form_sent_with_the_usual_comes_back_folded(as_alice: Client) -> None:
    assert not is_unfolded(as_alice.post(ADDRESS, make.form(photo=None, **USUAL)).content.decode())


def test_every_stop_is_within_its_dial_and_the_usual_is_one() -> None:
    for dial in controls.DIALS:
        assert dial.default in dial.stops
        assert list(dial.stops) == sorted(dial.stops)
        assert dial.low <= dial.stops[0] and dial.stops[-1] <= dial.high


@pytest.mark.parametrize("tier", ["free", "hd"])
def test_steering_changes_neither_price_nor_place(as_alice: Client, tier: str) -> None:
    for sent in ({}, {"strength": "10", "colours": "match"}):
        as_alice.post(ADDRESS, make.form(tier=tier, iterations="100", **sent))
    plain, steered = Job.objects.all()
    assert (plain.amount_minor, plain.cost) == (steered.amount_minor, steered.cost)


@pytest.mark.parametrize(
    ("kept", "lines"),
    [
        ({"strength": 5.0}, {"Strength": "5, more style"}),
        ({"strength": 0.1}, {"Strength": "0.1, more photo"}),
        ({"brush_size": 0.5}, {"Brush size": "0.5, finer strokes"}),
        ({"smoothness": 30.0}, {"Smoothness": "30, smoother"}),
        ({"colours": "photo"}, {"Colours": "As in the photo"}),
        ({"colours": "palette"}, {"Colours": "8 of the style"}),
        ({"colours": "palette", "palette": 3}, {"Colours": "3 of the style"}),
    ],
)
def test_the_jobs_page_tells_the_recipe(
    as_alice: Client, alice: User, kept: dict[str, Any], lines: dict[str, str]
) -> None:
    job = make.job(alice, controls=kept)
    page = as_alice.get(reverse("stylize:job", args=[job.key])).content.decode()
    for what, how in lines.items():
        assert f"<dt>{what}</dt><dd>{how}</dd>" in page


def test_of_a_plain_painting_the_page_tells_nothing_more(as_alice: Client, alice: User) -> None:
    page = as_alice.get(reverse("stylize:job", args=[make.job(alice).key])).content.decode()
    assert not [word for word in ("Strength", "Brush size", "Smoothness", "Colours", "100\u00a0%") if word in page]
