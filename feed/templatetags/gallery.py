"""THE GALLERY: what its pages say about a picture to people, to search engines and to sites that show a link to it."""

import json
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.utils.html import _json_script_escapes  # type: ignore[attr-defined]  # as json_script does
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from feed import moderation, telling
from feed.models import Post
from feed.shown import Shown
from stylize import pictures
from stylize.models import Job

register = template.Library()
IN_SCRIPT = _json_script_escapes | {ord("'"): "\\u0027"}


@register.simple_tag
def picture_title(post: Post) -> str:
    return telling.name(post)


@register.simple_tag
def picture_description(post: Post) -> str:
    return telling.description(post)


@register.simple_tag
def why_down(job: Job) -> str:
    """What staff wrote when they took it down."""
    return moderation.why_down(job.key)


@register.simple_tag(takes_context=True)
def social_picture(context: Context, job: Job) -> telling.SocialPicture:
    """With whole addresses."""
    whole, shared = context["request"].build_absolute_uri, telling.shared(job)
    return replace(shared, page=whole(shared.page), image=whole(shared.image))


@register.simple_tag(takes_context=True)
def linked_data(context: Context, post: Post) -> SafeString:
    """The picture as schema.org's ImageObject, for a script element."""
    shown = social_picture(context, post.job)
    facts = {
        "@context": "https://schema.org",
        "@type": "ImageObject",
        "name": telling.name(post),
        "description": telling.description(post),
        "url": shown.page,
        "contentUrl": shown.image,
        "width": shown.width,
        "height": shown.height,
        "encodingFormat": pictures.JPEG,
        "uploadDate": post.created_at.isoformat(),
        "keywords": post.tags,
        "creator": {"@type": "Person", "name": post.job.owner.handle},
    }
    return mark_safe(json.dumps(facts, ensure_ascii=False).translate(IN_SCRIPT))  # noqa: S308  # escaped


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
