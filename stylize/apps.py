"""THE BENCH: the app's registration."""

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class StylizeConfig(AppConfig):
    name = "stylize"
    verbose_name = pgettext_lazy("part of the staff pages", "Painting")

    def ready(self) -> None:
        from people import erasure, export, guests  # models are loaded only now
        from people.models import Export
        from stylize import belongings, leaving, ownership, parcels, sweep
        from stylize.models import Filter, Job, Mask, Style, Upload

        guests.on_handover(ownership.hand_over)
        erasure.on_leaving(leaving.erase, hide=leaving.hide, rows=(Upload, Mask, Style, Job, Filter))
        export.on_export(belongings.of)
        sweep.add(sweep.Shelf(parcels.FOLDER, Export, "file", None, (), parcels.lost))
