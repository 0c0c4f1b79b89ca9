"""THE BENCH: Celery's doors to the house's chores."""

import logging

from celery import shared_task

from stylize import dispatch, housekeeping, jobs, notices, progress, workers

log = logging.getLogger(__name__)


@shared_task(name="stylize.tasks.rescue")
def rescue() -> None:
    rescued = jobs.rescue()
    for job in rescued:
        progress.forget(job.key)  # what the dead worker said last is not true any more
    sent = dispatch.top_up()
    if rescued or sent:
        log.info("rescued %d jobs, sent %d wake-up calls", len(rescued), sent)


@shared_task(name="stylize.tasks.expire")
def expire() -> None:
    unpaid, proofs = jobs.expire_unpaid(), housekeeping.expire_proofs()
    housekeeping.clear_ended()
    uploads, files = housekeeping.expire_uploads(), housekeeping.sweep_files()
    workers.clear()
    log.info("expired %d unpaid jobs, %d proofs, %d unused uploads, %d files", unpaid, proofs, uploads, files)


@shared_task(name="stylize.tasks.copy")
def copy() -> None:
    made = housekeeping.copy_fresh_paintings()
    if made:
        log.info("made %d copies of fresh paintings", made)


@shared_task(name="stylize.tasks.tell")
def tell() -> None:
    sent = notices.send_due()
    if sent:
        log.info("sent %d mails about pictures", sent)
