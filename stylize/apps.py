"""THE BENCH: the app's registration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StylizeConfig(AppConfig):
    name = "stylize"
    verbose_name = _("Painting")

    def ready(self) -> None:
        from people import guests  # models are loaded only now
        from stylize import ownership

        guests.on_handover(ownership.hand_over)
