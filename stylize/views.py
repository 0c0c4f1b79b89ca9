"""THE BENCH: the pages to create, to watch and to keep pictures."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from people import guests
from stylize import dispatch, forms, housekeeping, jobs, offers, pictures, progress, watching
from stylize.models import Job, Style, Upload

PAGE = 24


@never_cache  # a form brought back by the back button would name the order before it
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """The page to create: form → job → its page; with anything wrong the form again, nothing good lost."""
    owner = guests.owner(request)
    make_owner = lambda: guests.owner_or_new_guest(request)  # noqa: E731
    if request.method == "GET":
        form = forms.PaintForm(initial=_first_choices(request, owner), owner=owner, make_owner=make_owner)
        form.kept_photo = Upload.objects.owned_by(owner).filter(key=request.GET.get("photo", "")).first()
        form.kept_style = Style.objects.usable_by(owner).filter(key=request.GET.get("style", "")).first()
        return _create_page(request, form, status=200)
    form = forms.PaintForm(request.POST, request.FILES, owner=owner, make_owner=make_owner)
    try:
        if not form.is_valid():
            return _create_page(request, form, status=400)
        assert form.owner  # whoever has a kept photo has an owner
        job = jobs.submit(form.owner, form.order())
    except jobs.TooManyJobs as refusal:
        form.add_error(None, str(refusal))
        return _create_page(request, form, status=429)
    except pictures.StorageError as trouble:
        form.add_error(None, str(trouble))
        return _create_page(request, form, status=503)
    dispatch.wake()
    return redirect("stylize:job", job.key)


@require_GET
def job(request: HttpRequest, key: str) -> HttpResponse:
    """One's own job: growing, or done."""
    found = _own_job(request, key)
    return render(request, "stylize/job.html", watching.page(found))


@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    own = Job.objects.owned_by(guests.owner(request)).with_pictures().order_by("-id")
    before = request.GET.get("before", "")
    if before.isdigit():
        own = own.filter(pk__lt=int(before))
    page = list(own[: PAGE + 1])
    older = page[PAGE - 1].pk if len(page) > PAGE else None
    return render(request, "stylize/mine.html", {"jobs": page[:PAGE], "older": older})


@require_GET
def watch(request: HttpRequest, token: str) -> HttpResponse:
    """The short poll: a signed token, one read of Redis, no query while the kiln speaks. 304 when nothing is new."""
    key = progress.key_of(token)
    if key is None:
        raise Http404
    return watching.answer(request, key)


@require_GET
def preview(request: HttpRequest, token: str) -> HttpResponse:
    key = progress.key_of(token)
    picture = progress.preview(key) if key else None
    if picture is None:
        raise Http404
    return HttpResponse(picture, content_type="image/webp", headers={"Cache-Control": "private, max-age=60"})


@require_POST
def cancel(request: HttpRequest, key: str) -> HttpResponse:
    found = _own_job(request, key)
    if jobs.cancel(found):
        progress.forget(found.key)
        messages.success(request, _("Cancelled."))
    else:
        messages.info(request, _("It was finished already."))
    return redirect("stylize:job", key)


@require_POST
def show(request: HttpRequest, key: str) -> HttpResponse:
    """Change who may see a picture and its photo."""
    found = _own_job(request, key)
    form = forms.VisibilityForm(request.POST)
    if form.is_valid():
        Job.objects.filter(pk=found.pk).update(**form.cleaned_data)
        messages.success(request, _("Saved."))
    else:
        messages.error(request, _("Choose one of the three ways to show it."))
    return redirect("stylize:job", key)


@require_POST
def delete(request: HttpRequest, key: str) -> HttpResponse:
    found = _own_job(request, key)
    jobs.cancel(found)
    housekeeping.delete_job(found)
    progress.forget(key)
    messages.success(request, _("The picture and its files are deleted."))
    return redirect("stylize:mine")


# Files ---------------------------------------------------------------------------------------------------------------


@require_GET
def result_file(request: HttpRequest, key: str, variant: str) -> HttpResponseBase:
    """A painting's file, for whoever may see the painting; `?download` offers it under a readable name."""
    found = get_object_or_404(Job.objects.visible_to(guests.owner(request)), key=key, status=Job.Status.DONE)
    kind = pictures.RESULT_VARIANTS.get(variant)
    if kind is None:
        raise Http404
    name = pictures.download_name(found, kind) if "download" in request.GET else ""
    return pictures.serve(found.result, kind, public=found.is_public, download_as=name)


@require_GET
def photo_file(request: HttpRequest, key: str, variant: str) -> HttpResponseBase:
    """The photo of a job: for its owner, and for others where the owner shows it."""
    owner = guests.owner(request)
    found = get_object_or_404(Job.objects.visible_to(owner).select_related("photo"), key=key)
    if found.owner != owner and not found.show_photo:
        raise Http404
    return _upload_file(found.photo, variant, public=found.show_photo and found.is_public)


@require_GET
def job_style_file(request: HttpRequest, key: str, position: int, variant: str) -> HttpResponseBase:
    """A style image of a job, for whoever may see the job; `position` counts its styles from 0."""
    found = get_object_or_404(Job.objects.visible_to(guests.owner(request)).with_pictures(), key=key)
    links = found.style_links.all()
    if position >= len(links):
        raise Http404
    return _upload_file(links[position].style.image, variant, public=found.is_public)


@require_GET
def style_file(request: HttpRequest, key: str, variant: str) -> HttpResponseBase:
    """A style image that one may paint with: of the gallery, one's own, or of a public picture."""
    found = get_object_or_404(Style.objects.usable_by(guests.owner(request)), key=key)
    return _upload_file(found.image, variant, public=found.listed)


@require_GET
def upload_file(request: HttpRequest, key: str, variant: str) -> HttpResponseBase:
    """A picture that its owner has already chosen."""
    found = get_object_or_404(Upload.objects.owned_by(guests.owner(request)), key=key)
    return _upload_file(found, variant, public=False)


def _upload_file(upload: Upload, variant: str, *, public: bool) -> HttpResponseBase:
    kind = pictures.UPLOAD_VARIANTS.get(variant)
    if kind is None:
        raise Http404
    return pictures.serve(upload.file, kind, public=public)


def _own_job(request: HttpRequest, key: str) -> Job:
    return get_object_or_404(Job.objects.owned_by(guests.owner(request)).with_pictures(), key=key)


def _first_choices(request: HttpRequest, owner: Any) -> dict[str, Any]:
    return {
        "tier": "free",
        "visibility": Job.Visibility.PUBLIC,
        "show_photo": bool(owner and not owner.is_guest),
        "form_token": forms.new_token(),
    }


def _create_page(request: HttpRequest, form: forms.PaintForm, *, status: int) -> HttpResponse:
    styles = Style.objects.for_gallery()
    context = {"form": form, "styles": styles, "offers": offers.all_tiers(form.owner)}
    return render(request, "stylize/create.html", context, status=status)
