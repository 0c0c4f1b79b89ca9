"""THE DESK: `manage.py reconcile`: our ledger beside Stripe's, in words; with --mend ours follows."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from billing import ledger, reconcile, stripe_api


class Command(BaseCommand):
    help = "Compare the ledger with Stripe's; exit status 1 where they differ, 2 where Stripe cannot be asked."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=_days, default=30, help="how far to look back (default: 30)")
        parser.add_argument("--mend", action="store_true", help="bring the ledger to what Stripe says")

    def handle(self, *args: Any, days: int, mend: bool, **options: Any) -> None:
        since = timezone.now() - timedelta(days=days)
        try:
            report = reconcile.compare(since)
            if mend and report.differences:
                for line in reconcile.mend(report):
                    self.stdout.write(line)
                report = reconcile.compare(since)
        except (stripe_api.Away, stripe_api.Refused) as trouble:
            raise CommandError(f"Stripe cannot be asked: {trouble}", returncode=2) from trouble
        self._tell(report)

    def _tell(self, report: reconcile.Report) -> None:
        for difference in report.differences:
            self.stdout.write(f"{difference} [{'--mend follows Stripe' if difference.mend else 'for a person'}]")
        for currency, sums in sorted(report.sums.items()):
            self.stdout.write(f"{currency} taken: {_both(sums.taken_here, sums.taken_there)}")
            self.stdout.write(f"{currency} given back: {_both(sums.back_here, sums.back_there)}")
        self.stdout.write(f"{report.looked_at} payments, refunds and disputes were compared.")
        if not report.agrees:
            raise CommandError(f"The ledgers differ: {len(report.differences)} differences.")


def _both(here: int, there: int) -> str:
    words = "they agree" if here == there else f"{ledger.amount(here - there)} here"
    return f"{ledger.amount(here)} here, {ledger.amount(there)} at Stripe: {words}"


def _days(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= 3650:
        raise ArgumentTypeError("a number of days from 1 to 3650")
    return int(value)
