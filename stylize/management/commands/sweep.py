"""THE BENCH: `manage.py sweep`: finds files without rows and rows without files, and mends both."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from stylize import storage, sweep


class Command(BaseCommand):
    help = "Find files without rows and rows without files, on disk or in the bucket, and mend both."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="change nothing; say what is found")
        parser.add_argument("--even-much", action="store_true", help="mend although a large part is wrong")

    def handle(self, *args: Any, dry_run: bool, even_much: bool, **options: Any) -> None:
        try:
            told = sweep.run(mend=not dry_run, even_much=even_much)
        except sweep.TooMuch as alarm:
            raise CommandError(f"Nothing more was mended: {alarm} If so: manage.py sweep --even-much") from alarm
        except storage.StorageError as error:
            raise CommandError(f"The storage is away: {error.__cause__}") from error
        for kind, count in sorted(told.items()):
            self.stdout.write(f"{count:>8} {kind}")
        wrong = any(not kind.endswith(" well") for kind in told)
        self.stdout.write("Nothing was changed." if dry_run or not wrong else "Mended what can be mended.")
