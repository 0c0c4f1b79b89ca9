"""Proofs that are painted: nine before an order, and the middle of a canvas."""

from typing import Any

from people.models import User
from stylize import jobs, pictures, proofs
from stylize.models import Job
from tests import make


def done(owner: User, **fields: Any) -> Job:
    """Nine small paintings before an HD order."""
    wanted = make.order(owner, **{"tier": "hd", "iterations": 300} | fields)
    job = _claimed(jobs.submit(owner, proofs.before(wanted)))
    return _finished(job, pictures.store_proofs(make.picture(job.width, job.height), [make.picture()] * 9, job.fence))


def middle(owner: User, picture: Job) -> Job:
    """The middle of a canvas with this picture."""
    whole: dict[str, Any] = {"whole": (240, 180), "size": (80, 60), "crop": (0.0, 0.0, 1.0, 1.0), "controls": {}}
    job = _claimed(jobs.submit_print_proof(owner, picture, **whole))
    return _finished(job, pictures.store_print(make.picture(job.width, job.height), job.fence))


def _claimed(job: Job) -> Job:
    Job.objects.filter(pk=job.pk).update(rank=-1)
    claim = jobs.claim_next("test")
    assert claim == job
    return claim


def _finished(job: Job, files: str) -> Job:
    jobs.finish(job, jobs.Result(files, 1.0, "test", 7))
    job.refresh_from_db()
    return job
