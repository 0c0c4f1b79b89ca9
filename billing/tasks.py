"""THE DESK: Celery's doors to the desk's rounds."""

import logging

from celery import shared_task

from billing import canvas_rounds, dues, rounds

log = logging.getLogger(__name__)


@shared_task(name="billing.tasks.go_round")
def go_round() -> None:
    with rounds.alone() as nobody_else:
        done = rounds.go_round() if nobody_else else {}
    if any(done.values()):
        log.info("the desk's round: %s", ", ".join(f"{count} {name}" for name, count in done.items() if count))


@shared_task(name="billing.tasks.go_round_canvases")
def go_round_canvases() -> None:
    with rounds.alone(canvas_rounds.LOCK) as nobody_else:
        done = canvas_rounds.go_round() if nobody_else else {}
    if any(done.values()):
        log.info("the canvases' round: %s", ", ".join(f"{count} {name}" for name, count in done.items() if count))


@shared_task(name="billing.tasks.give_up_lost")
def give_up_lost() -> None:
    dues.look_again()
    given_up = dues.give_up_lost()
    if given_up:
        log.warning("%d lost pictures did not come back and are refunded", given_up)
