"""THE DESK: what the bench's pages tell of money. Their templates may ask for it, their code knows nothing of it."""

import json

from django import template
from django.conf import settings

from billing import telling
from stylize import tiers, wording
from stylize.models import Job

register = template.Library()


@register.simple_tag
def money_of(job: Job, iteration: int = 0) -> telling.Money | None:
    """All that is told of a job's money; None: it costs nothing."""
    return telling.of_job(job, iteration) if job.amount_minor else None


@register.filter
def table(ending: telling.Ending) -> str:
    """For watch.js, which shows the row of the iteration that has been reached."""
    return json.dumps(ending.steps, ensure_ascii=False)


@register.simple_tag
def for_practice() -> bool:
    """Whether the practice till plays Stripe here, and no money moves."""
    return settings.TILL


@register.simple_tag
def least_charge() -> str:
    """What a card cannot be charged with less than."""
    return wording.money(tiers.CURRENCIES[settings.CURRENCY].least_charge_minor, settings.CURRENCY)
