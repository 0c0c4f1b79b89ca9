"""Canvases as far as a test needs them: placed, paid for, painted, ready; and a printer that can be plugged in."""

from typing import Any, ClassVar, Final

from PIL import Image

from billing import canvas_rounds, canvases, orders, payments, workshop
from billing.models import CanvasOrder, Payment
from people.models import User
from stylize import jobs, pictures
from stylize.models import Job
from tests import make
from tests.billing import buying
from tests.till import Till

TINY_DPI: Final = 20
SIZE: Final = "30x40"
ADDRESS: Final = {
    "name": "Ann Smith", "line1": "Nevsky 1", "line2": "flat 2", "city": "Saint Petersburg", "postal_code": "190000",
    "country": "RU", "phone": "+7 812 000",
}  # fmt: skip


def wish(picture: Job, size: str = SIZE, **fields: Any) -> canvases.Wish:
    """The most of the picture; what is said of a small photo has been read."""
    portrait, wrap = fields.pop("portrait", False), fields.pop("wrap", canvases.Wrap.MIRROR)
    crop = canvases.largest_crop(
        (picture.width, picture.height), canvases.named(size), portrait=portrait, wrap=wrap
    )  # fmt: skip
    return canvases.Wish(size, portrait, crop, wrap, **{"has_read": True} | fields)


def placed(owner: User, picture: Job | None = None, **fields: Any) -> CanvasOrder:
    picture = picture or make.done_job(owner)
    return orders.place(owner, picture, wish(picture, **fields))


def opened(owner: User, **fields: Any) -> Payment:
    return payments.begin_for(placed(owner, **fields), return_to=buying.SITE)


def paid(till: Till, owner: User, **fields: Any) -> CanvasOrder:
    """It has an address, and its render joins the line with the next round."""
    payment = opened(owner, **fields)
    till.pay(buying.session_of(payment), **ADDRESS)
    return order_of(payments.fulfil(payment))


def order_of(payment: Payment) -> CanvasOrder:
    return CanvasOrder.objects.get(key=payment.order_key)


def painting(order: CanvasOrder) -> Job:
    """Its render, just claimed."""
    canvas_rounds.begin_renders()
    order.refresh_from_db()
    assert order.render
    Job.objects.filter(pk=order.render.pk).update(rank=-1)
    claim = jobs.claim_next("test")
    assert claim == order.render
    return claim


def painted(order: CanvasOrder, picture: Image.Image | None = None) -> Job:
    claim = painting(order)
    files = pictures.store_result(picture or lively(claim.width, claim.height), claim.fence)
    jobs.finish(claim, jobs.Result(files, 1.0, "test", 7))
    return claim


def ready(till: Till, owner: User, **fields: Any) -> CanvasOrder:
    order = paid(till, owner, **fields)
    painted(order)
    canvas_rounds.make_masters()
    order.refresh_from_db()
    assert order.status == CanvasOrder.Status.READY
    return order


def lively(width: int, height: int) -> Image.Image:
    """Something everywhere, and nothing twice: noise, the same each time."""
    return Image.effect_mandelbrot((width, height), (-2.0, -1.2, 1.0, 1.2), 60).convert("RGB").effect_spread(9)


def story(order: CanvasOrder) -> list[str]:
    return list(order.events.filter(is_move=True).values_list("status", flat=True))


class Faraway:
    """A print-on-demand service behind the narrow door: it remembers by our key, and can be away."""

    is_outside = True
    taken: ClassVar[dict[str, str]] = {}
    cancelled: ClassVar[list[str]] = []
    news: ClassVar[dict[str, workshop.News]] = {}
    calls: ClassVar[list[str]] = []
    troubles: ClassVar[list[Exception]] = []  # of the next calls
    answer_is_lost: ClassVar[bool] = False

    @classmethod
    def empty(cls) -> None:
        cls.taken, cls.cancelled, cls.news, cls.calls, cls.troubles = {}, [], {}, [], []
        cls.answer_is_lost = False

    def place(self, order: CanvasOrder) -> str:
        self._ask("place")
        ref = self.taken.setdefault(order.key, f"far-{len(self.taken) + 1}")
        if type(self).answer_is_lost:
            type(self).answer_is_lost = False
            raise workshop.Away("the answer was lost")
        return ref

    def cancel(self, ref: str) -> bool:
        self._ask("cancel")
        self.cancelled.append(ref)
        return True

    def status(self, ref: str) -> workshop.News:
        self._ask("status")
        return self.news.get(ref, workshop.News(workshop.Stage.MAKING))

    def _ask(self, what: str) -> None:
        self.calls.append(what)
        if self.troubles:
            raise self.troubles.pop(0)
