"""THE BENCH: what somebody asks for, and the job that it becomes: not written down yet, and not in line."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.conf import settings

from people.models import User
from stylize import controls, prints, queue, tiers
from stylize.framing import WHOLE, Crop, Framing
from stylize.models import Job, Mask, Style, Upload

Status = Job.Status


@dataclass(frozen=True)
class Order:
    """What somebody asks for; `tier` and `iterations` are checked against the table of tiers."""

    photo: Upload
    styles: tuple[tuple[Style, float], ...]
    tier: str = tiers.FREE.name
    iterations: int = 1
    visibility: str = Job.Visibility.PUBLIC
    show_photo: bool = False
    sample: bool = False
    controls: dict[str, Any] = field(default_factory=dict)
    form_token: UUID | None = None
    framing: Framing = WHOLE
    framed: str = ""  # the common name of the framed photo's small copies; empty where the photo is whole
    protect: Mask | None = None
    wanted: dict[str, Any] = field(default_factory=dict)  # of a proof: the columns that say what it is for
    goes_on_from: Job | None = None  # a finished picture of the same recipe, with fewer iterations
    plan: prints.Plan | None = None  # of a print or its proof
    size: tuple[int, int] | None = None  # px, of these; otherwise it follows from photo and tier


def of_print(
    picture: Job, *, size: tuple[int, int], crop: Crop, controls: Mapping[str, Any],
    part: tuple[int, int] | None = None, form_token: UUID | None = None,
) -> Order:  # fmt: skip
    """A print of a finished picture, or its middle `part`, by the picture's recipe. Raises prints.Misfit."""
    plan = prints.plan((picture.width, picture.height), size=size, crop=crop, part=part)
    styles = tuple((link.style, link.weight) for link in picture.style_links.select_related("style"))
    return Order(
        photo=picture.photo, styles=styles, tier=(tiers.PRINT_PROOF if part else tiers.PRINT).name,
        iterations=plan.looks, visibility=Job.Visibility.PRIVATE, controls=_steered(picture, controls),
        form_token=form_token, framing=picture.framing, protect=picture.protect, goes_on_from=picture,
        plan=plan, size=part or size,
    )  # fmt: skip


def _steered(picture: Job, wanted: Mapping[str, Any]) -> dict[str, Any]:
    return controls.differing({**picture.controls, **wanted})


def job_of(owner: User, order: Order) -> Job:
    """Raises tiers.TierError."""
    tier = tiers.named(order.tier)
    plan, photo_size = order.plan, order.framing.size(order.photo.width, order.photo.height)
    width, height = order.size or tiers.painted_size(tier, *photo_size)
    crop_x, crop_y, crop_width, crop_height = order.framing.crop
    first = order.goes_on_from
    begun = (first.iterations_done or first.iterations) if first and plan is None else 0
    painted_before = tier.worth_minor(begun, settings.CURRENCY)  # and paid for
    amount_minor = tier.price_minor(order.iterations, settings.CURRENCY) - painted_before
    return Job(
        owner=owner, photo=order.photo, form_token=order.form_token, tier=tier.name, iterations=order.iterations,
        photo_turn=order.framing.turn, crop_x=crop_x, crop_y=crop_y, crop_width=crop_width, crop_height=crop_height,
        framed=order.framed, protect=order.protect,
        width=width, height=height, seed=first.seed if first else secrets.randbelow(2**31), controls=order.controls,
        amount_minor=amount_minor, currency=settings.CURRENCY, visibility=order.visibility,
        show_photo=order.show_photo, sample=order.sample,
        cost=plan.cost((width, height)) if plan else queue.cost_in(tier, order.iterations - begun, width, height),
        goes_on_from=first, begun=begun, print_plan=plan.kept() if plan else None,
        status=Status.UNPAID if amount_minor else Status.QUEUED, **order.wanted,
    )  # fmt: skip
