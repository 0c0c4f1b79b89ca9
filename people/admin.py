"""THE DOOR: staff see who is who."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from people.models import User


@admin.register(User)
class UserAdmin(ModelAdmin):
    list_display = ("handle", "email", "is_guest", "is_staff", "is_active", "created_at")
    list_filter = ("is_guest", "is_staff", "is_active")
    search_fields = ("email", "handle")
    fields = ("email", "handle", "is_active", "is_staff", "is_superuser", "groups", "last_login", "created_at")
    readonly_fields = ("last_login", "created_at")
    filter_horizontal = ("groups",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # people sign up themselves

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
