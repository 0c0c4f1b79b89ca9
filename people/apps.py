"""THE DOOR: the app's registration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "people"
    verbose_name = _("People")

    def ready(self) -> None:
        from allauth.account.signals import authentication_step_completed  # models are loaded only now

        from people import codes, erasure, export, guests, notices

        guests.on_handover(notices.hand_over)
        erasure.on_leaving(erasure.forget, hide=erasure.hide)
        export.on_export(export.own)
        authentication_step_completed.connect(codes.end_unconfirmed_password, dispatch_uid="people.codes")
