"""THE GALLERY: Celery's door to the gallery's chore."""

from celery import shared_task

from feed import moderation


@shared_task(name="feed.tasks.close_gone")
def close_gone() -> None:
    moderation.close_gone()
