"""THE GALLERY: the app's registration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FeedConfig(AppConfig):
    name = "feed"
    verbose_name = _("Gallery")

    def ready(self) -> None:
        from feed import kept, ownership  # settings are whole and models loaded only now
        from people import guests
        from stylize import showing

        guests.on_handover(ownership.hand_over)
        showing.on_change(kept.renew)
