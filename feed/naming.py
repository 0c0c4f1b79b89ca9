"""THE GALLERY: what its owner calls a picture: a title and tags."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from feed import posts, tags, telling
from feed.models import Post
from people import guests


class NameForm(forms.Form):
    title = forms.CharField(required=False, max_length=80, label=gettext_lazy("Title"))
    tags = forms.CharField(
        required=False, max_length=200, label=gettext_lazy("Tags"),
        help_text=gettext_lazy("Up to five words with spaces between: letters, digits and hyphens."),
    )  # fmt: skip

    def clean_title(self) -> str:
        return telling.plain(self.cleaned_data["title"])

    def clean_tags(self) -> list[str]:
        chosen = tags.split(self.cleaned_data["tags"])
        for word in chosen:
            if not tags.is_tag(word):
                wanted = _("“%(word)s” is no tag: use up to %(most)d letters, digits and hyphens.")
                raise forms.ValidationError(wanted % {"word": word, "most": tags.LONGEST}, code="no_tag")
        if len(chosen) > tags.MOST:
            raise forms.ValidationError(_("Choose at most %(most)d tags.") % {"most": tags.MOST}, code="too_many")
        return chosen


def form_for(post: Post, data: Any = None) -> NameForm:
    return NameForm(data, initial={"title": post.title, "tags": tags.written(post.tags)}, auto_id="name_%s")


@require_POST
def name(request: HttpRequest, key: str) -> HttpResponse:
    """From the picture's own page; with anything wrong the form again, nothing lost."""
    own = Post.objects.on_the_wall().filter(owner=guests.owner(request), owner__isnull=False)
    found = get_object_or_404(own, job__key=key)
    form = form_for(found, request.POST)
    if not form.is_valid():
        return render(request, "feed/name_page.html", {"form": form, "job": found.job}, status=400)
    posts.describe(found, form.cleaned_data["title"], form.cleaned_data["tags"])
    messages.success(request, _("Saved."))
    return redirect("stylize:job", key)
