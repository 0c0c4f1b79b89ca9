"""THE DOOR: the language people are spoken to in: chosen in the footer, remembered for the mail to them."""

from contextlib import AbstractContextManager

from babel import Locale
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from django.views.i18n import LANGUAGE_QUERY_PARAMETER, set_language

from people.models import User


@csrf_exempt  # a token in every footer would be a cookie with every page; the worst a forger wins is the other language
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Django's switch: a cookie, and back to the page. Mail to whoever is signed in follows it."""
    chosen = request.POST.get(LANGUAGE_QUERY_PARAMETER, "")
    if chosen in dict(settings.LANGUAGES) and request.user.is_authenticated:
        User.objects.filter(pk=request.user.pk).update(language=chosen)
    return set_language(request)


def current() -> str:
    """The language in force."""
    return translation.get_language() or settings.LANGUAGE_CODE


def spoken(code: str) -> AbstractContextManager[None]:
    """Speak this language; where none is named, the one in force."""
    return translation.override(code or current())


def of(person: User | None) -> AbstractContextManager[None]:
    """Speak to this person in their language; where it is not known, in the one in force."""
    return translation.override(person.language if person and person.language else current())


def country(code: str) -> str:
    """Its name (ISO 3166-1 alpha-2) in the language in force; where it has none, the code itself."""
    name: str = Locale.parse(current(), sep="-").territories.get(code.upper(), code)
    return name
