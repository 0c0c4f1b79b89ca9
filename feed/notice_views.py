"""THE GALLERY: one's notices: what has happened to one's pictures and to oneself. Looking at them is reading them."""

from typing import Final

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from people import gathering, notices
from people.models import Notice, User
from stylize import addresses
from stylize.models import Job

LINES: Final = 24
ROWS: Final = 240  # that are looked at for one page: many of them may be one line


@never_cache
@login_required
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)
    found, before = Notice.objects.on_site(request.user).select_related("by"), addresses.before(request)
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found[: ROWS + 1])
    lines, older = gathering.lines(rows[:ROWS], LINES)
    if older is None and len(rows) > ROWS:
        older = rows[ROWS - 1].pk
    shown = [row for row in rows if older is None or row.pk >= older]
    if shown and _is_looked_at(request):
        notices.seen(request.user, shown[-1].pk, shown[0].pk)
    context = {"lines": lines, "pictures": _pictures(request.user, lines), "older": older, "is_first": before is None}
    return render(request, "feed/notices.html", context)


def _is_looked_at(request: HttpRequest) -> bool:
    """Not only asked for by a program, or by a browser in advance."""
    return request.method == "GET" and "prefetch" not in request.headers.get("Sec-Purpose", "")


def _pictures(owner: User, lines: list[gathering.Line]) -> dict[str, Job]:
    """Those that can still be shown, by their keys."""
    keys = {line.newest.key for line in lines if line.newest.key}
    return {job.key: job for job in Job.objects.filter(owner=owner, key__in=keys, status=Job.Status.DONE)}
