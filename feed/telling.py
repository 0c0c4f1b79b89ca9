"""THE GALLERY: a picture in words and links, for people, search engines, readers of feeds and sites that show links."""

import unicodedata
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from feed.models import Post
from stylize import addresses, pictures
from stylize.models import Job


@dataclass(frozen=True)
class SocialPicture:
    """A public picture's addresses, and the size in px of the copy that other sites show."""

    page: str
    image: str
    width: int
    height: int


def name(post: Post) -> str:
    """What its owner calls it, or what it is."""
    return post.title or _manner(post.job)


def description(post: Post) -> str:
    job = post.job
    facts = {"handle": job.owner.handle, "width": job.width, "height": job.height}
    words = _("A photo painted in the style of another picture, %(width)d × %(height)d px, by %(handle)s.") % facts
    return " ".join([words, *(f"#{tag}" for tag in post.tags)])


def shared(job: Job) -> SocialPicture:
    ((copy, width),) = pictures.copies(pictures.JPEG, job.width, job.height)
    return SocialPicture(
        page=reverse("feed:post", args=[job.key]),
        image=addresses.result(job, copy),
        width=width,
        height=max(1, round(job.height * width / job.width)),
    )


def plain(text: str) -> str:
    """On one line, without what no XML may hold: control characters, lone surrogates and what is no character."""
    kept = (letter for letter in " ".join(text.split()) if unicodedata.category(letter) not in ("Cc", "Cs"))
    return "".join(letter for letter in kept if ord(letter) & 0xFFFE != 0xFFFE)


def _manner(job: Job) -> str:
    names = _style_names(job)
    if len(names) > 1:
        return _("Painted like “%(name)s” and others") % {"name": names[0]}
    return _("Painted like “%(name)s”") % {"name": names[0]} if names else _("A painting")


def _style_names(job: Job) -> list[str]:
    """Empty where the first style has no name."""
    links = list(job.style_links.all())
    return [link.style.title for link in links] if links and links[0].style.name else []
