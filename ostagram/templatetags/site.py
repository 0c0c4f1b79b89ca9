"""THE FRAME: where this site is and whom to write to, as links that are shared and mails need it."""

from typing import Any

from django import template
from django.conf import settings
from django.core.exceptions import DisallowedHost

register = template.Library()


@register.simple_tag
def contact_email() -> str:
    return str(settings.CONTACT_EMAIL)


@register.simple_tag(takes_context=True)
def absolute(context: dict[str, Any], path: str) -> str:
    """The path with scheme and host; the bare path where nobody asked, or asked for a host that is not ours."""
    request = context.get("request")
    try:
        return str(request.build_absolute_uri(path)) if request else path
    except DisallowedHost:
        return path


@register.simple_tag(takes_context=True)
def canonical(context: dict[str, Any]) -> str:
    """This page's one address: without what a query adds, but for the page of the feed."""
    request = context.get("request")
    if request is None:
        return ""
    before = request.GET.get("before", "")
    return absolute(context, f"{request.path}?before={before}" if before.isdecimal() else request.path)
