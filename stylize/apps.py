"""THE BENCH: the app's registration."""

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class StylizeConfig(AppConfig):
    name = "stylize"
    verbose_name = pgettext_lazy("part of the staff pages", "Painting")

    def ready(self) -> None:
        from people import guests  # models are loaded only now
        from stylize import ownership

        guests.on_handover(ownership.hand_over)
