"""THE DESK: whoever makes the canvases: a narrow door, so that a print-on-demand service can stand behind it.

The setting PRINTER names the class. It is asked by the house alone, outside of every transaction.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from billing.models import CanvasOrder


class Away(Exception):
    """No answer, or none that says anything: the same call is made again later."""


class Refused(Exception):
    """The printer will never make this one; `str()` is for staff."""


class Stage(StrEnum):
    MAKING = "making"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True)
class News:
    stage: Stage
    tracking: str = ""
    tracking_url: str = ""
    note: str = ""  # for staff


class Printer(Protocol):
    """What an adapter can do. Any of it may raise Away, and is then asked again."""

    is_outside: bool
    """Whether it begins by itself and tells what it does. Otherwise staff move each canvas on by hand."""

    def place(self, order: CanvasOrder) -> str:
        """Have it made; the printer's own number. `order.key` is the idempotency key: placed twice, it is made once.
        The print file is `storage.open(order.master + ".jpg")`. Raises Refused.
        """

    def cancel(self, ref: str) -> bool:
        """Not to be made after all. False: too late."""

    def status(self, ref: str) -> News:
        """How far it is. Raises Refused where the number is not known."""


class OwnWorkshop:
    """Our own hands: whatever happens is told by staff on their pages."""

    is_outside = False

    def place(self, order: CanvasOrder) -> str:
        return order.key

    def cancel(self, ref: str) -> bool:
        return True

    def status(self, ref: str) -> News:
        return News(Stage.MAKING)


def printer() -> Printer:
    return cast("Printer", import_string(settings.PRINTER)())
