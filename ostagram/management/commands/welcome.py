"""THE FRAME: `manage.py welcome`: what an empty site needs once: a staff account, and sample pictures to look at."""

from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, call_command

from people import accounts
from stylize.models import Job


class Command(BaseCommand):
    help = "Make the first staff account and, with SAMPLE_GALLERY, the sample gallery. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        account = accounts.make_staff()
        if account is not None:
            email, password = account
            self.stdout.write(f"Staff account: {email}, one-time password: {password}")
        if settings.SAMPLE_GALLERY and not Job.objects.filter(sample=False).exists():
            call_command("samples")
