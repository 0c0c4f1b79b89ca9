"""THE DOOR: Celery's door to the house's chore: people who leave."""

import logging

from celery import shared_task

from people import erasure

log = logging.getLogger(__name__)


@shared_task(name="people.tasks.see_off")
def see_off() -> None:
    gone = erasure.finish_due()
    if gone:
        log.info("%d people are gone", gone)
