"""THE DESK: the app's registration."""

from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = _("Billing")

    def ready(self) -> None:
        from billing import belongings, canvas_rounds, dues, finishing, gauges, leaving, ownership
        from billing import checks as desk  # models are loaded only now
        from billing.models import CanvasOrder
        from people import erasure, export, guests
        from stylize import housekeeping, metrics, sweep
        from stylize import leaving as bench_leaving

        guests.on_handover(ownership.hand_over)
        erasure.on_leaving(leaving.erase)
        bench_leaving.on_wait(leaving.awaited)
        export.on_export(belongings.of)
        housekeeping.on_delete(dues.farewell)
        housekeeping.on_expiry(canvas_rounds.needed_renders)
        files = sweep.Shelf(
            finishing.FOLDER, CanvasOrder, "master", finishing.FILE.suffix, (), canvas_rounds.lost_master
        )
        sweep.add(files)
        metrics.on_scrape(gauges.money)
        metrics.on_scrape(gauges.canvases)
        checks.register(desk.prices_can_be_charged)
        checks.register(desk.canvases_can_be_made)
        checks.register(desk.stripe_is_set_up)
