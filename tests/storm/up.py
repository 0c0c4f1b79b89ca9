"""`manage.py up` with two quick kilns in the place of the one that paints; all else is the service as it is.

Two, because a worker that was frozen and wakes up is a zombie only where somebody else has taken its job meanwhile.
"""

import os
import sys
from dataclasses import replace

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ostagram.settings")

from django.core.management import execute_from_command_line

from ostagram import programs
from ostagram.supervisor import Program

KILNS = ("paint", "paint2")
_of_the_service = programs.workers


def workers() -> list[Program]:
    """Those of the service; who paints is there twice and loads tests.storm.quick."""
    found = []
    for program in _of_the_service():
        if program.name != "paint":
            found.append(program)
            continue
        for name in KILNS:
            words = {"ostagram": "tests.storm.quick", "paint@%h": f"{name}@%h"}
            found.append(replace(program, name=name, argv=tuple(words.get(word, word) for word in program.argv)))
    return found


if __name__ == "__main__":
    programs.workers = workers
    execute_from_command_line([sys.argv[0], "up"])
