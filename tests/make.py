"""Plain factories: each makes one thing that is whole enough to use."""

import io
import uuid
from typing import Any
from unittest.mock import patch

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from feed import posts
from feed.models import Post
from people.models import User
from stylize import caps, intake, jobs, pictures, workers
from stylize.models import Filter, Job, Mask, Style, Upload
from stylize.workers import Worker

PASSWORD = "a long enough password"


def user(name: str, **fields: Any) -> User:
    return User.objects.create_user(f"{name}@example.org", PASSWORD, handle=f"{name}-paints", **fields)


def guest(address_hash: str = "home") -> User:
    return User.objects.create(is_guest=True, address_hash=address_hash)


def picture(width: int = 120, height: int = 90, colour: str = "teal") -> Image.Image:
    """A picture with something in it: a gradient over a colour."""
    gradient = Image.linear_gradient("L").resize((width, height))
    white, tint = (Image.new("RGB", (width, height), name) for name in ("white", colour))
    return Image.composite(tint, white, gradient)


def file(name: str = "photo.jpg", image: Image.Image | None = None, kind: str = "JPEG") -> SimpleUploadedFile:
    buffer = io.BytesIO()
    (image or picture()).save(buffer, kind)
    return SimpleUploadedFile(name, buffer.getvalue(), "image/jpeg")


def upload(owner: User, image: Image.Image | None = None) -> Upload:
    image = image or picture()
    name = pictures.store_upload(image)
    return Upload.objects.create(owner=owner, file=name, width=image.width, height=image.height)


def half(width: int = 64, height: int = 64) -> Image.Image:
    """A mask that protects the left half."""
    white = Image.new("L", (width, height))
    white.paste(255, (0, 0, width // 2, height))
    return white


def worker(name: str = "host:1", **fields: Any) -> Worker:
    """A living worker of a known speed."""
    known: dict[str, Any] = {"state": Worker.State.IDLE, "fixed_s": 0.0, "seconds_per_cost": 2.0}
    workers.beat(name, **(known | fields))
    return Worker.objects.get(name=name)


def mask(owner: User, image: Image.Image | None = None) -> Mask:
    return Mask.objects.create(owner=owner, file=pictures.store_mask(image or half()))


def style(owner: User, *, listed: bool = False, **fields: Any) -> Style:
    return Style.objects.create(owner=owner, image=upload(owner, picture(colour="purple")), listed=listed, **fields)


def filter(owner: User, style: Style, *, name: str = "Stormy", **fields: Any) -> Filter:
    """A style that somebody has saved."""
    return Filter.objects.create(owner=owner, style=style, name=name, **{"uses": style.uses, **fields})


def order(owner: User, **fields: Any) -> jobs.Order:
    given: dict[str, Any] = {"photo": None, "styles": None} | fields
    photo = given.pop("photo") or upload(owner)
    styles = given.pop("styles") or ((style(owner), 1.0),)
    return jobs.Order(photo, styles, **given)


def job(owner: User, **fields: Any) -> Job:
    """A job as `submit` leaves it, without the caps: a test that needs forty in line may have them."""
    with patch.object(caps, "check"):
        return intake.submit(owner, order(owner, **fields))


def running_job(owner: User, **fields: Any) -> Job:
    made = job(owner, **fields)
    Job.objects.filter(pk=made.pk).update(rank=-1)
    claimed = jobs.claim_next("test")
    assert claimed and claimed.pk == made.pk
    return claimed


def in_status(owner: User, status: str) -> Job:
    """A job that is in `status`, with whatever belongs with it."""
    made = job(owner, tier="hd", iterations=100) if status == Job.Status.UNPAID else job(owner)
    now = timezone.now()
    changes: dict[str, Any] = {"status": status}
    if status not in (Job.Status.UNPAID, Job.Status.QUEUED):
        changes |= {"fence": 1, "started_at": now, "heartbeat_at": now}
    if status == Job.Status.DONE:
        changes |= {"result": pictures.store_result(picture(colour="red"), 1), "finished_at": now, "seconds": 2.0}
    if status == Job.Status.FAILED:
        changes |= {"failure": Job.Failure.LOST, "finished_at": now}
    Job.objects.filter(pk=made.pk).update(**changes)
    made.refresh_from_db()
    return made


def done_job(owner: User, **fields: Any) -> Job:
    """A finished picture on the wall."""
    made = in_status(owner, Job.Status.DONE)
    Job.objects.filter(pk=made.pk).update(**fields)
    made.refresh_from_db()
    posts.publish(made)
    return made


def print_job(owner: User, picture: Job | None = None, **fields: Any) -> Job:
    """A print of a finished picture of 120 x 90 px, twice as large."""
    given: dict[str, Any] = {"size": (240, 180), "crop": (0.0, 0.0, 1.0, 1.0), "controls": {}} | fields
    return jobs.submit_print(owner, picture or done_job(owner), **given)


def post(owner: User, **fields: Any) -> Post:
    return Post.objects.get(job=done_job(owner, **fields))


def form(**fields: Any) -> dict[str, Any]:
    """What the page to create sends, complete and good unless told otherwise."""
    whole = {
        "photo": file(), "style_image": file("style.jpg", picture(colour="purple")), "tier": "free",
        "visibility": "public", "form_token": str(uuid.uuid4()),
    }  # fmt: skip
    return {name: value for name, value in (whole | fields).items() if value is not None}
