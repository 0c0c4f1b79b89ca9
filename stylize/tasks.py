"""THE BENCH: Celery's doors to the house's chores."""

import logging

from celery import shared_task

from stylize import dispatch, filters, house, housekeeping, jobs, notices, parcels, progress, storage, sweep, workers
from stylize import house_painter as painter

log = logging.getLogger(__name__)


@shared_task(name="stylize.tasks.rescue")
def rescue() -> None:
    rescued = jobs.rescue()
    for job in rescued:
        progress.forget(job.key)  # what the dead worker said last is not true any more
    sent = dispatch.top_up()
    house.seen()
    if rescued or sent:
        log.info("rescued %d jobs, sent %d wake-up calls", len(rescued), sent)


@shared_task(name="stylize.tasks.expire")
def expire() -> None:
    unpaid, uploads, people = jobs.expire_unpaid(), housekeeping.expire_uploads(), housekeeping.expire_guests()
    proofs = housekeeping.expire_proofs() + housekeeping.expire_prints()
    housekeeping.clear_ended()
    parcels.expire()
    painter.tidy()
    workers.clear()
    told = "expired %d unpaid jobs, %d proofs and prints, %d unused uploads, %d empty guests"
    log.info(told, unpaid, proofs, uploads, people)


@shared_task(name="stylize.tasks.sweep")
def sweep_files() -> None:
    try:
        told = sweep.run()
    except storage.StorageError as trouble:
        log.error("the sweep goes no further: %s", trouble.__cause__)
    except sweep.TooMuch as alarm:
        log.critical("nothing was mended: %s  `manage.py sweep --dry-run` says more", alarm)
    else:
        log.info("swept: %s", sweep.sentence(told))


@shared_task(name="stylize.tasks.copy")
def copy() -> None:
    try:
        made = housekeeping.copy_fresh_paintings()
    except storage.StorageError:  # which says so itself; the copies are made later, or when they are asked for
        return
    if made:
        log.info("made %d copies of fresh paintings", made)


@shared_task(name="stylize.tasks.collect")
def collect() -> None:
    parcels.collect_due()


@shared_task(name="stylize.tasks.tell")
def tell() -> None:
    sent = notices.send_due()
    if sent:
        log.info("sent %d mails about pictures", sent)


@shared_task(name="stylize.tasks.recount")
def recount() -> None:
    wrong = filters.recount()
    if wrong:
        log.info("counted %d styles' uses anew", wrong)


@shared_task(name="stylize.tasks.house_painter")
def house_painter() -> None:
    painter.give_way()
    painter.go_round()
