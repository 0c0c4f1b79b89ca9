"""THE DOOR: how often something may be done, by one person and from one address; the table is settings.RATES.

Counted in Redis by allauth's own counter; while Redis is away, nobody is stopped.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from allauth.core.internal import ratelimit
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from people import guests
from people.models import User

APP: Final = "ostagram"
SECRETS: Final = {"csrfmiddlewaretoken", "password", "password1", "password2", "oldpassword"}
LONGEST: Final = 10_000  # characters of a field that come back in the page

View = Callable[..., HttpResponseBase]


def allows(request: HttpRequest, action: str, person: User | None) -> bool:
    """Count this try of `person`; whether it may go on. `action` is one of settings.RATES."""
    rates = settings.RATES[action].split(",")
    mine = [rate for rate in rates if person or not rate.strip().endswith("/user")]
    counted = ratelimit.consume(request, app=APP, action=action, config={action: ",".join(mine)}, user=person)
    return counted is not None


def retry_after_s(action: str) -> int:
    """When it may be tried again, at the latest."""
    return int(max(rate.duration for rate in ratelimit.parse_rates(settings.RATES[action])))


def at_most(action: str) -> Callable[[View], View]:
    """For a view: what is sent to it too often comes back with status 429 in a form that can be sent again."""
    assert action in settings.RATES, action

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
            if request.method == "POST" and not allows(request, action, guests.owner(request)):
                return refusal(request, action)
            return view(request, *args, **options)

        return guarded

    return guard


def refusal(request: HttpRequest, action: str) -> HttpResponse:
    """All that was written, to be sent again in a while; files and passwords are not in it."""
    sent = [(name, value) for name in request.POST for value in request.POST.getlist(name) if name not in SECRETS]
    context = {
        "sent": [(name, value[:LONGEST]) for name, value in sent], "wait_s": retry_after_s(action),
        "may_send": not request.FILES and not SECRETS & (request.POST.keys() - {"csrfmiddlewaretoken"}),
    }  # fmt: skip
    answer = render(request, "too_many.html", context, status=429)
    answer.headers["Retry-After"] = str(retry_after_s(action))
    return answer
