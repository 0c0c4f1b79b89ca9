"""THE GALLERY: the app's registration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FeedConfig(AppConfig):
    name = "feed"
    verbose_name = _("Gallery")

    def ready(self) -> None:
        from feed import avatars, belongings, kept, leaving, moderation, ownership  # settings are whole, models loaded
        from feed.models import Comment, Like, Post
        from people import erasure, export, guests, notices
        from stylize import housekeeping, showing, sweep

        guests.on_handover(ownership.hand_over)
        housekeeping.on_delete(lambda job: notices.forget_picture(job.owner, job.key))
        sweep.add(avatars.SHELF)
        showing.on_change(kept.renew)
        housekeeping.on_delete(moderation.farewell)
        erasure.on_leaving(leaving.erase, hide=leaving.hide, rows=(Post, Like, Comment))
        export.on_export(belongings.of)
