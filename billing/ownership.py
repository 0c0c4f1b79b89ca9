"""THE DESK: a guest's payments and canvases go to the account that the guest signs in to."""

from billing.models import CanvasEvent, CanvasOrder, Payment
from people.models import User


def hand_over(guest: User, user: User) -> None:
    CanvasOrder.objects.filter(owner=guest).update(owner=user)
    CanvasEvent.objects.filter(by=guest).update(by=user)
    Payment.objects.filter(owner=guest).update(owner=user)
