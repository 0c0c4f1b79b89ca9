"""THE BENCH: the owner's hand on a job: take it now, choose a frame, go on, try again."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from people import guests
from stylize import dispatch, forms, frames, intake, jobs, keepsakes, pictures, progress, repeats, runs
from stylize.models import Frame, Job


def on_page(job: Job) -> dict[str, Any]:
    """What the job's page needs for its owner to take it in hand."""
    return {"frames": frames.strip(job), "further": repeats.further(job), "form_token": forms.new_token()}


@require_POST
def end(request: HttpRequest, key: str) -> HttpResponse:
    """Take what is there."""
    found = _own_job(request, key)
    told = progress.read(key)
    if not runs.want_end(found):
        messages.info(request, _("It is not being painted just now."))
    elif told and told.phase == "paint":
        messages.success(request, _("It is finished with what is there. A moment, please."))
    else:
        messages.success(request, _("It is still being laid out. As soon as it has its full size, it is finished."))
    return redirect("stylize:job", key)


@require_POST
def choose(request: HttpRequest, key: str) -> HttpResponse:
    """Make a frame the result."""
    found = _own_job(request, key)
    frame = _frame(found, request.POST.get("iteration", ""))
    try:
        if frames.choose(found, frame):
            messages.success(request, _("This is the picture now, wherever it is shown."))
        else:
            messages.info(request, _("It was changed in another window. Look it over and choose again."))
    except frames.Gone:
        messages.error(request, _("This moment of the painting is not there any more."))
    except pictures.StorageError as trouble:
        messages.error(request, str(trouble))
    return redirect("stylize:job", key)


@require_POST
def again(request: HttpRequest, key: str) -> HttpResponse:
    """Order the same once more, after a failure or a change of mind."""
    found = _own_job(request, key)
    if found.status not in (Job.Status.FAILED, Job.Status.CANCELLED):
        raise Http404
    return _ordered(request, found, repeats.again(found, _token(request)))


@require_POST
def on(request: HttpRequest, key: str) -> HttpResponse:
    """Go on from where a finished picture stopped."""
    found = _own_job(request, key)
    wanted = request.POST.get("iterations", "")
    try:
        order = repeats.on(found, int(wanted) if wanted.isdecimal() else 0, _token(request))
    except repeats.NotSold:
        messages.error(request, _("This picture cannot be painted on like that. Choose one of the numbers shown."))
        return redirect("stylize:job", key)
    return _ordered(request, found, order)


@require_safe
def frame_file(request: HttpRequest, key: str, iteration: int, variant: str) -> HttpResponseBase:
    """A frame, for its owner alone."""
    kind = keepsakes.FRAME_VARIANTS.get(variant)
    if kind is None:
        raise Http404
    return pictures.serve(_frame(_own_job(request, key), str(iteration)).file, kind, public=False)


def _ordered(request: HttpRequest, before: Job, order: jobs.Order) -> HttpResponse:
    try:
        job = intake.submit(before.owner, order)
    except (jobs.TooManyJobs, pictures.StorageError) as refusal:
        messages.error(request, str(refusal))
        return redirect("stylize:job", before.key)
    except jobs.Conflict:
        messages.error(request, _("Something of yours changed at the same moment. Please try once more."))
        return redirect("stylize:job", before.key)
    dispatch.wake()
    return redirect("stylize:job", job.key)


def _token(request: HttpRequest) -> UUID:
    """Of the form, so that one sent twice is one job; one that is none counts as a form of its own."""
    try:
        return UUID(request.POST.get("form_token", ""))
    except ValueError:
        return forms.new_token()


def _own_job(request: HttpRequest, key: str) -> Job:
    return get_object_or_404(Job.objects.with_pages().owned_by(guests.owner(request)).with_pictures(), key=key)


def _frame(job: Job, iteration: str) -> Frame:
    if not iteration.isdecimal() or len(iteration) > 9:
        raise Http404
    return get_object_or_404(job.frames.all(), iteration=int(iteration))
