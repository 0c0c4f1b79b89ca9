"""THE GALLERY: its addresses."""

from django.urls import path

from feed import talk_urls, views

app_name = "feed"
urlpatterns = [
    path("", views.index, name="index"),
    path("p/<key:key>/", views.post, name="post"),
    *talk_urls.urlpatterns,
]
