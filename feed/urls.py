"""THE GALLERY: its addresses."""

from django.urls import path

from feed import atom, naming, style_views, views, walls

app_name = "feed"
urlpatterns = [
    path("", views.index, name="index"),
    path("best/<slug:span>/", walls.best, name="best"),
    path("following/", walls.following, name="following"),
    path("search/", walls.find, name="search"),
    path("tag/<str:tag>/", walls.tag, name="tag"),
    path("feed.atom", atom.newest, name="atom"),
    path("tag/<str:tag>/feed.atom", atom.of_a_tag, name="tag_atom"),
    path("people/<slug:handle>/feed.atom", atom.of_a_person, name="person_atom"),
    path("p/<key:key>/", views.post, name="post"),
    path("p/<key:key>/name", naming.name, name="name"),
    path("styles/", style_views.styles, name="styles"),
    path("styles/<key:key>/", style_views.style, name="style"),
]
