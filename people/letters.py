"""THE DOOR: mail with words and a page, to whoever it is, in their language."""

import logging
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.functional import Promise

from people import languages

log = logging.getLogger(__name__)

AWAY: Final = (SMTPException, OSError)
REFUSED: Final = (SMTPRecipientsRefused, SMTPDataError)  # this address takes no mail, today or tomorrow


def written(
    name: str, subject: "str | Promise", facts: dict[str, Any], *, to: str, switch: str = ""
) -> EmailMultiAlternatives:  # fmt: skip
    """From the templates `name`.txt and .html, in the language in force; `switch` is the link that stops such mail."""
    site = {"site": settings.SITE_URL, "switch": switch, "current_site": {"domain": urlsplit(settings.SITE_URL).netloc}}
    stop = {"List-Unsubscribe": f"<{switch}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if switch else {}
    context = site | facts
    mail = EmailMultiAlternatives(str(subject), render_to_string(f"{name}.txt", context), to=[to], headers=stop)
    mail.attach_alternative(render_to_string(f"{name}.html", context), "text/html")
    return mail


def send(to: str, language: str, name: str, subject: "str | Promise", facts: dict[str, Any]) -> bool:
    """A letter that was written in this language. False: the mail server is away; a refused address counts as sent."""
    with languages.spoken(language):
        mail = written(name, subject, facts, to=to)
    try:
        mail.send()
    except REFUSED as refusal:
        log.error("the mail %s is not taken: %s", name, refusal)
    except AWAY as trouble:
        log.warning("the mail %s has to wait, it is tried again: %s", name, trouble)
        return False
    return True
