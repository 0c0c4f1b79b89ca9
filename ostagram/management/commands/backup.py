"""THE FRAME: `manage.py backup DIR`: the database and all pictures in one folder."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError

from ostagram import backup
from stylize import storage


class Command(BaseCommand):
    help = "Write the database and all pictures to a folder; again to the same one, only new pictures are copied."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            record = backup.make(folder)
        except backup.BackupError as error:
            raise CommandError(str(error)) from error
        except storage.StorageError as error:
            raise CommandError(f"The storage of pictures is full or away: {error.__cause__}") from error
        self.stdout.write(
            f"The database and {record['pictures']} files of pictures ({record['bytes']:,} bytes): {folder}"
        )
