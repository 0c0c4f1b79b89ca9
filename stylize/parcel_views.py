"""THE BENCH: the page where one's own data is asked for, and the file itself, for its owner alone."""

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from people import guests, limits
from people.models import Export
from stylize import parcels, pictures, storage


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limits.at_most("data")
def page(request: HttpRequest) -> HttpResponse:
    person = guests.owner(request)
    if person is None:
        return redirect_to_login(request.get_full_path())
    if request.method == "POST":
        if parcels.ask(person):
            messages.success(request, _("It is being collected. This page has it when it is ready."))
        return redirect("stylize:data")
    found = parcels.current(person)
    over_at = found.ready_at + parcels.LIVES if found and found.ready_at else None
    context = {"person": person, "parcel": found, "over_at": over_at, "days": parcels.LIVES.days}
    return render(request, "account/data.html", context)


@require_safe
def file(request: HttpRequest, key: str) -> HttpResponseBase:
    """Strangers and those who come too late: 404."""
    found = get_object_or_404(Export.objects.exclude(file=""), key=key, owner=guests.owner(request))
    if parcels.is_over(found):
        raise Http404
    try:
        packed, size = storage.stream(found.file)
    except FileNotFoundError as error:
        raise Http404 from error
    except storage.StorageError:
        headers = {"Retry-After": pictures.RETRY_AFTER_S, "Cache-Control": "no-store"}
        return HttpResponse(status=503, headers=headers)
    answer = pictures.Served(packed, content_type="application/zip", as_attachment=True, filename="ostagram.zip")
    answer["Content-Length"], answer["Cache-Control"] = str(size), "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
