"""THE BENCH: takes checked pictures and orders in: files first, then the row; and not more than anybody needs."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from threading import BoundedSemaphore
from typing import Final

from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.utils.translation import gettext as _
from PIL import Image

from people.models import User
from stylize import housekeeping, jobs, pictures
from stylize.models import Job, Mask, Style, Upload

log = logging.getLogger(__name__)

MOST_UNUSED: Final = 20  # pictures of one owner that no job or style uses; forms that were never sent leave them
DECODERS: Final = 2  # at once in a process: a picture of 50 megapixels takes up to 800 MB while it is read and written
decoders: Final = BoundedSemaphore(DECODERS)


def store(owner: User, picture: Image.Image) -> Upload:
    """Store a picture for its owner; its row is still to be written down. Raises pictures.StorageError."""
    return Upload(owner=owner, file=pictures.store_upload(picture), width=picture.width, height=picture.height)


def store_mask(owner: User, mask: Image.Image) -> Mask:
    """The same for a mask."""
    return Mask(owner=owner, file=pictures.store_mask(mask))


def write_down(kept: Sequence[Upload | Mask | Style]) -> None:
    """Write the rows of what was stored, all or none; without them their files go, too. Raises jobs.Conflict."""
    try:
        with transaction.atomic():
            Upload.objects.bulk_create(one for one in kept if isinstance(one, Upload))
            Mask.objects.bulk_create(one for one in kept if isinstance(one, Mask))
            Style.objects.bulk_create(one for one in kept if isinstance(one, Style))  # which name their images
    except IntegrityError as error:  # a guest who has just signed in in another window
        for one in kept:
            if isinstance(one, Upload):
                pictures.delete_upload(one.file)
            elif isinstance(one, Mask):
                pictures.delete_mask(one.file)
        raise jobs.Conflict from error


def keep(owner: User, picture: Image.Image) -> Upload:
    """Store a picture for its owner. Raises pictures.StorageError, and jobs.Conflict when the owner is gone."""
    upload = store(owner, picture)
    write_down([upload])
    return upload


def tidy(owner: User) -> None:
    """After a form that made no job: not more unused pictures than anybody needs."""
    for surplus in Upload.objects.owned_by(owner).unused().order_by("-pk")[MOST_UNUSED + 1 :]:
        housekeeping.delete_upload_if_unused(surplus)
    for mask in Mask.objects.owned_by(owner).unused().order_by("-pk")[MOST_UNUSED + 1 :]:
        housekeeping.delete_mask_if_unused(mask)


def submit(owner: User, order: jobs.Order) -> Job:
    """Write an order down, with the photo as it is framed. Raises pictures.StorageError and what jobs.submit does."""
    if order.framing.is_whole:
        return jobs.submit(owner, order)
    earlier = jobs.foresee(owner, order)  # whoever has too many in line is told before a photo is read for nothing
    if earlier:
        return earlier
    try:
        with decoders:
            framed = pictures.store_framed(order.photo, order.framing)
    except FileNotFoundError as error:  # deleted since it was chosen
        raise jobs.Conflict from error
    except OSError as error:  # the disk does not give it, or not all of it
        log.error("a photo cannot be read: %s: %r", order.photo.file, error)
        message = _("Your photo cannot be read just now. Please try again in a while.")
        raise pictures.StorageError(message) from error
    try:
        job = jobs.submit(owner, replace(order, framed=framed))
    except (OperationalError, InterfaceError):  # nobody knows whether the row was written: the sweep decides later
        raise
    except BaseException:
        pictures.delete_framed(framed)
        raise
    if job.framed != framed:  # the form had been sent before
        pictures.delete_framed(framed)
    return job
