"""THE DESK: what of a person's data is kept here, for export: payments with what was given back, and canvases."""

from collections.abc import Iterator
from typing import Any

from billing.models import CanvasOrder, Payment
from people.export import Sheet
from people.models import User


def of(person: User) -> Iterator[Sheet]:
    payments = Payment.objects.owned_by(person).of_this_mode().prefetch_related("refunds").order_by("id")
    yield Sheet("payments.json", (_payment(one) for one in payments.iterator(chunk_size=200)))
    canvases = CanvasOrder.objects.owned_by(person).prefetch_related("events").order_by("id")
    yield Sheet("canvases.json", (_canvas(one) for one in canvases.iterator(chunk_size=200)))


def _payment(one: Payment) -> dict[str, Any]:
    backs = [
        {"amount_minor": back.amount_minor, "reason": back.reason, "status": back.status, "at": back.created_at}
        for back in one.refunds.all()
    ]
    return {
        "key": one.key, "picture": one.job_key or None, "canvas": one.order_key or None, "tier": one.tier,
        "amount_minor": one.amount_minor, "currency": one.currency, "status": one.status, "email": one.email,
        "opened_at": one.created_at, "paid_at": one.paid_at, "refunds": backs,
    }  # fmt: skip


def _canvas(one: CanvasOrder) -> dict[str, Any]:
    story = [
        {"status": event.status, "at": event.at, "note": event.note} for event in one.events.all() if event.is_public
    ]
    return {
        "key": one.key, "picture": one.picture_key, "size": one.size, "portrait": one.portrait, "wrap": one.wrap,
        "wrap_colour": one.wrap_colour, "crop": [one.crop_x, one.crop_y, one.crop_width, one.crop_height],
        "controls": one.controls, "amount_minor": one.amount_minor, "currency": one.currency, "status": one.status,
        "email": one.email, "name": one.ship_name, "phone": one.ship_phone, "address": one.ship_to,
        "tracking": one.tracking, "tracking_url": one.tracking_url, "ordered_at": one.created_at, "story": story,
    }  # fmt: skip
