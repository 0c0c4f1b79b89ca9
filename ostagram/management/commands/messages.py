"""THE FRAME: `manage.py messages`: collects what we say to people for translation; `--check` changes nothing."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ostagram.catalogue import extraction, faults, files


class Command(BaseCommand):
    help = "Bring locale/*/LC_MESSAGES/django.po and .mo in step with the sources; list what waits for a translation."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail with a list of what is wrong")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        locale_path, found = Path(settings.LOCALE_PATHS[0]), extraction.messages(Path(settings.BASE_DIR))
        wrong = []
        for language in _foreign():
            catalogue = files.read(locale_path, language)
            if not check:
                for message in files.dropped(catalogue, found):
                    self.stdout.write(f"{language}: dropped {message.id!r}, which was {message.string!r}")
                catalogue = files.updated(catalogue, found)
                files.write(catalogue, locale_path)
            compiled = files.compiled(locale_path, language)
            wrong += [f"{language}: {fault}" for fault in faults.of(catalogue, found, compiled)]
        if check and wrong:
            advice = (
                "Run `make messages`, translate in locale/*/LC_MESSAGES/django.po, run it again, and commit both files."
            )
            raise CommandError("\n".join([*wrong, advice]))
        self.stdout.write("\n".join(wrong) or f"{len(found)} messages, all translated.")


def _foreign() -> list[str]:
    """The languages that need a catalogue: all but the one that the sources speak."""
    return [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
