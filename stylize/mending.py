"""THE BENCH: what is done about one row whose files are gone, all or some; each tells whether it changed something."""

from stylize import housekeeping, jobs, pictures
from stylize.models import Frame, Job, Mask, Style, Upload


def lost_upload(pk: int, name: str) -> bool:
    """Nobody is shown a picture that is not there; the row stays while a job or a style needs it."""
    upload = Upload.objects.filter(pk=pk, file=name).first()
    if upload is None:
        return False
    if housekeeping.delete_upload_if_unused(upload):
        return True
    unlisted = Style.objects.filter(image=upload, listed=True).update(listed=False)
    hidden = Job.objects.filter(photo=upload, framed="", show_photo=True).update(show_photo=False)
    return bool(unlisted or hidden)


def lost_mask(pk: int, name: str) -> bool:
    mask = Mask.objects.filter(pk=pk, file=name).first()
    return mask is not None and housekeeping.delete_mask_if_unused(mask)


def lost_framed(pk: int, name: str) -> bool:
    """The copies of a framed photo are made from the photo anew."""
    job = Job.objects.select_related("photo").filter(pk=pk, framed=name).first()
    if job is None:
        return False
    try:
        framed = pictures.store_framed(job.photo, job.framing)
    except FileNotFoundError:  # the photo is gone, too
        return bool(Job.objects.filter(pk=pk, show_photo=True).update(show_photo=False))
    replaced = Job.objects.filter(pk=pk, framed=name).update(framed=framed)
    pictures.delete_framed(name if replaced else framed)
    return bool(replaced)


def bare_picture(pk: int, name: str) -> bool:
    """The copies that are written with a picture are made from it anew."""
    return pictures.make_missing(name, pictures.AT_ONCE) > 0


def lost_painting(pk: int, name: str) -> bool:
    """Its page says that it is gone, the feed does not show it, and its owner can have it painted again."""
    job = Job.objects.filter(pk=pk, result=name).first()
    return job is not None and jobs.lose(job)


def painting_found(pk: int, name: str) -> bool:
    job = Job.objects.filter(pk=pk, result=name, failure=Job.Failure.GONE).first()
    return job is not None and jobs.find(job)


def lost_frame(pk: int, name: str) -> bool:
    """The film strip does not show it any more."""
    return bool(Frame.objects.filter(pk=pk, file=name).delete()[0])


def lost_checkpoint(pk: int, name: str) -> bool:
    """The next run begins again. One that paints just now is left alone: it writes the next checkpoint itself."""
    waiting = Job.objects.filter(pk=pk, checkpoint=name).exclude(status=Job.Status.RUNNING)
    return bool(waiting.update(checkpoint="", checkpoint_at=0))
