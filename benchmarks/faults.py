"""`make faults`: 200 mixed jobs while every 20 s something of the whole service is killed, restarted, frozen or wiped.

`--jobs 100 --strikes 20`: half of it; `--only "Postgres restarted" "web killed"`: these kinds alone.
"""

import argparse
import os
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import Final

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ostagram.settings")
django.setup()

from benchmarks.report import Report  # noqa: E402
from tests.storm import storm, strikes  # noqa: E402

PAINTING_S: Final = 6.0  # so that two kilns are at work most of the time


def main() -> None:
    usual = storm.Plan()
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("--jobs", type=int, default=usual.jobs)
    parser.add_argument("--strikes", type=int, help="how many (default: one for five jobs)")
    parser.add_argument("--seconds-between", type=float, default=usual.every_s)
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--only", nargs="+", choices=tuple(strikes.KINDS), default=usual.only, metavar="KIND")
    parser.add_argument("--painting-seconds", type=float, default=PAINTING_S, help="how long most paintings take")
    parser.add_argument("--log", type=Path, help="keep the service's log here")
    given = parser.parse_args()
    count = given.strikes or max(1, given.jobs // 5)
    if count * 2 > given.jobs:
        parser.error("at least two jobs for each strike: else there is nothing to claim after it")
    plan = storm.Plan(given.jobs, count, given.seconds_between, given.seed, tuple(given.only))
    report = Report(f"{plan.jobs} mixed jobs, {plan.blows} strikes, {plan.every_s:g} s between two")
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log")
        try:
            with storm.service(log, QUICK_S=str(given.painting_seconds)) as site:
                outcome = storm.run(site, plan, report.note)
        finally:
            if given.log:
                shutil.copy(log, given.log)
    show(report, plan, outcome)
    report.end()


def show(report: Report, plan: storm.Plan, outcome: storm.Outcome) -> None:
    report.note("")
    header = ("fault", "times", "next claim: median", "longest", "next end: median", "longest", "runs lost")
    lost = len([wrong for wrong in outcome.wrong if " after " in wrong and " strikes" in wrong])
    rows = []
    for kind in plan.only:
        struck = [one for one in outcome.struck if one.kind == kind]
        if struck:
            felt = [[one.claim_s for one in struck], [one.end_s for one in struck]]
            rows.append((kind, str(len(struck)), *(cell for times in felt for cell in _seconds(times)),
                         str(outcome.lost_runs[kind])))  # fmt: skip
    report.table(header, rows)
    right = sum(outcome.ends.values()) - lost
    report.row("jobs that ended as they had to", f"{right} of {plan.jobs}", "all", kept=not lost and right == plan.jobs)
    report.note("  " + ", ".join(f"{how}: {count}" for how, count in sorted(outcome.ends.items())))
    slowest = max((max(one.claim_s or 1e9, one.end_s or 1e9) for one in outcome.struck), default=0.0)
    promise = f"at most {storm.WITHIN_S:g} s"
    report.row("longest until the next claim or end", f"{slowest:.1f} s", promise, kept=slowest <= storm.WITHIN_S)
    report.row("pictures twice or missing, files and rows that differ", str(len(outcome.wrong) - lost), "none",
               kept=not outcome.wrong)  # fmt: skip
    for wrong in outcome.wrong:
        report.note(f"  {wrong}")
    assert outcome.people
    report.row("money, ledger and Stripe alike", outcome.money)
    report.row("claims; jobs that went on from a checkpoint", f"{outcome.claims}; {outcome.resumed}")
    report.row("swept afterwards", outcome.swept)
    report.row("seconds from the first order to the last end", f"{outcome.seconds:.0f}")
    people = outcome.people
    report.row("pages of the feed asked for; not answered", f"{people.pages}; {people.unanswered}")
    report.row("longest time without a page", f"{people.longest_s:.1f} s")
    told = ", ".join(f"{what}: {count}" for what, count in people.troubles.most_common()) or "none"
    report.row("orders that had to be sent again, by answer", told)


def _seconds(times: list[float | None]) -> tuple[str, str]:
    known = [time for time in times if time is not None]
    if len(known) < len(times):
        return "-", "never"
    return f"{statistics.median(known):.1f} s", f"{max(known):.1f} s"


if __name__ == "__main__":
    main()
