"""THE GALLERY: its form for a picture's title and tags, for pages of the floor below."""

from typing import Any

from django import template
from django.template import Context

from feed import naming
from feed.models import Post
from stylize.models import Job

register = template.Library()


@register.inclusion_tag("feed/name.html", takes_context=True)
def name_form(context: Context, job: Job) -> dict[str, Any]:
    """Nothing where the picture does not hang."""
    post = Post.objects.filter(job=job).first()
    form = naming.form_for(post) if post else None
    return {"form": form, "job": job, "csrf_token": context.get("csrf_token"), "request": context.get("request")}
