"""THE BENCH: orders made from an earlier job: the same once more, or more of the same."""

from dataclasses import dataclass, replace
from uuid import UUID

from django.conf import settings

from stylize import jobs, keepsakes, tiers, wording
from stylize.models import Job


class NotSold(Exception):
    """This job cannot be gone on with so: it is no finished picture, its files are gone, or there is no such number."""


@dataclass(frozen=True)
class Further:
    """A number of iterations up to which a picture can be painted on, and the difference in price."""

    iterations: int
    price: str


def again(job: Job, form_token: UUID) -> jobs.Order:
    """The same recipe; `job` has come `with_pictures()`."""
    first = job.goes_on_from if job.begun else None
    wanted = ("wanted_tier", "wanted_iterations", "wanted_visibility") if job.is_proof else ()
    return jobs.Order(
        photo=job.photo, styles=tuple((link.style, link.weight) for link in job.style_links.all()), tier=job.tier,
        iterations=job.iterations, visibility=job.visibility, show_photo=job.show_photo, controls=job.controls,
        form_token=form_token, framing=job.framing, protect=job.protect, goes_on_from=first,
        wanted={column: getattr(job, column) for column in wanted},
    )  # fmt: skip


def on(job: Job, iterations: int, form_token: UUID) -> jobs.Order:
    """From where a finished picture stopped, up to so many iterations in all. Raises NotSold."""
    if iterations not in [choice.iterations for choice in further(job)] or not keepsakes.is_there(stopped_at(job)):
        raise NotSold(job.key)
    return replace(again(job, form_token), iterations=iterations, goes_on_from=job)


def further(job: Job) -> list[Further]:
    """What of the table of tiers is left for a finished picture; nothing where its tier has but one number."""
    tier = tiers.TIERS.get(job.tier)
    if job.status != Job.Status.DONE or tier is None or len(tier.iterations) < 2:
        return []
    more = [number for number in tier.iterations if number > (job.iterations_done or job.iterations)]
    prices = {number: difference_minor(job, number) for number in more}
    least = tiers.CURRENCIES[settings.CURRENCY].least_charge_minor  # a card cannot be charged with less
    return [
        Further(number, wording.money(price, settings.CURRENCY)) for number, price in prices.items() if price >= least
    ]


def difference_minor(first: Job, iterations: int) -> int:
    """What it costs to paint on up to so many iterations: their price less the worth of those that are there."""
    tier = tiers.named(first.tier)
    done = tier.worth_minor(first.iterations_done or first.iterations, settings.CURRENCY)
    return tier.price_minor(iterations, settings.CURRENCY) - done


def stopped_at(job: Job) -> str:
    """The files that show a finished picture after its last iteration, whichever of its frames is its result."""
    last = job.frames.order_by("-iteration").first()
    return last.file if last else job.result
