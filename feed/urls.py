"""THE GALLERY: its addresses."""

from django.urls import path

from feed import atom, naming, report_views, staff_views, style_views, talk_urls, views, walls

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
    path("p/<key:key>/report", report_views.picture, name="report"),
    path("comments/<key:key>/report", report_views.comment, name="report_comment"),
    path("staff/reports/", staff_views.reports, name="staff_reports"),
    path("staff/acts/", staff_views.acts, name="staff_acts"),
    path("staff/pictures/<key:key>/", staff_views.affair, name="staff_picture"),
    path("staff/pictures/<key:key>/<str:what>/<int:number>.webp", staff_views.file, name="staff_file"),
    path("staff/pictures/<key:key>/take-down", staff_views.take_down, name="staff_take_down"),
    path("staff/pictures/<key:key>/put-back", staff_views.put_back, name="staff_put_back"),
    path("staff/pictures/<key:key>/keep", staff_views.keep, name="staff_keep"),
    path("staff/comments/<key:key>/remove", staff_views.remove_comment, name="staff_remove_comment"),
    path("staff/comments/<key:key>/keep", staff_views.keep_comment, name="staff_keep_comment"),
    path("staff/styles/<key:key>/", staff_views.style, name="staff_style"),
    path("staff/styles/<key:key>/card.webp", staff_views.style_file, name="staff_style_file"),
    *talk_urls.urlpatterns,
]
