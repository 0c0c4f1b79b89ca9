"""THE DESK: its addresses."""

from django.urls import path

from billing import canvas_proofs, canvas_staff, canvas_views, choosing, money, staff, views, webhooks

app_name = "billing"
urlpatterns = [
    path("jobs/<key:key>/pay", views.pay, name="pay"),
    path("payments/", views.mine, name="mine"),
    path("payments/<key:key>/", views.receipt, name="receipt"),
    path("payments/<key:key>/back", views.back, name="back"),
    path("canvas/<key:key>/", choosing.choose, name="choose"),
    path("canvas/<key:key>/proof", canvas_proofs.order, name="order_proof"),
    path("canvas-proofs/<key:key>/", canvas_proofs.proof, name="proof"),
    path("canvas-proofs/<key:key>/cancel", canvas_proofs.cancel, name="cancel_proof"),
    path("canvas-proofs/<key:key>/middle.png", canvas_proofs.file, name="proof_file"),
    path("canvases/", canvas_views.mine, name="canvases"),
    path("canvas-orders/<key:key>/", canvas_views.order, name="canvas"),
    path("canvas-orders/<key:key>/pay", canvas_views.pay, name="pay_canvas"),
    path("canvas-orders/<key:key>/cancel", canvas_views.cancel, name="cancel_canvas"),
    path("staff/money/", money.page, name="staff_money"),
    path("staff/payments/", staff.index, name="staff"),
    path("staff/payments.csv", staff.ledger_file, name="staff_ledger"),
    path("staff/payments/<key:key>/", staff.payment, name="staff_payment"),
    path("staff/payments/<key:key>/refund", staff.refund, name="staff_refund"),
    path("staff/payments/<key:key>/ask", staff.ask, name="staff_ask"),
    path("staff/payments/<key:key>/seen", staff.seen, name="staff_seen"),
    path("staff/canvases/", canvas_staff.index, name="staff_canvases"),
    path("staff/canvases/<key:key>/", canvas_staff.order, name="staff_canvas"),
    path("staff/canvases/<key:key>/print.jpg", canvas_staff.file, name="staff_canvas_file"),
    path("staff/canvases/<key:key>/picture.jpg", canvas_staff.picture, name="staff_canvas_picture"),
    path("staff/canvases/<key:key>/slip.pdf", canvas_staff.slip, name="staff_canvas_slip"),
    path("staff/canvases/<key:key>/produce", canvas_staff.produce, name="staff_canvas_produce"),
    path("staff/canvases/<key:key>/ship", canvas_staff.ship, name="staff_canvas_ship"),
    path("staff/canvases/<key:key>/deliver", canvas_staff.deliver, name="staff_canvas_deliver"),
    path("staff/canvases/<key:key>/end", canvas_staff.end, name="staff_canvas_end"),
    path("staff/canvases/<key:key>/repaint", canvas_staff.repaint, name="staff_canvas_repaint"),
    path("staff/canvases/<key:key>/note", canvas_staff.note, name="staff_canvas_note"),
    path("stripe/webhook", webhooks.stripe, name="webhook"),
]
