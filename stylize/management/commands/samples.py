"""THE BENCH: `manage.py samples` hangs the sample gallery of twelve; `--styles-only` only the house styles."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Draw the house styles and order the sample gallery (12 small paintings behind every visitor's)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--styles-only", action="store_true", help="only the gallery of styles, no sample jobs")

    def handle(self, *args: Any, styles_only: bool, **options: Any) -> None:
        try:
            from stylize.samples import drawings, gallery, photos  # NumPy and SciPy are not in the web image
        except ImportError as error:
            raise CommandError(f"{error}. Install the extra 'samples': pip install '.[samples]'.") from error
        if styles_only:
            for drawing in drawings.DRAWINGS:
                gallery.house_style(drawing.slug)
            self.stdout.write(f"The gallery has its {len(drawings.DRAWINGS)} house styles.")
            return
        try:
            ordered = gallery.hang()
        except photos.PhotosMissing as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{ordered} samples are in line; visitors' jobs go first.")
