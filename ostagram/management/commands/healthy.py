"""THE FRAME: `manage.py healthy`: for docker-compose.yml and people: ends with 1 when what is asked for is not well."""

import json
import socket
from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError

from ostagram import health
from stylize import workers


class Command(BaseCommand):
    help = "Say how every part is; with --worker or --house, whether the worker of this machine or the house lives."

    def add_arguments(self, parser: ArgumentParser) -> None:
        one = parser.add_mutually_exclusive_group()
        one.add_argument("--worker", action="store_true", help="a paint worker of this machine (by its host name)")
        one.add_argument("--house", action="store_true", help="the house, which rescues jobs every five seconds")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["worker"]:
            if not workers.Worker.objects.alive().filter(name__startswith=f"{socket.gethostname()}:").exists():
                raise CommandError("No worker of this machine has been heard of within a lease.")
            return
        found = health.look()
        self.stdout.write(json.dumps(found))
        asked = ("house",) if options["house"] else tuple(found)
        ill = [name for name in asked if found[name] != health.OK]
        if ill:
            raise CommandError(f"Not well: {', '.join(ill)}.")
