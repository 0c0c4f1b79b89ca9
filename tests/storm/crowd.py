"""Who uses the service meanwhile: visitors who order and pay over HTTP and try again, somebody who looks.

Whoever gets no answer sends the same form once more, with its token, as a browser would: it must stay one order.
"""

import functools
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import psycopg2
import requests
from PIL import Image

from stylize.samples import drawings, photos
from tests import make
from tests.journeys.service import Service
from tests.storm import quick

AWAY: Final = (psycopg2.OperationalError, psycopg2.InterfaceError)
PAYERS: Final = 5  # who pay order again and again; all others come once
PATIENCE_S: Final = 120.0  # of somebody who gets no answer
SAMPLES: Final = """
from stylize import dispatch, intake, jobs
from stylize.samples import gallery
from tests import make
owner = gallery.house()
pair = intake.keep(owner, make.picture(120, 80)), ((make.style(owner), 1.0),)
for _sample in range({count}):
    print(jobs.submit(owner, jobs.Order(*pair, sample=True)).key)
dispatch.wake()
"""


@dataclass(frozen=True)
class Wish:
    """One order, and how it has to end."""

    width: int = quick.USUAL  # px, of the photo; tests/storm/quick.py says what that means
    tier: str = "free"
    proof: bool = False
    changes_mind: bool = False  # pays, and cancels at once; it may be too late

    @property
    def failure(self) -> str:
        """Empty: it has to be done."""
        return {quick.FLAT: "flat", quick.DEADLY: "lost"}.get(self.width, "")

    @property
    def ends(self) -> set[str]:
        """Its statuses that are right."""
        if self.changes_mind:
            return {"cancelled", "done"}
        return {"failed"} if self.failure else {"done"}

    @property
    def is_paid(self) -> bool:
        return self.tier == "hd"


def wishes(count: int, chance: random.Random) -> list[Wish]:
    """Mixed: a third paid, a sixth proofs, the rest free; some real, some long, some that have to fail."""
    mixed = [Wish(tier="hd"), Wish(), Wish(proof=True), Wish(tier="hd"), Wish(), Wish()]
    usual = [mixed[number % len(mixed)] for number in range(count)]
    special = [
        Wish(quick.REAL), Wish(quick.REAL, "hd"), Wish(quick.LONG, "hd"), Wish(quick.FLAT), Wish(quick.FLAT, "hd"),
        Wish(tier="hd", changes_mind=True),
    ]  # fmt: skip
    rounds = max(1, count // 80)
    usual[: len(special) * rounds] = special * rounds
    chance.shuffle(usual)
    usual[min(4, count - 1)] = Wish(quick.DEADLY)  # early: its three runs take a minute
    return usual


@dataclass
class Crowd:
    """`may_order` says how many of the wishes are to be ordered by now."""

    site: Service
    wanted: list[Wish]
    may_order: int = 0
    ordered: dict[str, Wish] = field(default_factory=dict)  # by the job's key
    troubles: Counter[str] = field(default_factory=Counter)  # what a visitor's order was answered, if not well
    pages: int = 0
    longest_s: float = 0.0  # without a page
    unanswered: int = 0
    error: str = ""

    def __post_init__(self) -> None:
        self._over = threading.Event()
        self._payers = [requests.Session() for _payer in range(PAYERS)]
        self._unpaid: list[tuple[requests.Session, Wish, str]] = []
        parts = (self._order_all, self._pay_all, self._look)
        self._threads = [threading.Thread(target=self._guarded, args=(part,), daemon=True) for part in parts]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def leave(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(30)

    def hang_samples(self, count: int) -> None:
        """For the hours without visitors: they rank behind all others."""
        self.ordered |= {key: Wish() for key in self.site.shell(SAMPLES.format(count=count)).split()}

    @property
    def is_served(self) -> bool:
        return self.may_order >= len(self.wanted) and not self._threads[0].is_alive() and not self._unpaid

    def _guarded(self, part: Callable[[], None]) -> None:
        try:
            part()
        except BaseException as error:
            self.error = f"{part.__name__}: {error!r}"
            raise

    def _order_all(self) -> None:
        for number, wish in enumerate(self.wanted):
            while number >= self.may_order:
                if self._over.wait(0.1):
                    return
            visitor = self._payers[number % PAYERS] if wish.tier == "hd" else requests.Session()
            key = self._insist(visitor, wish)
            self.ordered[key] = wish
            if wish.is_paid:
                self._unpaid.append((visitor, wish, key))

    def _insist(self, visitor: requests.Session, wish: Wish) -> str:
        token, give_up_at = str(uuid.uuid4()), time.monotonic() + PATIENCE_S
        while True:
            try:
                return self._order(visitor, wish, token)
            except requests.RequestException as trouble:
                answer = trouble.response
                self.troubles[type(trouble).__name__ if answer is None else str(answer.status_code)] += 1
                if time.monotonic() > give_up_at:
                    raise
                time.sleep(0.5)

    def _order(self, visitor: requests.Session, wish: Wish, token: str) -> str:
        page = f"{self.site.url}/paint/"
        visitor.get(page, timeout=30).raise_for_status()
        extra: dict[str, Any] = {"proof": "1"} if wish.proof else {}
        extra |= {"tier": wish.tier, "iterations": "100"} if wish.tier == "hd" else {}
        form = make.form(**extra, photo=None, style_image=None, form_token=token)
        form["csrfmiddlewaretoken"] = visitor.cookies["csrftoken"]
        photo, style = pair(wish.width)
        files = {"photo": make.file(image=photo), "style_image": make.file("style.jpg", style)}
        answer = visitor.post(page, data=form, files=files, timeout=60)
        answer.raise_for_status()
        if "/jobs/" not in answer.url:
            raise requests.HTTPError(f"no job was made: {answer.text[:2000]}", response=answer)
        return answer.url.rstrip("/").rsplit("/", 1)[1]

    def _pay_all(self) -> None:
        """Whoever has ordered pays, again and again until the site says that the money has come."""
        while not self._over.wait(0.5):
            for one in list(self._unpaid):
                visitor, wish, key = one
                try:
                    if not self._is_paid(key):
                        self._pay(visitor, key, lands=len(key + wish.tier) % 2 == 0 or wish.changes_mind)
                        continue
                    if wish.changes_mind:
                        self._post(visitor, f"/jobs/{key}/cancel").raise_for_status()
                except (requests.RequestException, AssertionError, *AWAY) as trouble:
                    self.troubles[f"paying: {type(trouble).__name__}"] += 1
                    continue
                self._unpaid.remove(one)

    def _is_paid(self, key: str) -> bool:
        return self.site.status(key) != "unpaid"

    def _pay(self, visitor: requests.Session, key: str, *, lands: bool) -> None:
        """To the checkout and, for some, back: the others close the page as soon as they have paid."""
        to = self._post(visitor, f"/jobs/{key}/pay").headers.get("Location", "")
        if "/pay/" not in to:
            return
        session_id = to.rstrip("/").rsplit("/", 1)[1]
        paid = self.site.till.pay(session_id)
        if lands:
            visitor.get(paid["success_url"], timeout=60).raise_for_status()

    def _post(self, visitor: requests.Session, where: str) -> requests.Response:
        form = {"csrfmiddlewaretoken": visitor.cookies["csrftoken"]}
        return visitor.post(f"{self.site.url}{where}", data=form, timeout=60, allow_redirects=False)

    def _look(self) -> None:
        """Somebody at the feed, twice a second."""
        answered_at = time.monotonic()
        while not self._over.wait(0.5):
            self.pages += 1
            try:
                requests.get(self.site.url, timeout=10).raise_for_status()
            except requests.RequestException:
                self.unanswered += 1
                continue
            now = time.monotonic()
            self.longest_s, answered_at = max(self.longest_s, now - answered_at), now


@functools.cache
def pair(width: int) -> tuple[Image.Image, Image.Image]:
    photo, style = photos.open_photo("coffee"), drawings.draw("windy-night")
    return photo.resize((width, 80 if width > 100 else 64)), style.resize((120, 96))
