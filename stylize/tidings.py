"""THE BENCH: the notice to a picture's owner that it is done or has failed, written with the move that ends it."""

from typing import Final

from people import notices
from people.models import User
from stylize.models import Job

KINDS: Final = {Job.Status.DONE: notices.Kind.DONE, Job.Status.FAILED: notices.Kind.FAILED}


def tell(job: Job, to: str) -> None:
    """Within the transaction of that move, and before it: whoever holds an owner and pictures took the owner first."""
    kind = KINDS.get(Job.Status(to))
    if kind is None or job.sample or job.is_proof or job.is_print:
        return
    owner = User.objects.select_for_update(no_key=True).filter(pk=job.owner_id).first()
    if owner is not None:  # else the move finds no job, either
        notices.tell(owner, kind, key=job.key)
