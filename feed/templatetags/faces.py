"""THE GALLERY: people on its pages: their avatars, and what they say under a picture."""

from typing import Any, Final
from zlib import crc32

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from feed import avatars, conversation
from feed.models import Post
from people.models import User
from stylize import pictures
from stylize.models import Job

register = template.Library()

COLOURS: Final = 8  # of static/css/talk.css


@register.simple_tag
def face(person: User, side: int = 64) -> SafeString:
    """The avatar; without one a letter on a colour, both from the handle. Decoration: the handle stands beside it."""
    kind = "large" if side == max(pictures.AVATARS) else "small"
    if person.avatar:
        address = avatars.address(person, side)
        image = '<img class="face face--{}" src="{}" width="{}" height="{}" alt="" decoding="async">'
        return format_html(image, kind, address, side, side)
    colour = crc32(person.handle.encode()) % COLOURS
    letter = (person.handle.removeprefix("painter-") or "?")[0].upper()
    return format_html('<span class="face face--{} face--{}" aria-hidden="true">{}</span>', kind, colour, letter)


@register.simple_tag(takes_context=True)
def talk_about(context: dict[str, Any], post: Post) -> conversation.Page:
    return conversation.page(context["request"], post)


@register.simple_tag
def picture_in(pictures: dict[str, Job], key: str) -> Job | None:
    return pictures.get(key)
