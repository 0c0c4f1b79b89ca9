"""THE GALLERY: the comments under a picture, oldest first, and the one that is just being written."""

import uuid
from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest
from django.urls import reverse

from feed.models import Comment, Post
from feed.talk_forms import MOST, CommentForm
from stylize import addresses

PAGE: Final = 24
DRAFT: Final = "draft"  # in the session: the picture's key, and a text that waits for its writer to sign in


@dataclass(frozen=True)
class Page:
    comments: list[Comment]
    is_first: bool
    later: int | None  # where the next page begins
    form: CommentForm


def page(request: HttpRequest, post: Post) -> Page:
    """The comments that this address shows."""
    after = addresses.after(request)
    found = list(Comment.objects.under(post, after=after)[: PAGE + 1])
    later = found[PAGE - 1].pk if len(found) > PAGE else None
    return Page(found[:PAGE], after is None, later, _form(request, post.job.key))


def address(comment: Comment, key: str) -> str:
    """Where a comment that has just been written can be seen: at the end of a page."""
    earlier = (
        Comment.objects.filter(post=comment.post_id, pk__lt=comment.pk).order_by("-pk").values_list("pk", flat=True)
    )
    first = next(iter(earlier[PAGE - 1 : PAGE]), None)
    begin = f"?after={first}" if first else ""
    return f"{reverse('feed:post', args=[key])}{begin}#comment-{comment.key}"


def keep_draft(request: HttpRequest, key: str, text: str) -> None:
    request.session[DRAFT] = {"key": key, "text": text[: 2 * MOST].replace("\0", "")}


def forget_draft(request: HttpRequest, key: str) -> None:
    if request.session.get(DRAFT, {}).get("key") == key:
        del request.session[DRAFT]


def _form(request: HttpRequest, key: str) -> CommentForm:
    draft = request.session.get(DRAFT, {})
    text = draft.get("text", "") if draft.get("key") == key else ""
    return CommentForm(initial={"text": text, "form_token": uuid.uuid4()})
