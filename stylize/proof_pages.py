"""THE BENCH: the page of nine proofs, where one of them becomes the order."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from people import guests
from stylize import dispatch, forms, housekeeping, intake, jobs, pictures, proofs, tiers, watching
from stylize.models import Job

TROUBLES: dict[type[Exception], int] = {jobs.TooManyJobs: 429, jobs.Conflict: 409, pictures.StorageError: 503}


def page(request: HttpRequest, job: Job, *, trouble: str = "", status: int = 200) -> HttpResponse:
    """The nine of a job that is done, the pair that was chosen before them being marked."""
    answer = render(request, "stylize/proofs.html", _context(request, job) | {"trouble": trouble}, status=status)
    add_never_cache_headers(answer)  # a page brought back by the back button would name the order before it
    return answer


@require_POST
def order(request: HttpRequest, key: str) -> HttpResponse:
    """Order what the proofs were made for with one of them, or go back to the form with it."""
    found = _own_proof(request, key)
    form = forms.ProofForm(request.POST)
    if not form.is_valid():
        return page(request, found, trouble=_("Choose one of the nine."), status=400)
    number = form.cleaned_data["proof"]
    if "change" in request.POST:
        return redirect(f"{reverse('stylize:create')}?{urlencode({'again': key, 'proof': number})}")
    try:
        job = intake.submit(found.owner, proofs.after(found, number, page=form.cleaned_data["form_token"]))
    except proofs.Unsold:
        return page(request, found, status=409)  # the page says so
    except tuple(TROUBLES) as trouble:
        words = str(trouble) or _("Something of yours changed while this was being sent. Please send it again.")
        return page(request, found, trouble=words, status=TROUBLES[type(trouble)])
    dispatch.wake()
    return redirect("stylize:job", job.key)


@require_safe
def proof_file(request: HttpRequest, key: str, number: int) -> HttpResponseBase:
    """One of the nine, for their owner."""
    found = _own_proof(request, key)
    if number >= len(pictures.PROOFS):
        raise Http404
    return pictures.serve(found.result, pictures.PROOFS[number], public=False)


def _own_proof(request: HttpRequest, key: str) -> Job:
    own = Job.objects.owned_by(guests.owner(request)).proofs().with_pictures()
    return get_object_or_404(own, key=key, status=Job.Status.DONE)


def _context(request: HttpRequest, job: Job) -> dict[str, Any]:
    nine = proofs.sheet(job.controls)
    sent = request.POST.get("proof", "")
    chosen = int(sent) if sent in map(str, range(len(nine))) else next(one.number for one in nine if one.is_chosen)
    try:
        offer = proofs.offer(job)
    except proofs.Unsold:
        offer = None
    assert job.finished_at
    rows = [nine[at : at + tiers.PROOF_SIDE] for at in range(0, len(nine), tiers.PROOF_SIDE)]
    return watching.page(job) | {
        "nine": nine, "rows": rows, "columns": rows[0], "chosen": chosen, "offer": offer,
        "form_token": forms.new_token(), "until": job.finished_at + housekeeping.PROOFS_LIVE,
        "proof_width": job.width // tiers.PROOF_SIDE, "proof_height": job.height // tiers.PROOF_SIDE,
    }  # fmt: skip
