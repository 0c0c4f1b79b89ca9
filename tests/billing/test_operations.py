"""What docs/operations.md tells to set up at Stripe is what the code is written for."""

import re
from pathlib import Path

from django.conf import settings

from billing import webhooks

TOLD = (Path(settings.BASE_DIR) / "docs/operations.md").read_text().split("## Money\n")[1].split("\n## ")[0]


def test_every_event_that_is_handled_is_to_be_switched_on_and_no_other() -> None:
    listed = re.findall(r"\b(?:checkout\.session|refund|charge)(?:\.[a-z_]+)+", TOLD)
    assert sorted(listed) == sorted(webhooks.HANDLERS)


def test_version_address_and_settings_are_those_of_the_code() -> None:
    for words in (settings.STRIPE_API_VERSION, "/stripe/webhook", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"):
        assert words in TOLD


def test_every_line_of_the_log_that_is_explained_is_written_somewhere() -> None:
    code = "".join(path.read_text() for path in (Path(settings.BASE_DIR) / "billing").rglob("*.py"))
    table = TOLD.split("### What the logs say of it")[1]
    firsts = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    lines = [words for first in firsts for words in re.findall(r"`([^`]+)`", first)]
    assert len(lines) > 8
    assert not [line for line in lines if not all(part.strip() in code for part in line.split("…"))]
