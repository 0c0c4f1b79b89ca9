"""THE BENCH: what the watcher of a job is told, the same words by page and by poll."""

import hashlib
import json
import time
from dataclasses import replace
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from stylize import curve, line, progress, promise, wording
from stylize.models import Job
from stylize.progress import Snapshot

Status = Job.Status

PROOF_HEADLINES: Final[dict[str, str | Promise]] = {
    Status.RUNNING: gettext_lazy("Painting nine proofs"),
    Status.DONE: gettext_lazy("Your nine proofs are ready"),
    Status.FAILED: gettext_lazy("The proofs failed"),
}


def page(job: Job) -> dict[str, Any]:
    """The context of the job's page."""
    snapshot = _from_postgres(job) if job.status != Status.RUNNING else _live(job)
    token = progress.token_of(job.key)
    return {
        "job": job,
        "token": token,
        "snapshot": snapshot,
        "words": words(snapshot, token),
        "paid": wording.price(job.amount_minor, job.currency),
    }


def answer(request: HttpRequest, key: str) -> HttpResponse:
    """The poll's answer as JSON with an ETag."""
    snapshot = progress.read(key)
    if snapshot is None or snapshot.is_stale:
        snapshot = _look_up(key, snapshot)
    body = json.dumps(words(snapshot, progress.token_of(key)))
    etag = f'"{hashlib.sha256(body.encode()).hexdigest()[:20]}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified(headers={"ETag": etag})
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    return HttpResponse(body, content_type="application/json", headers=headers)


def words(snapshot: Snapshot, token: str) -> dict[str, Any]:
    """A snapshot as JSON-ready facts and sentences."""
    return {
        "status": snapshot.status,
        "finished": snapshot.status in (Status.DONE, Status.FAILED, Status.CANCELLED),
        "percent": snapshot.percent,
        "iteration": snapshot.iteration,
        "headline": _headline(snapshot),
        "title": _title(snapshot),
        "detail": _detail(snapshot),
        "note": _note(snapshot),
        "curve": curve.facts(snapshot.losses, snapshot.fraction),
        "preview": _preview_url(snapshot, token),
        "can_end": snapshot.status == Status.RUNNING and snapshot.iterations > 1,
    }


def _headline(snapshot: Snapshot) -> str:
    if snapshot.status == Status.QUEUED:
        ahead = snapshot.ahead or 0
        if ahead == 0:
            return _("You are next")
        return ngettext("%(n)d picture before yours", "%(n)d pictures before yours", ahead) % {"n": ahead}
    if snapshot.phase == progress.PROOF and snapshot.status in PROOF_HEADLINES:
        return str(PROOF_HEADLINES[snapshot.status])
    if snapshot.status == Status.RUNNING:
        return _("Laying out the picture") if snapshot.phase != "paint" else _("Painting")
    return {
        Status.UNPAID: _("Waiting for payment"),
        Status.DONE: _("Your painting is ready"),
        Status.FAILED: _("The painting failed"),
        Status.CANCELLED: _("Cancelled"),
    }[Status(snapshot.status)]


def _title(snapshot: Snapshot) -> str:
    """For the browser's tab, where only the first words are seen."""
    if snapshot.status != Status.RUNNING:
        return _headline(snapshot)
    return _("%(percent)d %% · %(headline)s") % {"percent": snapshot.percent, "headline": _headline(snapshot)}


def _detail(snapshot: Snapshot) -> str:
    if snapshot.status not in (Status.QUEUED, Status.RUNNING):
        return ""
    parts = []
    if snapshot.iteration:
        steps = {"i": snapshot.iteration, "n": snapshot.iterations}
        is_proof = snapshot.phase == progress.PROOF
        parts.append((_("%(i)d of %(n)d are done.") if is_proof else _("Iteration %(i)d of %(n)d.")) % steps)
    if snapshot.still_to_go_s is not None:
        parts.append(_("Ready in %(time)s.") % {"time": wording.about(snapshot.still_to_go_s)})
    return " ".join(parts)


def _note(snapshot: Snapshot) -> str:
    """Why the time has grown, or that the painting has begun again."""
    if snapshot.status not in (Status.QUEUED, Status.RUNNING):
        return ""
    if snapshot.interruptions and snapshot.reason in ("", promise.INTERRUPTED):
        if snapshot.resumed_at:
            return _("The machine stopped in the middle. The painting goes on from iteration %(i)d by itself.") % {
                "i": snapshot.resumed_at
            }
        return _("The machine stopped in the middle. The painting begins again by itself; nothing is lost but time.")
    return {
        promise.OVERTAKEN: _("Later than first thought: another picture has its turn before yours."),
        promise.SLOWER: _("Later than first thought: painting takes longer than usual just now."),
    }.get(snapshot.reason, "")


def _preview_url(snapshot: Snapshot, token: str) -> str:
    if snapshot.status != Status.RUNNING or not snapshot.preview:
        return ""
    return reverse("stylize:preview", args=[token]) + f"?n={snapshot.preview}"


def _look_up(key: str, stale: Snapshot | None) -> Snapshot:
    """What Postgres says; kept for a moment, so that many watchers cost one look."""
    job = Job.objects.filter(key=key).first()
    if job is None:
        raise Http404
    if stale is not None and stale.status == job.status:
        return stale  # an evaluation may take minutes on a CPU
    snapshot = _from_postgres(job)
    progress.write(key, snapshot, lives_s=progress.GUESS_LIVES_S)
    return snapshot


def _live(job: Job) -> Snapshot:
    told = progress.read(job.key)
    return told if told is not None and told.status == job.status else _from_postgres(job)


def _from_postgres(job: Job) -> Snapshot:
    """What holds until the kiln speaks, or where it never will."""
    phase = progress.PROOF if job.is_proof else ""
    resumed_at = job.begun + job.checkpoint_at if job.checkpoint else 0
    snapshot = Snapshot(status=job.status, iterations=job.iterations, phase=phase, resumed_at=resumed_at)
    if job.status == Status.QUEUED:
        turn = line.turn_of(job)
        snapshot = replace(snapshot, ahead=turn.jobs if turn else line.place_of(job), interruptions=job.fence)
        return _with_time(job, snapshot, turn.ready_s if turn else None)
    if job.status == Status.RUNNING:
        return _with_time(job, replace(snapshot, interruptions=job.fence - 1), line.left_s(job))
    return snapshot


def _with_time(job: Job, snapshot: Snapshot, estimate_s: float | None) -> Snapshot:
    if estimate_s is None:
        return snapshot
    told = progress.promise(job.key, estimate_s, ahead=snapshot.ahead or 0, interruptions=snapshot.interruptions)
    return replace(snapshot, remaining_s=told.remaining_s(time.time()), reason=told.reason)
