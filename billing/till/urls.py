"""THE DESK: the practice till's addresses."""

from django.urls import path

from billing.till import api, controls

app_name = "till"
urlpatterns = [
    path("v1/<path:path>", api.door),
    path("till/", controls.here),
    path("till/trouble", controls.set_trouble),
    path("till/calm", controls.calm),
    path("till/empty", controls.empty),
    path("till/deliver", controls.deliver),
    path("till/deliveries", controls.deliveries),
    path("till/<str:kind>/<str:name>/<str:verb>", controls.play),
]
