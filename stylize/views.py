"""THE BENCH: the pages to create, to watch and to keep pictures."""

from datetime import datetime
from functools import partial

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from people import guests, limits, notices
from stylize import (
    addresses,
    beginning,
    dispatch,
    exposure,
    filters,
    forms,
    hand,
    housekeeping,
    intake,
    jobs,
    line,
    offers,
    pictures,
    progress,
    proof_pages,
    runs,
    tiers,
    trail,
    watching,
)
from stylize.models import Job, Mask, Style, Upload

PAGE = 24


@never_cache  # a form brought back by the back button would name the order before it
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """The page to create: form → job → its page; with anything wrong the form again, nothing good lost."""
    if request.method != "POST":
        return _create_page(request, beginning.form(request), status=200)
    job = _sent_before(request)
    if job is None:
        form = _sent_form(request)
        try:
            job = _submit(request, form)
        except _Refused as refusal:
            if form.owner:
                intake.tidy(form.owner)
            answer = _create_page(request, form, status=refusal.answer, back_at=refusal.back_at)
            return _with_wait(answer, refusal.wait_s)
        dispatch.wake()
    return redirect("stylize:job", job.key)


@require_safe
def job(request: HttpRequest, key: str) -> HttpResponse:
    """One's own job: growing, or done. A link to it that its owner passed on leads others to what they may see."""
    found = Job.objects.with_pages().owned_by(guests.owner(request)).with_pictures().filter(key=key).first()
    if found is None:
        get_object_or_404(Job.objects.with_pages().visible_to(guests.owner(request)), key=key)
        return redirect("feed:post", key)
    if found.is_proof and found.status == Job.Status.DONE:
        return proof_pages.page(request, found)
    if found.status in (Job.Status.DONE, Job.Status.FAILED):
        notices.seen_picture(found.owner, found.key)
    return render(request, "stylize/job.html", watching.page(found) | hand.on_page(found))


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    own = Job.objects.with_pages().owned_by(guests.owner(request)).with_pictures().order_by("-id")
    before = addresses.before(request)
    if before is not None:
        own = own.filter(pk__lt=before)
    page = list(own[: PAGE + 1])
    older = page[PAGE - 1].pk if len(page) > PAGE else None
    return render(request, "stylize/mine.html", {"jobs": page[:PAGE], "older": older, "is_first": before is None})


@require_safe
def watch(request: HttpRequest, token: str) -> HttpResponse:
    """The short poll: a signed token, one read of Redis, no query while the kiln speaks. 304 when nothing is new."""
    key = progress.key_of(token)
    if key is None:
        raise Http404
    return watching.answer(request, key)


@require_safe
def preview(request: HttpRequest, token: str) -> HttpResponse:
    key = progress.key_of(token)
    picture = progress.preview(key) if key else None
    if picture is None:
        raise Http404
    return HttpResponse(picture, content_type="image/webp", headers={"Cache-Control": "private, max-age=60"})


@require_POST
def cancel(request: HttpRequest, key: str) -> HttpResponse:
    found = _own_job(request, key)
    if jobs.cancel(found, seen=progress.iteration(found.key)):
        runs.clear(found)
        progress.forget(found.key)
        messages.success(request, _("Cancelled."))
    else:
        messages.info(request, _("It was finished already."))
    return redirect("stylize:job", key)


@require_POST
def show(request: HttpRequest, key: str) -> HttpResponse:
    """Change who may see a picture and its photo."""
    found = _own_job(request, key)
    if found.is_proof:
        raise Http404
    form = forms.VisibilityForm(request.POST)
    if form.is_valid():
        if exposure.show(found, **form.cleaned_data):
            messages.success(request, _("Saved."))
        else:
            messages.error(request, _("This picture was taken down by our staff. It stays private."))
    else:
        messages.error(request, _("Choose one of the three ways to show it."))
    return redirect("stylize:job", key)


@require_POST
def delete(request: HttpRequest, key: str) -> HttpResponse:
    found = _own_job(request, key)
    jobs.cancel(found, seen=progress.iteration(key))
    try:
        housekeeping.delete_job(found)
    except pictures.StorageError as trouble:  # a print on its way needs a copy
        messages.error(request, str(trouble))
        return redirect("stylize:job", key)
    progress.forget(key)
    messages.success(request, _("The picture and its files are deleted."))
    return redirect("stylize:mine")


# Files ---------------------------------------------------------------------------------------------------------------


@require_safe
def result_file(request: HttpRequest, key: str, variant: str) -> HttpResponseBase:
    """A painting's file, for whoever may see the painting; `?download` offers it under a readable name."""
    found = get_object_or_404(Job.objects.visible_to(guests.owner(request)), key=key, status=Job.Status.DONE)
    kind = pictures.RESULT_VARIANTS.get(variant)
    if kind is None or (kind is pictures.SHARE and not found.is_public) or not addresses.names_result(request, found):
        raise Http404
    name = pictures.download_name(found, kind) if "download" in request.GET else ""
    return pictures.serve(found.result, kind, public=found.is_public, download_as=name)


@require_safe
def photo_file(request: HttpRequest, key: str, variant: str) -> HttpResponseBase:
    """The photo of a job as it is framed: for its owner, and for others where the owner shows it."""
    owner = guests.owner(request)
    found = get_object_or_404(Job.objects.with_pages().visible_to(owner).select_related("photo"), key=key)
    if found.owner != owner and not found.show_photo:
        raise Http404
    return _small_copy(found.photo_files, variant, public=found.show_photo and found.is_public)


@require_safe
def job_style_file(request: HttpRequest, key: str, position: int, variant: str) -> HttpResponseBase:
    """A style image of a job, for whoever may see the job; `position` counts its styles from 0."""
    found = get_object_or_404(Job.objects.with_pages().visible_to(guests.owner(request)).with_pictures(), key=key)
    links = found.style_links.all()
    if position >= len(links):
        raise Http404
    return _small_copy(links[position].style.image.file, variant, public=found.is_public)


@require_safe
def style_file(request: HttpRequest, key: str, variant: str) -> HttpResponseBase:
    """A style image that one may paint with: of the gallery, one's own, or of a public picture."""
    found = get_object_or_404(Style.objects.usable_by(guests.owner(request)), key=key)
    return _small_copy(found.image.file, variant, public=found.listed)


@require_safe
def upload_file(request: HttpRequest, key: str, variant: str) -> HttpResponseBase:
    """A picture that its owner has already chosen."""
    found = get_object_or_404(Upload.objects.owned_by(guests.owner(request)), key=key)
    return _small_copy(found.file, variant, public=False)


@require_safe
def mask_file(request: HttpRequest, key: str) -> HttpResponseBase:
    """A mask that its owner has painted or chosen."""
    found = get_object_or_404(Mask.objects.owned_by(guests.owner(request)), key=key)
    return pictures.serve(found.file, pictures.MASK, public=False)


def _small_copy(name: str, variant: str, *, public: bool) -> HttpResponseBase:
    kind = pictures.UPLOAD_VARIANTS.get(variant)
    if kind is None:
        raise Http404
    return pictures.serve(name, kind, public=public)


def _own_job(request: HttpRequest, key: str) -> Job:
    found = get_object_or_404(Job.objects.with_pages().owned_by(guests.owner(request)).with_pictures(), key=key)
    trail.bind(found.key)
    return found


# The page to create -------------------------------------------------------------------------------------------------


class _Refused(Exception):
    """The form says why."""

    def __init__(self, status: int, back_at: datetime | None = None, wait_s: int = 0) -> None:
        super().__init__(status)
        self.answer, self.back_at, self.wait_s = status, back_at, wait_s


def _submit(request: HttpRequest, form: forms.PaintForm) -> Job:
    try:
        is_valid = form.is_valid()
        if request.FILES and not form.files:
            form.add_error(
                None, _("You have sent many pictures within a minute. Wait a little, and choose them again.")
            )
            raise _Refused(429, wait_s=limits.retry_after_s("upload"))
        if not is_valid:
            raise _Refused(400)
        assert form.owner  # whoever has a kept photo has an owner
        return intake.submit(form.owner, form.order())
    except jobs.LineTooLong as refusal:
        form.add_error(None, str(refusal))
        raise _Refused(503, refusal.back_at) from refusal
    except jobs.TooManyJobs as refusal:
        form.add_error(None, str(refusal))
        raise _Refused(429) from refusal
    except pictures.StorageError as trouble:
        form.add_error(None, str(trouble))
        raise _Refused(503) from trouble
    except jobs.Conflict as conflict:
        if form.is_newcomers:
            guests.forget(request)  # the other click of a double click has made the guest that counts
        earlier = _sent_before(request)
        if earlier:
            return earlier
        form.renew(_("Something of yours changed while this was being sent. Please look it over and send it again."))
        raise _Refused(409) from conflict


def _sent_before(request: HttpRequest) -> Job | None:
    """The job that this very form has made already: a double click, a reload, a lost answer.

    The first click of a newcomer may have made a guest whose cookie never arrived; the form's token is proof enough.
    """
    earlier = jobs.made_by_form(request.POST.get("form_token", ""))
    if earlier is None or guests.act_as(request, earlier.owner):
        return earlier
    return None


def _sent_form(request: HttpRequest) -> forms.PaintForm:
    """Without the files of whoever sends too many of them: reading pictures is what costs."""
    owner, make_owner = guests.owner(request), partial(guests.owner_or_new_guest, request)
    files = request.FILES if not request.FILES or limits.allows(request, "upload", owner) else None
    return forms.PaintForm(request.POST, files, owner=owner, make_owner=make_owner)


def _with_wait(answer: HttpResponse, wait_s: int) -> HttpResponse:
    if wait_s:
        answer.headers["Retry-After"] = str(wait_s)
    return answer


def _create_page(
    request: HttpRequest, form: forms.PaintForm, *, status: int, back_at: datetime | None = None
) -> HttpResponse:
    last = line.last_rank(form.owner)
    offered = offers.all_tiers(form.owner, asked=form["iterations"].value(), last=last)
    closed = offers.closed(offered, refused_until=back_at)
    context = {
        "form": form, "styles": Style.objects.for_gallery(), "offers": offered, "closed": closed,
        **filters.offered(form.owner),
        "proofs": offers.of(form.owner, tiers.PROOF, tiers.PROOF.usual, last=last),
    }  # fmt: skip
    answer = render(request, "stylize/create.html", context, status=status)
    if back_at and closed:
        answer.headers["Retry-After"] = str(closed.retry_after_s)
    return answer
