"""The table of `make faults`, from an outcome made by hand."""

import pytest

from benchmarks import faults
from benchmarks.report import Report
from tests.journeys.service import Service
from tests.storm import storm
from tests.storm.crowd import Crowd


@pytest.mark.parametrize("end_s", [3.0, 61.0, None])
def test_a_strike_that_is_felt_too_long_is_not_kept(
    tmp_path: object, capsys: pytest.CaptureFixture[str], end_s: float | None
) -> None:
    plan = storm.Plan(jobs=2, blows=1, only=("web killed",))
    struck = storm.Struck("web killed", 0.0, 0, 0, claim_s=1.0, end_s=end_s)
    outcome = storm.Outcome(struck=[struck], people=Crowd(Service.__new__(Service), []), swept="all well")
    outcome.ends["done"] = 2
    report = Report("")
    faults.show(report, plan, outcome)
    assert bool(report.broken) is (end_s != 3.0)
    (row,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("web killed")]
    assert row.split()[2:5] == ["1", "1.0", "s"]
