"""THE DESK: its addresses."""

from django.urls import path

from billing import canvas_views, money, staff, views, webhooks

app_name = "billing"
urlpatterns = [
    path("jobs/<key:key>/pay", views.pay, name="pay"),
    path("payments/", views.mine, name="mine"),
    path("payments/<key:key>/", views.receipt, name="receipt"),
    path("payments/<key:key>/back", views.back, name="back"),
    path("canvas-orders/<key:key>/", canvas_views.order, name="canvas"),
    path("staff/money/", money.page, name="staff_money"),
    path("staff/payments/", staff.index, name="staff"),
    path("staff/payments.csv", staff.ledger_file, name="staff_ledger"),
    path("staff/payments/<key:key>/", staff.payment, name="staff_payment"),
    path("staff/payments/<key:key>/refund", staff.refund, name="staff_refund"),
    path("staff/payments/<key:key>/ask", staff.ask, name="staff_ask"),
    path("staff/payments/<key:key>/seen", staff.seen, name="staff_seen"),
    path("stripe/webhook", webhooks.stripe, name="webhook"),
]
