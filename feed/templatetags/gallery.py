"""THE GALLERY: what its pages say about a picture to people, to search engines and to sites that show a link to it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import _json_script_escapes  # type: ignore[attr-defined]  # as json_script does
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from feed import moderation
from feed.models import Post
from feed.shown import Shown
from stylize import addresses, pictures
from stylize.models import Job

register = template.Library()


@dataclass(frozen=True)
class SocialPicture:
    """A public picture's addresses, whole, and the size in px of the copy that other sites show."""

    page: str
    image: str
    width: int
    height: int


@register.simple_tag
def picture_title(job: Job) -> str:
    names = _style_names(job)
    if len(names) > 1:
        return _("Painted like “%(name)s” and others") % {"name": names[0]}
    return _("Painted like “%(name)s”") % {"name": names[0]} if names else _("A painting")


@register.simple_tag
def picture_description(job: Job) -> str:
    facts = {"handle": job.owner.handle, "width": job.width, "height": job.height}
    return _("A photo painted in the style of another picture, %(width)d × %(height)d px, by %(handle)s.") % facts


@register.simple_tag
def why_down(job: Job) -> str:
    """What staff wrote when they took it down."""
    return moderation.why_down(job.key)


@register.simple_tag(takes_context=True)
def social_picture(context: Context, job: Job) -> SocialPicture:
    whole = context["request"].build_absolute_uri
    ((name, width),) = pictures.copies(pictures.JPEG, job.width, job.height)
    return SocialPicture(
        page=whole(reverse("feed:post", args=[job.key])),
        image=whole(addresses.result(job, name)),
        width=width,
        height=max(1, round(job.height * width / job.width)),
    )


@register.simple_tag(takes_context=True)
def linked_data(context: Context, post: Post) -> SafeString:
    """The picture as schema.org's ImageObject, for a script element."""
    shown = social_picture(context, post.job)
    facts = {
        "@context": "https://schema.org",
        "@type": "ImageObject",
        "name": picture_title(post.job),
        "description": picture_description(post.job),
        "url": shown.page,
        "contentUrl": shown.image,
        "width": shown.width,
        "height": shown.height,
        "encodingFormat": pictures.JPEG,
        "uploadDate": post.created_at.isoformat(),
        "creator": {"@type": "Person", "name": post.job.owner.handle},
    }
    return mark_safe(json.dumps(facts, ensure_ascii=False).translate(_json_script_escapes))  # noqa: S308  # escaped


@register.simple_tag
def cards_of(pictures: Iterable[Shown], *, below_the_fold: bool = False) -> SafeString:
    """In their order: the first is fetched first, all but three only when they come into view."""
    language = get_language()
    drawn = [
        _drawn("feed/card.html", language, picture, below_the_fold or place > 2, place == 0 and not below_the_fold)
        for place, picture in enumerate(pictures)
    ]
    return mark_safe("".join(drawn))  # noqa: S308  # the template has escaped what is in them


@register.simple_tag
def showpiece_of(picture: Shown) -> SafeString:
    """The picture at the opening, with its photo and its style."""
    return _drawn("feed/showpiece.html", get_language(), picture, False, True)


@lru_cache(maxsize=1000)
def _drawn(name: str, language: str | None, picture: Shown, lazy: bool, first: bool) -> SafeString:
    """What a picture looks like follows from what was read of it, so it is not drawn twice."""
    return render_to_string(name, {"job": picture, "lazy": lazy, "first": first})


def _style_names(job: Job) -> list[str]:
    """Empty where the first style has no name."""
    links = list(job.style_links.all())
    return [link.style.title for link in links] if links and links[0].style.name else []
