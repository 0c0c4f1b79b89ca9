"""THE FRAME: how a phone or desktop shows the site when somebody installs it."""

from django.http import HttpRequest, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from ostagram import design


@require_safe
@cache_control(max_age=3600)
def manifest(request: HttpRequest) -> JsonResponse:
    wall = design.light()["wall"]
    content = {
        "name": "Ostagram",
        "short_name": "Ostagram",
        "description": _(
            "Give a photo and a picture whose manner you like. Ostagram paints the one in the style of the other."
        ),
        "lang": get_language(),
        "id": "/",
        "start_url": reverse("feed:index"),
        "scope": "/",
        "display": "minimal-ui",
        "theme_color": wall,
        "background_color": wall,
        "icons": [
            _icon("icon-192.png", 192, "any"),
            _icon("icon-512.png", 512, "any"),
            _icon("icon-maskable-512.png", 512, "maskable"),
        ],
        "shortcuts": [
            {"name": _("Paint a picture"), "url": reverse("stylize:create")},
            {"name": _("My pictures"), "url": reverse("stylize:mine")},
        ],
    }
    return JsonResponse(content, content_type="application/manifest+json")


def _icon(name: str, side: int, purpose: str) -> dict[str, str]:
    return {"src": static(f"icons/{name}"), "sizes": f"{side}x{side}", "type": "image/png", "purpose": purpose}
