"""THE DESK: a person who leaves: what is not paid is cancelled, what is paid is made. The ledger stays, without them.

Payments and canvases lose their owner with the person's row. A canvas keeps name and address until it has ended and
its last mail is sent; then canvas_rounds.py empties them. What is due goes back as always: no refund hangs on an owner.
"""

from django.db.models import Q

from billing import orders
from billing.models import CanvasOrder
from people import erasure
from people.models import User
from stylize import jobs
from stylize.models import JobQuerySet

Status = CanvasOrder.Status


def erase(person: User) -> None:
    """Raises erasure.NotYet. Prints of their pictures that are paid for join the line before the pictures go."""
    for placed in CanvasOrder.objects.owned_by(person).filter(status=Status.PLACED):
        orders.cancel(placed)
    theirs = Q(owner=person) | Q(picture__owner=person)
    for order in CanvasOrder.objects.filter(theirs, status__in=orders.NEEDS_MASTER, master="", render=None):
        try:
            orders.begin_render(order)
        except jobs.Conflict as conflict:
            raise erasure.NotYet(f"the print of canvas {order.key} cannot begin yet") from conflict


def awaited(renders: JobQuerySet) -> JobQuerySet:
    """Those whose print file is still to be made. One that was lost later is not made again: its money goes back."""
    return renders.filter(print_orders__status__in=orders.NEEDS_MASTER, print_orders__master="")
