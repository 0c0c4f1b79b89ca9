"""THE FRAME: how log records look: a line for people, or JSON for machines; with job and request they belong to.

No personal data: what looks like an e-mail address is cut out, even of a database's own words about a broken row.
"""

import json
import logging
import logging.config
import os
import re
from datetime import UTC, datetime
from typing import Any, Final

from django.conf import settings
from gunicorn import glogging

from stylize import trail

ADDRESS: Final = re.compile(r"[\w.+%-]+@[\w-]+(\.[\w-]+)+")


class Belongs(logging.Filter):
    """Notes on a record what is bound in the thread that speaks; a handler may write it in another."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.belongs = trail.here()
        return True


class Line(logging.Formatter):
    """INFO stylize.jobs: in line [job=… request=…]"""

    def format(self, record: logging.LogRecord) -> str:
        first, *rest = super().format(record).split("\n")
        belongs = " ".join(f"{name}={value}" for name, value in getattr(record, "belongs", {}).items())
        return clean("\n".join([f"{first} [{belongs}]" if belongs else first, *rest]))


class Json(logging.Formatter):
    """One object in one line for each record, whatever it says."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": clean(record.getMessage()),
            "process": record.process,
        }
        said |= getattr(record, "belongs", {})
        if record.exc_info:
            said["error"] = clean(self.formatException(record.exc_info))
        return json.dumps(said, ensure_ascii=False)


class Gunicorn(glogging.Logger):
    """The web server's own words go the way of all others."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ostagram.settings")
        logging.config.dictConfig(settings.LOGGING)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


def clean(text: str) -> str:
    return ADDRESS.sub("[e-mail]", text)
