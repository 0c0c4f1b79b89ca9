"""THE GALLERY: liking, commenting and following, as forms; liking also for the script that spares the reload."""

from collections.abc import Callable
from typing import Final

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from feed import conversation, talk
from feed.models import Comment, Post
from feed.talk_forms import CommentForm
from people import guests, limits
from people.models import User
from stylize.models import Job

AT_THE_TALK: Final = "#talk"


@limits.at_most("like")
@require_POST
def like(request: HttpRequest, key: str) -> HttpResponse:
    return _like(request, key, talk.like, liked=True)


@limits.at_most("like")
@require_POST
def unlike(request: HttpRequest, key: str) -> HttpResponse:
    return _like(request, key, talk.unlike, liked=False)


def _like(request: HttpRequest, key: str, act: Callable[[Post, User], bool], *, liked: bool) -> HttpResponse:
    post = _talked_of(request, key)
    if not request.user.is_authenticated:
        return _sign_in(post)
    try:
        act(post, request.user)
    except talk.Gone as gone:
        raise Http404 from gone
    if request.headers.get("Accept") == "application/json":
        post.refresh_from_db(fields=["likes_count"])
        return JsonResponse({"liked": liked, "count": post.likes_count})
    return redirect(_at(post) + AT_THE_TALK)


@limits.at_most("comment")
@require_POST
def say(request: HttpRequest, key: str) -> HttpResponse:
    """A comment; whoever must sign in first finds the text in the form afterwards."""
    post, form = _talked_of(request, key), CommentForm(request.POST)
    if not request.user.is_authenticated:
        conversation.keep_draft(request, key, form.data.get("text", ""))
        return _sign_in(post)
    try:
        if form.is_valid():
            token = form.cleaned_data["form_token"]
            comment = talk.say(post, request.user, form.cleaned_data["text"], form_token=token)
            conversation.forget_draft(request, key)
            return redirect(conversation.address(comment, key))
    except talk.Gone as gone:
        raise Http404 from gone
    except talk.Taken:
        form.renew(_("This form was sent before. Look it over and send it again."))
    return render(request, "feed/comment.html", {"post": post, "job": post.job, "form": form}, status=400)


@require_POST
def remove(request: HttpRequest, key: str) -> HttpResponse:
    """By whoever wrote it, or whose picture it is about."""
    comment = get_object_or_404(Comment.objects.with_people(), key=key)
    if guests.owner(request) not in (comment.owner, comment.post.owner):
        raise Http404
    try:
        talk.remove(comment)
    except talk.Gone as gone:
        raise Http404 from gone
    return redirect(_at(comment.post) + AT_THE_TALK)


@limits.at_most("follow")
@require_POST
def follow(request: HttpRequest, handle: str) -> HttpResponse:
    return _follow(request, handle, talk.follow)


@limits.at_most("follow")
@require_POST
def unfollow(request: HttpRequest, handle: str) -> HttpResponse:
    return _follow(request, handle, talk.unfollow)


def _follow(request: HttpRequest, handle: str, act: Callable[[User, User], bool]) -> HttpResponse:
    person = get_object_or_404(User, handle=handle, is_active=True, is_guest=False)
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = reverse("feed:person", args=[handle])
    if not request.user.is_authenticated:
        return redirect_to_login(back)
    try:
        act(person, request.user)
    except talk.Gone as gone:
        raise Http404 from gone
    return redirect(back)


def _talked_of(request: HttpRequest, key: str) -> Post:
    """A picture that the visitor may see, and not for its owner alone."""
    shown = Post.objects.visible_to(guests.owner(request)).exclude(job__visibility=Job.Visibility.PRIVATE)
    return get_object_or_404(shown, job__key=key)


def _at(post: Post) -> str:
    return reverse("feed:post", args=[post.job.key])


def _sign_in(post: Post) -> HttpResponse:
    return redirect_to_login(_at(post) + AT_THE_TALK)
