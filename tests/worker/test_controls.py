"""What the page offers is what the engine takes: the bench may not import it, so each has a table of its own."""

import dataclasses
from typing import Any

import pytest

from stylize import controls
from worker.engine import Settings, SettingsError

USUAL = {field.name: field.default for field in dataclasses.fields(Settings)}


def taken(**chosen: Any) -> bool:
    try:
        Settings(**controls.differing(chosen))
    except SettingsError:
        return False
    return True


@pytest.mark.parametrize("name", controls.DEFAULTS)
def test_the_usual_is_the_engines_default(name: str) -> None:
    assert controls.DEFAULTS[name] == USUAL[name]


@pytest.mark.parametrize("dial", controls.DIALS, ids=lambda dial: dial.name)
def test_a_dial_has_the_engines_range(dial: controls.Dial) -> None:
    beyond = (dial.low - 1e-6, dial.high + 1e-6)
    assert all(taken(**{dial.name: value}) for value in (dial.low, dial.high, *dial.stops))
    assert not any(taken(**{dial.name: value}) for value in beyond)


@pytest.mark.parametrize("colours", controls.COLOURS)
def test_the_engine_knows_every_way_to_colour(colours: str) -> None:
    assert taken(colours=colours)
    assert not taken(colours="sepia")


def test_a_palette_has_the_engines_range() -> None:
    assert all(taken(colours=controls.A_FEW, palette=count) for count in controls.PALETTE)
    beyond = (controls.PALETTE[0] - 1, controls.PALETTE[-1] + 1)
    assert not any(taken(colours=controls.A_FEW, palette=count) for count in beyond)
