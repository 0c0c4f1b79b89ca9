"""docs/faults.md says which test proves what; every test it names is there, and every fault has one."""

import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
TEST = re.compile(r"([\w/]+\.py)::(\w+)")


def rows() -> list[list[str]]:
    table = (ROOT / "docs" / "faults.md").read_text().partition("| fault |")[2]
    lines = [line.strip("|").split("|") for line in table.splitlines()[2:] if line.startswith("|")]
    return [[cell.strip() for cell in cells] for cells in lines]


def test_every_fault_has_a_test() -> None:
    assert len(rows()) == 22  # as many as the known ways to break
    assert not [fault for fault, proofs, _control in rows() if not TEST.search(proofs)]


def test_every_test_it_names_is_there() -> None:
    named = {test for row in rows() for cell in row[1:] for test in TEST.findall(cell)}
    missing = [
        f"{file}::{name}" for file, name in sorted(named)
        if not (ROOT / "tests" / file).exists() or f"def {name}(" not in (ROOT / "tests" / file).read_text()
    ]  # fmt: skip
    assert not missing
