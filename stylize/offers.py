"""THE BENCH: the tiers as a visitor is offered them, with price and expected wait."""

from dataclasses import dataclass

from django.conf import settings

from people.models import User
from stylize import line, queue, tiers, wording

USUAL_PHOTO = (4000, 3000)  # px; what an offer is reckoned for before the photo is known


@dataclass(frozen=True)
class Offer:
    tier: tiers.Tier
    price: str  # of the least iterations
    most_price: str  # of the most, empty where there is no choice
    ahead: int  # jobs
    wait: str  # until the picture is ready


def all_tiers(owner: User | None) -> list[Offer]:
    speed = line.seconds_per_cost()
    return [_offer(tier, owner, speed) for tier in tiers.TIERS.values()]


def _offer(tier: tiers.Tier, owner: User | None, speed: float | None) -> Offer:
    first, last = tier.iterations[0], tier.iterations[-1]
    cost = queue.cost(first, *tiers.fitted(*USUAL_PHOTO, tier.max_side))
    ahead = line.ahead_of_a_new_job(owner, paid=tier.is_paid, cost=cost)
    return Offer(
        tier=tier,
        price=wording.price(tier.price_minor(first), settings.CURRENCY),
        most_price=wording.price(tier.price_minor(last), settings.CURRENCY) if first != last else "",
        ahead=ahead.jobs,
        wait=wording.about(queue.ready_s(ahead, cost, speed)),
    )
