"""THE GALLERY: avatars: square, in two sizes, below avatars/ in the storage; User.avatar is their common name."""

import io
from functools import partial
from typing import Final

from django.db import transaction
from django.urls import reverse
from PIL import Image

from people.models import User
from stylize import pictures, storage
from stylize.sweep import Shelf

FOLDER: Final = "avatars"
LARGE, SMALL = pictures.AVATARS.values()


def change(person: User, picture: Image.Image) -> None:
    """The middle of a checked picture becomes the avatar. Raises pictures.StorageError and User.DoesNotExist."""
    square = _square(picture)
    files = {variant: partial(pictures.encoded, square, variant) for variant in (LARGE, SMALL)}
    name = pictures.store_files(FOLDER, files)
    try:
        _name(person, name)
    except BaseException:
        _delete(name)
        raise


def remove(person: User) -> None:
    """With its files. Raises User.DoesNotExist."""
    _name(person, "")


def address(person: User, side: int) -> str:
    """Of its file; another avatar is another address, so that caches keep no old one. Empty where there is none."""
    if not person.avatar:
        return ""
    return f"{reverse('feed:avatar', args=[person.handle, side])}?v={version(person)}"


def version(person: User) -> str:
    return person.avatar.rsplit("/", 1)[-1][:10]


def _name(person: User, name: str) -> None:
    """The row is held: of two changes at once each deletes the files of the one before it, and none is left."""
    with transaction.atomic():
        before = User.objects.select_for_update(no_key=True).values_list("avatar", flat=True).get(pk=person.pk)
        User.objects.filter(pk=person.pk).update(avatar=name)
    person.avatar = name
    if before:
        _delete(before)


def _delete(name: str) -> None:
    pictures.delete_files(name, (LARGE, SMALL))


def _square(picture: Image.Image) -> Image.Image:
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    return picture.crop((left, top, left + side, top + side))


def _lost(pk: int, name: str) -> bool:
    """For the sweep: whoever has lost it has the drawn one again."""
    return bool(User.objects.filter(pk=pk, avatar=name).update(avatar=""))


def _bare(pk: int, name: str) -> bool:
    """For the sweep: the small one is made anew from the large one."""
    with storage.open(name + LARGE.suffix) as file:
        large = Image.open(io.BytesIO(file.read()), formats=["WEBP"])
    storage.save(name + SMALL.suffix, pictures.encoded(large, SMALL))
    return True


SHELF: Final = Shelf(FOLDER, User, "avatar", LARGE.suffix, (SMALL.suffix,), _lost, _bare)
