"""THE DESK: a canvas' own page: its story."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from billing.models import CanvasOrder
from people import guests


@never_cache
@require_safe
def order(request: HttpRequest, key: str) -> HttpResponse:
    """Its story so far, for its owner alone."""
    own = get_object_or_404(CanvasOrder.objects.owned_by(guests.owner(request)).with_story(), key=key)
    events = [event for event in own.events.all() if event.is_public]
    return render(request, "billing/canvas.html", {"order": own, "events": events})
