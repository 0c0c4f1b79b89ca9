"""THE GALLERY: the app's registration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FeedConfig(AppConfig):
    name = "feed"
    verbose_name = _("Gallery")

    def ready(self) -> None:
        from feed import belongings, kept, leaving, moderation, ownership  # settings are whole, models loaded only now
        from feed.models import Comment, Like, Post
        from people import erasure, export, guests
        from stylize import housekeeping, showing

        guests.on_handover(ownership.hand_over)
        showing.on_change(kept.renew)
        housekeeping.on_delete(moderation.farewell)
        erasure.on_leaving(leaving.erase, hide=leaving.hide, rows=(Post, Like, Comment))
        export.on_export(belongings.of)
