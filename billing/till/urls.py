"""THE DESK: the practice till's addresses."""

from django.conf import settings
from django.urls import path
from django.views.static import serve

from billing.till import api, controls, front, pages

app_name = "till"
urlpatterns = [
    path("", front.index),
    path("pay/<str:name>", pages.pay),
    path("static/<path:path>", serve, {"document_root": settings.BASE_DIR / "static"}),  # the site's look
    path("v1/<path:path>", api.door),
    path("till/", controls.here),
    path("till/trouble", controls.set_trouble),
    path("till/calm", controls.calm),
    path("till/empty", controls.empty),
    path("till/deliver", controls.deliver),
    path("till/deliveries", controls.deliveries),
    path("till/<str:kind>/<str:name>/<str:verb>", controls.play),
]
