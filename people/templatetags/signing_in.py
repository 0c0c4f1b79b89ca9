"""THE DOOR: what pages show of the ways to sign in that others keep."""

from typing import Any

from django import template
from django.conf import settings

from people import ways

register = template.Library()


@register.simple_tag
def open_ways() -> list[ways.Way]:
    return [way for way in ways.WAYS if way.id in settings.SOCIALACCOUNT_PROVIDERS]


@register.filter
def way_name(account: Any) -> str:
    """Of a connection: what its way is called."""
    return ways.name_of(account.provider)


@register.simple_tag
def free_ways(accounts: Any) -> list[ways.Way]:
    """Those that these connections have none of."""
    taken = {account.provider for account in accounts}
    return [way for way in open_ways() if way.id not in taken]
