"""docs/faults.md says which test proves what; every test it names is there, and every fault has one, and a control."""

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
TEST = re.compile(r"([\w/]+\.py)::(\w+)")
TABLES = {"| fault |": 22, "| what goes wrong with money |": 12}  # with as many rows as known ways to break
WITHOUT_CONTROL = {"old billiard"}  # the page says why


def rows(head: str) -> list[list[str]]:
    table = (ROOT / "docs" / "faults.md").read_text().partition(head)[2].partition("\n\n")[0]
    lines = [line.strip("|").split("|") for line in table.splitlines()[2:] if line.startswith("|")]
    return [[cell.strip() for cell in cells] for cells in lines]


@pytest.mark.parametrize(("head", "count"), TABLES.items())
def test_every_fault_has_a_test(head: str, count: int) -> None:
    assert len(rows(head)) == count
    assert not [fault for fault, proofs, _control in rows(head) if not TEST.search(proofs)]


@pytest.mark.parametrize("head", TABLES)
def test_every_fault_has_a_control_but_those_where_it_would_prove_nothing(head: str) -> None:
    without = {fault for fault, _proofs, control in rows(head) if not TEST.search(control)}
    assert without <= WITHOUT_CONTROL


@pytest.mark.parametrize("head", TABLES)
def test_every_test_it_names_is_there(head: str) -> None:
    named = {test for row in rows(head) for cell in row[1:] for test in TEST.findall(cell)}
    missing = [
        f"{file}::{name}" for file, name in sorted(named)
        if not (ROOT / "tests" / file).exists() or f"def {name}(" not in (ROOT / "tests" / file).read_text()
    ]  # fmt: skip
    assert not missing
