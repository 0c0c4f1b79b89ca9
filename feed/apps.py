"""THE GALLERY: the app's registration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FeedConfig(AppConfig):
    name = "feed"
    verbose_name = _("Gallery")

    def ready(self) -> None:
        from feed import kept  # settings are whole only now
        from stylize import showing

        showing.on_change(kept.renew)
