"""THE GALLERY: its addresses."""

from django.urls import path

from feed import style_views, views

app_name = "feed"
urlpatterns = [
    path("", views.index, name="index"),
    path("p/<key:key>/", views.post, name="post"),
    path("styles/", style_views.styles, name="styles"),
    path("styles/<key:key>/", style_views.style, name="style"),
]
