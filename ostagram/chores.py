"""THE FRAME: what the house does, and how often. What comes as late as the next one is not done."""

from datetime import timedelta
from typing import Any, Final

from celery.schedules import schedule

OFTEN: Final = {  # s
    "stylize.tasks.rescue": 5,
    "stylize.tasks.copy": 5,
    "stylize.tasks.tell": 10,
    "people.tasks.see_off": 5,
    "stylize.tasks.collect": 5,
    "feed.tasks.close_gone": 60,
    "people.tasks.tell": 300,
    "billing.tasks.go_round": 5,
    "billing.tasks.go_round_canvases": 5,
}
SELDOM: Final = {
    "billing.tasks.give_up_lost": timedelta(hours=1),
    "stylize.tasks.expire": timedelta(hours=1),
    "stylize.tasks.recount": timedelta(hours=1),
    "stylize.tasks.sweep": timedelta(hours=6),
}
HOUSE_PAINTER: Final = "stylize.tasks.house_painter"


def schedules(*, with_house_painter: bool) -> dict[str, dict[str, Any]]:
    """For Celery's beat."""
    often = OFTEN | ({HOUSE_PAINTER: 5} if with_house_painter else {})
    soon = {task: {"task": task, "schedule": schedule(s), "options": {"expires": s}} for task, s in often.items()}
    return soon | {task: {"task": task, "schedule": schedule(every)} for task, every in SELDOM.items()}
