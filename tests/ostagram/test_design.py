"""The living page of the system's parts, and what it says about contrast."""

import re

import pytest
from django.test import Client

from ostagram import design

SCHEMES = {"light": design.light, "dark": design.dark}


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("pair", design.TEXT_PAIRS, ids=" on ".join)
def test_text_can_be_read(name: str, pair: tuple[str, str]) -> None:
    tokens = SCHEMES[name]()
    assert design.contrast(tokens[pair[0]], tokens[pair[1]]) >= 4.5


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("pair", design.EDGE_PAIRS, ids=" on ".join)
def test_edges_can_be_seen(name: str, pair: tuple[str, str]) -> None:
    tokens = SCHEMES[name]()
    assert design.contrast(tokens[pair[0]], tokens[pair[1]]) >= 3


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000", "#ffffff", 21.0), ("#777777", "#fff", 4.48), ("#fff", "#fff", 1.0), ("#ff0000", "#0000ff", 2.15)],
)
def test_contrast_is_that_of_the_guidelines(one: str, other: str, ratio: float) -> None:
    assert design.contrast(one, other) == pytest.approx(ratio, abs=0.01)
    assert design.contrast(other, one) == design.contrast(one, other)


def test_the_schemes_differ_and_have_the_same_tokens() -> None:
    assert design.light().keys() == design.dark().keys()
    assert design.light()["wall"] != design.dark()["wall"]
    assert design.light()["s4"] == design.dark()["s4"]


@pytest.mark.django_db
def test_the_page_shows_every_colour_in_both_schemes_and_hides_from_search(client: Client) -> None:
    answer = client.get("/design/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'name="robots" content="noindex"' in page
    for name, tokens in ((name, read()) for name, read in SCHEMES.items()):
        part = re.search(rf"\.scheme--{name}\{{(.*?)\}}", page)
        assert part
        for token, value in tokens.items():
            if design.HEX.match(value):
                assert f"--{token}:{value};" in part[1]
    assert page.count("too low") == 0
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
