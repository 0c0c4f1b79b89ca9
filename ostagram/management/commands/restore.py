"""THE FRAME: `manage.py restore DIR`: brings back what `manage.py backup` has written."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.cache import cache
from django.core.management import BaseCommand, CommandError, call_command

from ostagram import backup
from stylize import storage


class Command(BaseCommand):
    help = "Bring back a backup. Stop the site first: every process of it but Postgres."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--replace", action="store_true", help="even where the site is not empty: all of it goes")

    def handle(self, *args: Any, folder: Path, replace: bool, **options: Any) -> None:
        try:
            record = backup.restore(folder, replace=replace)
        except backup.BackupError as error:
            raise CommandError(str(error)) from error
        except storage.StorageError as error:
            raise CommandError(f"The storage of pictures is full or away: {error.__cause__}") from error
        call_command("migrate", interactive=False, verbosity=0)  # the code may be younger than the backup
        cache.clear()
        self.stdout.write(f"The site is as it was at {record['made_at']}, with {record['pictures']} files of pictures.")
