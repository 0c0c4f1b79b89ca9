"""THE BENCH: its addresses."""

from django.urls import path, register_converter

from stylize import addresses, filter_views, hand, parcel_views, proof_pages, staff, views

register_converter(addresses.KeyConverter, "key")
register_converter(addresses.TokenConverter, "token")

app_name = "stylize"
urlpatterns = [
    path("paint/", views.create, name="create"),
    path("staff/", staff.desk, name="staff"),
    path("staff/<key:key>/retry", staff.retry, name="staff_retry"),
    path("staff/<key:key>/cancel", staff.cancel, name="staff_cancel"),
    path("account/data/", parcel_views.page, name="data"),
    path("account/data/<key:key>.zip", parcel_views.file, name="data_file"),
    path("mine/", views.mine, name="mine"),
    path("jobs/<key:key>/", views.job, name="job"),
    path("jobs/<key:key>/cancel", views.cancel, name="cancel"),
    path("jobs/<key:key>/show", views.show, name="show"),
    path("jobs/<key:key>/delete", views.delete, name="delete"),
    path("jobs/<key:key>/order", proof_pages.order, name="order_proof"),
    path("jobs/<key:key>/end", hand.end, name="end"),
    path("jobs/<key:key>/choose", hand.choose, name="choose"),
    path("jobs/<key:key>/again", hand.again, name="again"),
    path("jobs/<key:key>/on", hand.on, name="on"),
    path("jobs/<key:key>/frames/<int:iteration>/<str:variant>", hand.frame_file, name="frame_file"),
    path("watch/<token:token>", views.watch, name="watch"),
    path("watch/<token:token>/preview", views.preview, name="preview"),
    path("pictures/<key:key>/photo/<str:variant>", views.photo_file, name="photo_file"),
    path("pictures/<key:key>/style/<int:position>/<str:variant>", views.job_style_file, name="job_style_file"),
    path("pictures/<key:key>/proof/<int:number>.webp", proof_pages.proof_file, name="proof_file"),
    path("pictures/<key:key>/<str:variant>", views.result_file, name="result_file"),
    path("styles/mine/", filter_views.mine, name="filters"),
    path("styles/new/", filter_views.save, name="filter_save"),
    path("styles/mine/<key:key>/", filter_views.change, name="filter"),
    path("styles/mine/<key:key>/delete", filter_views.delete, name="filter_delete"),
    path("styles/<key:key>/<str:variant>", views.style_file, name="style_file"),
    path("uploads/<key:key>/<str:variant>", views.upload_file, name="upload_file"),
    path("masks/<key:key>.png", views.mask_file, name="mask_file"),
]
