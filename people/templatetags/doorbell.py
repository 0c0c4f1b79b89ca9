"""THE DOOR: how many notices wait for whoever looks at the page."""

from typing import Any

from django import template

from people import notices

register = template.Library()


@register.simple_tag(takes_context=True)
def unread_notices(context: dict[str, Any]) -> str:
    """In figures; empty where there are none, and for visitors."""
    user = context.get("user")
    count = notices.unread(user) if user is not None and user.is_authenticated else 0
    return f"{notices.MANY - 1}+" if count >= notices.MANY else str(count or "")
