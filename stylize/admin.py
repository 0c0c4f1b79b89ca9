"""THE BENCH: staff see jobs, release unpaid ones and cancel; nothing here edits a status by hand."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin

from stylize import dispatch, jobs, progress, showing, wording
from stylize.models import Job, Style, Upload


@admin.register(Job)
class JobAdmin(ModelAdmin):
    list_display = ("key", "owner", "tier", "price", "status", "strikes", "created_at", "finished_at")
    list_filter = ("status", "tier", "visibility", "sample")
    search_fields = ("key", "owner__email", "owner__handle")
    date_hierarchy = "created_at"
    list_select_related = ("owner",)
    actions = ("release", "cancel")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # deleting a job deletes files, too: its owner's page does both

    def get_readonly_fields(self, request: HttpRequest, obj: Job | None = None) -> list[str]:
        changeable = (
            set()
            if obj and (obj.is_proof or obj.is_print or obj.is_barred)
            else {"visibility", "show_photo", "allow_prints"}
        )
        return [field.name for field in Job._meta.fields if field.name not in changeable]

    def save_model(self, request: HttpRequest, obj: Job, form: Any, change: bool) -> None:
        """Only what was changed: the kiln may be finishing this job at the same moment."""
        obj.save(update_fields=form.changed_data)
        showing.changed()

    @admin.display(description=_("price"))
    def price(self, job: Job) -> str:
        return wording.price(job.amount_minor, job.currency)

    @admin.action(description=_("Release unpaid jobs to the line"))
    def release(self, request: HttpRequest, chosen: QuerySet[Job]) -> None:
        released = sum(jobs.release(job) for job in chosen)
        dispatch.wake(released)
        self._tell(request, chosen)
        done = ngettext("%(n)d job released.", "%(n)d jobs released.", released) % {"n": released}
        (messages.success if released else messages.warning)(request, done)

    @admin.action(description=_("Cancel"))
    def cancel(self, request: HttpRequest, chosen: QuerySet[Job]) -> None:
        cancelled = sum(jobs.cancel(job) for job in chosen)
        self._tell(request, chosen)
        done = ngettext("%(n)d job cancelled.", "%(n)d jobs cancelled.", cancelled) % {"n": cancelled}
        (messages.success if cancelled else messages.warning)(request, done)

    def _tell(self, request: HttpRequest, chosen: QuerySet[Job]) -> None:
        for job in chosen:
            progress.forget(job.key)


@admin.register(Style)
class StyleAdmin(ModelAdmin):
    list_display = ("name", "key", "owner", "listed", "created_at")
    list_filter = ("listed",)
    search_fields = ("name", "key", "owner__email", "owner__handle")
    fields = ("name", "listed")
    list_select_related = ("owner",)

    def save_model(self, request: HttpRequest, obj: Style, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        showing.changed()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Upload)
class UploadAdmin(ModelAdmin):
    list_display = ("key", "owner", "width", "height", "created_at")
    search_fields = ("key", "owner__email", "owner__handle")
    list_select_related = ("owner",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
