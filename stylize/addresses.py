"""THE BENCH: what may stand in an address: keys, tokens, and where a page of a list begins."""

import re
from typing import Final

from django.http import HttpRequest
from django.urls import reverse

from stylize.models import Job

KEY: Final = re.compile(r"[A-Za-z0-9_-]{1,24}")
PLACE: Final = re.compile(r"[0-9]{1,18}")


class KeyConverter:
    """The key of a job, a style or an upload; anything else is a 404 before it reaches the database."""

    regex = KEY.pattern

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class TokenConverter(KeyConverter):
    """A key with its signature."""

    regex = r"[A-Za-z0-9_:-]{1,120}"


def key_in(request: HttpRequest, name: str) -> str:
    """The key in a query parameter, or nothing."""
    value = request.GET.get(name, "")
    return value if KEY.fullmatch(value) else ""


def sent(request: HttpRequest, name: str) -> str:
    """A hidden field, to be compared with what is kept; one with a NUL, which Postgres refuses, is nothing."""
    value = request.POST.get(name, "")
    return "" if "\0" in value else value


def before(request: HttpRequest) -> int | None:
    """Keyset paging: `?before=` is the last row of the page before; None is the first page."""
    return _place(request, "before")


def after(request: HttpRequest) -> int | None:
    """The same where the oldest come first: `?after=`."""
    return _place(request, "after")


def _place(request: HttpRequest, name: str) -> int | None:
    value = request.GET.get(name, "")
    return int(value) if PLACE.fullmatch(value) else None


def result(job: Job, name: str) -> str:
    """Of a painting's file. Another frame chosen as the result is another address: caches keep no old picture."""
    address = reverse("stylize:result_file", args=[job.key, name])
    return f"{address}?v={job.result_version}" if job.result_version else address


def names_result(request: HttpRequest, job: Job) -> bool:
    """Whether the address is of the picture that is shown now."""
    return request.GET.get("v", "0") == str(job.result_version)
