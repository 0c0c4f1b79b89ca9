"""THE GALLERY: the app's registration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FeedConfig(AppConfig):
    name = "feed"
    verbose_name = _("Gallery")

    def ready(self) -> None:
        from feed import avatars, kept, ownership  # settings are whole and models loaded only now
        from people import guests, notices
        from stylize import housekeeping, showing, sweep

        guests.on_handover(ownership.hand_over)
        housekeeping.on_delete(lambda job: notices.forget_picture(job.owner, job.key))
        sweep.add(avatars.SHELF)
        showing.on_change(kept.renew)
