"""THE GALLERY: the addresses of what people do with pictures and with each other."""

from django.urls import path, register_converter

from feed import me_views, notice_views, people_views, talk_views


class HandleConverter:
    """Wider than what may be chosen, so that no row makes a page with a link to its person fail."""

    regex = r"[^/\x00-\x1f\x7f]{1,30}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(HandleConverter, "handle")

urlpatterns = [
    path("p/<key:key>/like", talk_views.like, name="like"),
    path("p/<key:key>/unlike", talk_views.unlike, name="unlike"),
    path("p/<key:key>/comments", talk_views.say, name="say"),
    path("comments/<key:key>/remove", talk_views.remove, name="remove_comment"),
    path("people/<handle:handle>/", people_views.person, name="person"),
    path("people/<handle:handle>/styles/", people_views.styles, name="person_styles"),
    path("people/<handle:handle>/followers/", people_views.followers, name="followers"),
    path("people/<handle:handle>/following/", people_views.following, name="followed"),
    path("people/<handle:handle>/follow", talk_views.follow, name="follow"),
    path("people/<handle:handle>/unfollow", talk_views.unfollow, name="unfollow"),
    path("people/<handle:handle>/avatar-<int:side>.webp", people_views.avatar, name="avatar"),
    path("me/", me_views.profile, name="me"),
    path("me/avatar", me_views.avatar, name="change_avatar"),
    path("me/avatar/remove", me_views.remove_avatar, name="remove_avatar"),
    path("me/notices/", me_views.switches, name="switches"),
    path("notices/", notice_views.page, name="notices"),
]
