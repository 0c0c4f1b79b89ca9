"""THE BENCH: its addresses."""

from django.urls import path

from stylize import views

app_name = "stylize"
urlpatterns = [
    path("paint/", views.create, name="create"),
    path("mine/", views.mine, name="mine"),
    path("jobs/<str:key>/", views.job, name="job"),
    path("jobs/<str:key>/cancel", views.cancel, name="cancel"),
    path("jobs/<str:key>/show", views.show, name="show"),
    path("jobs/<str:key>/delete", views.delete, name="delete"),
    path("watch/<str:token>", views.watch, name="watch"),
    path("watch/<str:token>/preview", views.preview, name="preview"),
    path("pictures/<str:key>/photo/<str:variant>", views.photo_file, name="photo_file"),
    path("pictures/<str:key>/style/<int:position>/<str:variant>", views.job_style_file, name="job_style_file"),
    path("pictures/<str:key>/<str:variant>", views.result_file, name="result_file"),
    path("styles/<str:key>/<str:variant>", views.style_file, name="style_file"),
    path("uploads/<str:key>/<str:variant>", views.upload_file, name="upload_file"),
]
