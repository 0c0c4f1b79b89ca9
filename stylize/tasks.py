"""THE BENCH: Celery's doors to the house's chores."""

import logging

from celery import shared_task

from stylize import dispatch, housekeeping, jobs

log = logging.getLogger(__name__)


@shared_task(name="stylize.tasks.rescue")
def rescue() -> None:
    rescued = jobs.rescue()
    sent = dispatch.top_up()
    if rescued or sent:
        log.info("rescued %d jobs, sent %d wake-up calls", rescued, sent)


@shared_task(name="stylize.tasks.expire")
def expire() -> None:
    log.info("removed %d unused uploads", housekeeping.expire_uploads())
