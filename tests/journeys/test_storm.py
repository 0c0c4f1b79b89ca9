"""`make faults` in short: forty mixed jobs while each kind of fault strikes once."""

from pathlib import Path

import pytest

from tests.storm import storm, strikes

SHORT = storm.Plan(jobs=40, blows=len(strikes.KINDS), every_s=8.0)


def test_no_job_is_lost_and_no_picture_hangs_twice_while_everything_dies_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with storm.service(tmp_path / "log", QUICK_S="3") as site:
        outcome = storm.run(site, SHORT)
        assert not outcome.wrong, f"{outcome.wrong}\n{site.tail()}"
    assert [struck.kind for struck in outcome.struck] == SHORT.kinds()
    assert outcome.ends.total() == SHORT.jobs
