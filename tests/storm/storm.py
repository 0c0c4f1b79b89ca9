"""One storm: the crowd orders while something strikes every few seconds; then books and shelves are compared."""

import contextlib
import itertools
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import requests

from tests import servers
from tests.journeys import service as services
from tests.journeys.service import Service
from tests.storm import crowd, quick, strikes

UP: Final = ("-m", "tests.storm.up")
WITHIN_S: Final = 60.0  # of a strike: the next claim and the next end of a job
ENDS_WITHIN_S: Final = 300.0  # of the last strike: all jobs
LEASE_S: Final = 15.0
TICK_S: Final = 0.25
COUNTS: Final = """
SELECT coalesce(sum(fence), 0), count(*) FILTER (WHERE status IN ('done', 'failed')),
    coalesce(sum(strikes) FILTER (WHERE photo.width <> %s), 0),
    count(*) FILTER (WHERE status IN ('unpaid', 'queued', 'running'))
FROM stylize_job JOIN stylize_upload photo ON photo.id = photo_id
"""
"""Claims, ends, runs that were lost (but for the picture that kills), unfinished jobs."""
JOBS: Final = "SELECT key, status, failure, result, strikes, fence, resumed_at FROM stylize_job"
POSTS: Final = "SELECT key, count(*) FROM feed_post JOIN stylize_job ON stylize_job.id = job_id GROUP BY key"
LEDGER: Final = """
SELECT job_key, status, amount_minor, refunded_minor FROM billing_payment WHERE status IN ('paid', 'disputed')
"""
UNSETTLED: Final = """
SELECT (SELECT count(*) FROM billing_payment WHERE status = 'paid' AND settled_at IS NULL)
    + (SELECT count(*) FROM billing_refund WHERE status = 'requested')
"""
SWEEP: Final = """
from datetime import timedelta
from stylize import sweep
sweep.SPARED = timedelta(0)
print(sweep.sentence(sweep.run()))
"""
CARD: Final = re.compile(r'class="(?:card__picture|piece__painting)" href="/p/([^/]+)/"')
OLDER: Final = re.compile(r'rel="next" href="\?before=(\d+)"')


@dataclass(frozen=True)
class Plan:
    jobs: int = 200
    blows: int = 40
    every_s: float = 20.0
    seed: int = 1
    only: tuple[str, ...] = tuple(strikes.KINDS)

    def kinds(self) -> list[str]:
        """In turn, each turn in an order of its own."""
        chance = random.Random(self.seed)
        turns = (chance.sample(self.only, len(self.only)) for _turn in itertools.count())
        return list(itertools.islice(itertools.chain.from_iterable(turns), self.blows))


@dataclass
class Struck:
    """A strike and how long it was felt; None: it still is."""

    kind: str
    at: float
    claims: int
    ends: int
    claim_s: float | None = None
    end_s: float | None = None

    @property
    def is_over(self) -> bool:
        return self.claim_s is not None and self.end_s is not None

    @property
    def was_short(self) -> bool:
        return self.is_over and max(self.claim_s or 0, self.end_s or 0) <= WITHIN_S


@dataclass
class Outcome:
    """What happened, and in `wrong` what must not have."""

    struck: list[Struck] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    lost_runs: Counter[str] = field(default_factory=Counter)  # by kind of strike
    ends: Counter[str] = field(default_factory=Counter)  # status, and why
    seconds: float = 0.0
    resumed: int = 0  # jobs that went on from a checkpoint
    claims: int = 0
    swept: str = ""
    money: str = ""
    people: crowd.Crowd | None = None


@contextmanager
def service(log: Path, **environ: str) -> Iterator[Service]:
    """The service with quick kilns; all visitors come from this machine."""
    room = {
        "GUESTS_PER_ADDRESS": "9999",
        "GUEST_JOBS_PER_ADDRESS": "999",
        "RATE_UPLOAD": "99999/m/ip",
        "LOG_FORMAT": "line",
    }
    with servers.var_folder() as var_dir:
        site = Service(var_dir, log, **room, **environ)
        site.up = UP
        try:
            site.start()
            yield site
        finally:
            site.stop()


def run(site: Service, plan: Plan, say: Callable[[str], None] = lambda line: None) -> Outcome:
    wanted = crowd.wishes(plan.jobs - plan.jobs // 20, random.Random(plan.seed))
    people = crowd.Crowd(site, wanted)
    storm = _Storm(site, plan, people, say)
    people.hang_samples(plan.jobs - len(wanted))
    people.start()
    try:
        storm.rage()
    finally:
        storm.calm()
        people.leave()
    outcome = storm.outcome
    outcome.people = people
    _compare(site, people, plan, outcome)
    return outcome


class _Storm:
    def __init__(self, site: Service, plan: Plan, people: crowd.Crowd, say: Callable[[str], None]) -> None:
        self._site, self._plan, self._people, self._say = site, plan, people, say
        self._began = time.monotonic()
        self._later: list[tuple[float, Callable[[], Any]]] = []
        self._now = (0, 0, 0, 1)
        self.outcome = Outcome()

    def rage(self) -> None:
        """Orders come in with each strike, so that there is always something to claim after it."""
        kinds = self._plan.kinds()
        first = max(8, self._plan.jobs // 20)
        self._people.may_order = first
        self._watch(lambda: self._now[1] > 0, "the first job does not end")
        for number, kind in enumerate(kinds, 1):
            self._strike(kind)
            self._people.may_order = first + (len(self._people.wanted) - first) * number // len(kinds)
            due = time.monotonic() + self._plan.every_s
            self._watch(lambda due=due: time.monotonic() >= due, "")  # type: ignore[misc]
        self._people.may_order = len(self._people.wanted)
        self._watch(lambda: self._people.is_served and self._now[3] == 0, "not all jobs end")
        self.outcome.seconds = time.monotonic() - self._began
        self._watch(self._is_settled, "money is still to be given back")

    def _is_settled(self) -> bool:
        with contextlib.suppress(*crowd.AWAY):
            return self._site.query(UNSETTLED) == [(0,)]
        return False

    def calm(self) -> None:
        """Let go what is still frozen."""
        for _due, undo in self._later:
            undo()
        self._later.clear()

    def _strike(self, kind: str) -> None:
        claims, ends, _losses, _left = self._now
        at = time.monotonic()
        later = strikes.KINDS[kind](self._site)
        if later:
            self._later.append((time.monotonic() + later[0], later[1]))
        self.outcome.struck.append(Struck(kind, at, claims, ends))
        self._say(f"{at - self._began:6.1f} s   {kind}")

    def _count_losses(self, more: int) -> None:
        """A lost run is noticed when its lease has run out: what struck last before its last heartbeat cost it."""
        cut_at = time.monotonic() - LEASE_S
        before = [struck for struck in self.outcome.struck if struck.at <= cut_at + 1]
        if more and before:
            self.outcome.lost_runs[before[-1].kind] += more

    def _watch(self, is_over: Callable[[], bool], otherwise: str) -> None:
        give_up_at = time.monotonic() + ENDS_WITHIN_S
        while not is_over():
            assert time.monotonic() < give_up_at, f"{otherwise}: {self._now}\n{self._site.tail()}"
            assert not self._people.error, f"{self._people.error}\n{self._site.tail()}"
            self._tick()

    def _tick(self) -> None:
        time.sleep(TICK_S)
        now = time.monotonic()
        for one in [one for one in self._later if one[0] <= now]:
            self._later.remove(one)
            one[1]()
        with contextlib.suppress(*crowd.AWAY):
            ((claims, ends, losses, left),) = self._site.query(COUNTS, quick.DEADLY)
            self._count_losses(int(losses) - self._now[2])
            self._now = int(claims), int(ends), int(losses), int(left)
            self._feel(time.monotonic())

    def _feel(self, now: float) -> None:
        claims, ends, _losses, _left = self._now
        for struck in self.outcome.struck:
            if struck.claim_s is None and claims > struck.claims:
                struck.claim_s = now - struck.at
            if struck.end_s is None and ends > struck.ends:
                struck.end_s = now - struck.at


def _compare(site: Service, people: crowd.Crowd, plan: Plan, outcome: Outcome) -> None:
    """Orders, rows, posts, the feed as a visitor turns its pages, and files."""
    wrong = outcome.wrong
    jobs = {row[0]: row[1:] for row in site.query(JOBS)}
    if set(jobs) != set(people.ordered) or len(jobs) != plan.jobs:
        wrong.append(f"{plan.jobs} orders, {len(people.ordered)} were told a job, {len(jobs)} jobs are there")
    for key, (status, failure, _result, lost, _fence, _resumed) in jobs.items():
        wish = people.ordered.get(key, crowd.Wish())
        outcome.ends[f"{status} {failure}".strip()] += 1
        if status not in wish.ends or failure != wish.failure:
            wrong.append(f"{key}: {status} {failure} after {lost} strikes, and was to be {wish}")
    outcome.claims = sum(int(row[4]) for row in jobs.values())
    outcome.resumed = sum(bool(row[5]) for row in jobs.values())
    posted = {key for key, row in jobs.items() if row[0] == "done" and not people.ordered[key].proof}
    for where, seen in (("posts", Counter(dict(site.query(POSTS)))), ("the feed", _turn_pages(site))):
        if seen != Counter(posted):
            twice, missing = [key for key in seen if seen[key] > 1], posted - set(seen)
            wrong.append(f"{where}: twice {twice}, missing {sorted(missing)}, besides {sorted(set(seen) - posted)}")
    wrong.extend(
        f"{struck.kind}: next claim after {struck.claim_s} s, next end after {struck.end_s} s"
        for struck in outcome.struck
        if not struck.was_short
    )
    _compare_money(site, people, jobs, outcome)
    outcome.swept = site.shell(SWEEP)
    named = {row[2] for key, row in jobs.items() if row[2] and not people.ordered[key].proof}
    kept = {_name(site.var_dir, path) for path in (site.var_dir / "media" / "results").rglob("*.png")}
    if kept != named:
        wrong.append(f"results: files without a row {sorted(kept - named)}, rows without files {sorted(named - kept)}")


def _compare_money(site: Service, people: crowd.Crowd, jobs: dict[str, Any], outcome: Outcome) -> None:
    """Every job that was to be paid is done, or its money is given back; ledger and Stripe agree to the kopeck."""
    wrong = outcome.wrong
    services.wait_until(site.till.answers, 30, lambda: f"the till does not come back:\n{site.tail()}")
    ledger = {row[0]: row[1:] for row in site.query(LEDGER)}
    for key in (key for key, wish in people.ordered.items() if wish.is_paid):
        status, amount, refunded = ledger.get(key, ("", 0, 0))
        back = {"done": refunded == 0, "failed": refunded == amount, "cancelled": refunded > 0}
        if status != "paid" or not back.get(jobs[key][0], False):
            wrong.append(f"{key}: {jobs[key][0]}, its payment {status!r}, {refunded} of {amount} given back")
    theirs = {
        "taken": sum(one["amount"] for one in site.till.payments()),
        "refunded": sum(one["amount"] for one in site.till.refunds() if one["status"] != "failed"),
    }
    ours = {"taken": sum(row[1] for row in ledger.values()), "refunded": sum(row[2] for row in ledger.values())}
    outcome.money = f"{ours['taken'] / 100:.2f} taken, {ours['refunded'] / 100:.2f} given back"
    if ours != theirs:
        wrong.append(f"the ledger says {ours}, Stripe {theirs}")
    well, told = site.manage("reconcile", "--days", "1")
    if not well:
        wrong.append(f"reconciling: {told}")


def _turn_pages(site: Service) -> Counter[str]:
    """How often each picture hangs in the feed; a session of one's own gets no kept page."""
    seen: Counter[str] = Counter()
    visitor, address = requests.Session(), site.url
    visitor.cookies.set("sessionid", "none")
    while True:
        page = visitor.get(address, timeout=60)
        page.raise_for_status()
        seen.update(CARD.findall(page.text))
        older = OLDER.search(page.text)
        if older is None:
            return seen
        address = f"{site.url}/?before={older[1]}"


def _name(var_dir: Path, path: Path) -> str:
    return path.relative_to(var_dir / "media").with_suffix("").as_posix()
