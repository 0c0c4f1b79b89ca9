"""THE DOOR: Celery's doors to the chores about people."""

import logging

from celery import shared_task

from people import digest, erasure

log = logging.getLogger(__name__)


@shared_task(name="people.tasks.tell")
def tell() -> None:
    sent = digest.send_due()
    if sent:
        log.info("sent %d digests", sent)


@shared_task(name="people.tasks.see_off")
def see_off() -> None:
    gone = erasure.finish_due()
    if gone:
        log.info("%d people are gone", gone)
