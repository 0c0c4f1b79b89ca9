"""THE DESK: the app's registration."""

from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = _("Billing")

    def ready(self) -> None:
        from billing import checks as desk  # models are loaded only now
        from billing import dues, gauges, ownership
        from people import guests
        from stylize import housekeeping, metrics

        guests.on_handover(ownership.hand_over)
        housekeeping.on_delete(dues.farewell)
        metrics.on_scrape(gauges.money)
        checks.register(desk.prices_can_be_charged)
        checks.register(desk.stripe_is_set_up)
