"""THE DESK: its addresses."""

from django.urls import path

from billing import canvas_views, views, webhooks

app_name = "billing"
urlpatterns = [
    path("jobs/<key:key>/pay", views.pay, name="pay"),
    path("payments/", views.mine, name="mine"),
    path("payments/<key:key>/", views.receipt, name="receipt"),
    path("payments/<key:key>/back", views.back, name="back"),
    path("canvas-orders/<key:key>/", canvas_views.order, name="canvas"),
    path("stripe/webhook", webhooks.stripe, name="webhook"),
]
