"""THE GALLERY: the pages on which anybody reports a picture or a comment."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from feed import moderation
from feed.models import Comment, Post
from feed.report_forms import ReportForm
from people import guests, limits


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limits.at_most("report")
def picture(request: HttpRequest, key: str) -> HttpResponse:
    found = get_object_or_404(Post.objects.visible_to(guests.owner(request)), job__key=key)
    return _page(request, found, None)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limits.at_most("report")
def comment(request: HttpRequest, key: str) -> HttpResponse:
    seen = Post.objects.visible_to(guests.owner(request)).values("pk")
    found = get_object_or_404(Comment.objects.select_related("owner").filter(post__in=seen), key=key)
    return _page(request, Post.objects.with_pictures().get(pk=found.post_id), found)


def _page(request: HttpRequest, post: Post, comment: Comment | None) -> HttpResponse:
    if request.method != "POST":
        return _form(request, ReportForm(), post, comment, status=200)
    form = ReportForm(request.POST)
    if not form.is_valid():
        return _form(request, form, post, comment, status=400)
    if moderation.report(post, guests.owner(request), form.complaint, comment=comment):
        messages.success(request, _("Thank you. Our staff will look at it."))
    else:
        messages.info(request, _("You have reported this already. Thank you; our staff will look at it."))
    return redirect("feed:post", post.job.key)


def _form(
    request: HttpRequest, form: ReportForm, post: Post, comment: Comment | None, *, status: int
) -> HttpResponse:  # fmt: skip
    context = {"form": form, "post": post, "job": post.job, "comment": comment}
    return render(request, "feed/report.html", context, status=status)
