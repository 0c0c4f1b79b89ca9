"""THE DOOR: the ways to sign in that others keep: which there are, what each is called, and where it sends browsers."""

from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True)
class Way:
    id: str  # allauth's name of the provider, and the first word of its settings
    name: str  # its own name, which no language changes
    letter: str  # stands for it on its button
    origins: tuple[str, ...]  # that a form's redirects pass on the way to it
    proves_addresses: bool  # whether an e-mail address that it calls confirmed is the person's
    scope: tuple[str, ...]  # the least that is needed: who it is, and the address

    @property
    def settings(self) -> tuple[str, str]:
        return f"{self.id.upper()}_CLIENT_ID", f"{self.id.upper()}_CLIENT_SECRET"


WAYS: Final = (
    Way("vk", "VK ID", "VK", ("https://*.vk.ru", "https://*.vk.com"), False, ("email",)),
    Way("google", "Google", "G", ("https://accounts.google.com",), True, ("email",)),
    Way("yandex", "Yandex", "Я", ("https://*.yandex.ru", "https://*.yandex.com"), True, ("login:info", "login:email")),
)
BY_ID: Final = {way.id: way for way in WAYS}


def name_of(way_id: str) -> str:
    return BY_ID[way_id].name if way_id in BY_ID else way_id


def providers(keys: dict[str, tuple[str, str]]) -> dict[str, dict[str, Any]]:
    """allauth's SOCIALACCOUNT_PROVIDERS for the ways whose two keys are both there."""
    return {
        way.id: {
            "APP": {"client_id": keys[way.id][0], "secret": keys[way.id][1]},
            "SCOPE": list(way.scope),
            "EMAIL_AUTHENTICATION": way.proves_addresses,
            "OAUTH_PKCE_ENABLED": True,
        }
        for way in WAYS
        if all(keys.get(way.id, ("", "")))
    }


def origins(open_ways: dict[str, Any]) -> list[str]:
    """Where a page's forms may lead with these ways open, for the Content-Security-Policy."""
    return [origin for way in WAYS if way.id in open_ways for origin in way.origins]
