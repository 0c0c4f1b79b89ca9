"""THE BENCH: takes a checked picture in: files first, then the row; and not more than anybody needs."""

from typing import Final

from django.db import IntegrityError
from PIL import Image

from people.models import User
from stylize import housekeeping, jobs, pictures
from stylize.models import Upload

MOST_UNUSED: Final = 20  # pictures of one owner that no job or style uses; forms that were never sent leave them


def keep(owner: User, picture: Image.Image) -> Upload:
    """Store a picture for its owner. Raises pictures.StorageError, and jobs.Conflict when the owner is gone."""
    name = pictures.store_upload(picture)
    try:
        upload = Upload.objects.create(owner=owner, file=name, width=picture.width, height=picture.height)
    except IntegrityError as error:  # a guest who has just signed in in another window
        pictures.delete_upload(name)
        raise jobs.Conflict from error
    for surplus in Upload.objects.owned_by(owner).unused().exclude(pk=upload.pk).order_by("-pk")[MOST_UNUSED:]:
        housekeeping.delete_upload_if_unused(surplus)
    return upload
