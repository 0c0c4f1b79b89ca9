"""THE DOOR: staff see who is who."""

from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from people.models import User

for needless in (
    EmailAddress,
    EmailConfirmation,
    SocialAccount,
    SocialApp,
    SocialToken,
    Group,
):  # theirs, of no use here
    if admin.site.is_registered(needless):
        admin.site.unregister(needless)


@admin.register(User)
class UserAdmin(ModelAdmin):
    list_display = ("handle", "email", "is_guest", "is_staff", "is_active", "created_at")
    list_filter = ("is_guest", "is_staff", "is_active")
    search_fields = ("email", "handle")
    fields = (
        "email",
        "handle",
        "language",
        "mail_when_done",
        "is_active",
        "is_staff",
        "is_superuser",
        "last_login",
        "created_at",
    )
    readonly_fields = ("last_login", "created_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # people sign up themselves

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
