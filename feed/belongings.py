"""THE GALLERY: what of a person's data is kept here, for export: posts, likes, comments, follows, reports made."""

from collections.abc import Iterator

from django.db.models import F

from feed.models import Comment, Follow, Like, Post, Report
from people.export import Sheet
from people.models import User


def of(person: User) -> Iterator[Sheet]:
    posts = Post.objects.filter(owner=person).order_by("id").values(
        "title", "tags", "created_at", "likes_count", "comments_count", picture=F("job__key")
    )  # fmt: skip
    yield Sheet("posts.json", posts.iterator())
    likes = Like.objects.filter(owner=person).order_by("id").values_list("post__job__key", "at")
    yield Sheet("likes.json", ({"picture": key, "at": at} for key, at in likes.iterator()))
    comments = Comment.objects.filter(owner=person).order_by("id").values_list("key", "post__job__key", "text", "at")
    yield Sheet(
        "comments.json",
        ({"key": key, "picture": picture, "text": text, "at": at} for key, picture, text, at in comments.iterator()),
    )
    follows = Follow.objects.filter(owner=person).order_by("id").values_list("followed__handle", "at")
    yield Sheet("follows.json", ({"handle": handle, "at": at} for handle, at in follows.iterator()))
    followers = Follow.objects.filter(followed=person).order_by("id").values_list("owner__handle", "at")
    yield Sheet("followers.json", ({"handle": handle, "at": at} for handle, at in followers.iterator()))
    made = Report.objects.filter(owner=person).order_by("id")
    columns = ("picture_key", "of_comment", "reason", "words", "at", "outcome", "closed_at")
    yield Sheet("reports.json", made.values(*columns).iterator())
