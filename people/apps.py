"""THE DOOR: the app's registration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "people"
    verbose_name = _("People")

    def ready(self) -> None:
        from people import erasure, export, guests, notices  # models are loaded only now

        guests.on_handover(notices.hand_over)
        erasure.on_leaving(erasure.forget, hide=erasure.hide)
        export.on_export(export.own)
