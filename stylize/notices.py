"""THE BENCH: mail to the owner when a picture is done or has failed: once for each job, unless it is switched off."""

import logging
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from people import languages, letters, mailing, outbox
from stylize.models import Job

log = logging.getLogger(__name__)

WORTH_WAITING: Final = timedelta(minutes=1)  # whoever waits less is still there; a failure is told in any case
TOO_LATE: Final = timedelta(days=1)
AT_ONCE: Final = 50


def send_due() -> int:
    """Tell of every job that has ended and was not told of; how many mails were sent.

    A job is marked once its mail is gone: of two that look at once only one sends, and one that is killed meanwhile
    loses none. Where the mail server is away, the next look tries again, for a day.
    """
    ended = Job.objects.filter(mailed_at=None, status__in=[Job.Status.DONE, Job.Status.FAILED])
    due = ended.filter(finished_at__isnull=False).select_related("owner").order_by("finished_at")[:AT_ONCE]
    return sum(_settle(job) for job in due)


def _settle(job: Job) -> bool:
    untold = Job.objects.filter(pk=job.pk, status=job.status, mailed_at=None)  # it may be tried again meanwhile
    if not _is_worth_it(job):
        untold.update(mailed_at=timezone.now())
        return False
    with outbox.alone(f"job {job.key}") as nobody_else:
        if not nobody_else or not untold.exists():
            return False
        try:
            _send(job)
        except letters.AWAY as trouble:
            log.warning("job %s: no mail sent, it is tried again: %s", job.key, trouble)
            return False
        untold.update(mailed_at=timezone.now())
    return True


def _is_worth_it(job: Job) -> bool:
    assert job.finished_at
    if job.sample or job.is_print or not mailing.wants(job.owner) or job.finished_at < timezone.now() - TOO_LATE:
        return False
    waited = job.finished_at - (job.queued_at or job.created_at)
    return job.status == Job.Status.FAILED or waited >= WORTH_WAITING


def _send(job: Job) -> None:
    name = "done" if job.status == Job.Status.DONE else "failed"
    switch = settings.SITE_URL + reverse("mail_off", args=[mailing.token_of(job.owner)])
    with languages.of(job.owner):
        facts = {"job": job, "url": settings.SITE_URL + reverse("stylize:job", args=[job.key])}
        subject = _("Your painting is ready · Ostagram") if name == "done" else _("Your painting failed · Ostagram")
        mail = letters.written(f"stylize/mail/{name}", subject, facts, to=str(job.owner.email), switch=switch)
    mail.send()
