"""Prints on the bench: plans and costs, what an order becomes, its place in line, what stays and what goes."""

from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from people.models import User
from stylize import clock, housekeeping, jobs, line, notices, pictures, prints, queue, sweep, tiers
from stylize.framing import Crop
from stylize.models import Job
from tests import make
from worker.engine import schedule

Status = Job.Status
ALL = (0.0, 0.0, 1.0, 1.0)


def proof(owner: User, picture: Job, **fields: object) -> Job:
    given = {"whole": (240, 180), "size": (100, 80), "crop": ALL, "controls": {}} | fields
    return jobs.submit_print_proof(owner, picture, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("size", "finished"),
    [((5315, 3543), 1200), ((5315, 3543), 700), ((240, 180), 120), ((1181, 1772), 600), ((100, 80), 600)],
)
def test_the_house_reckons_with_the_sizes_that_the_engine_paints(size: tuple[int, int], finished: int) -> None:
    planned = [(*one.size, one.evaluations) for one in schedule.print_levels(*size, finished=finished)]
    assert queue.print_sizes(*size, finished) == planned
    assert queue.print_looks(*size, finished) == sum(looks for *_size, looks in planned)


def test_the_cost_falls_with_what_is_done_and_is_nothing_at_the_end() -> None:
    plan = prints.plan((1200, 800), size=(5315, 3543), crop=ALL)
    left = [plan.cost(plan.whole, done=done) for done in range(plan.looks + 1)]
    assert left == sorted(left, reverse=True)
    assert left[0] == pytest.approx(918, rel=0.01)
    assert left[-1] == 0
    assert plan.cost((591, 591)) < 0.06 * left[0]


@pytest.mark.parametrize(
    ("crop", "size", "part"),
    [
        ((0.5, 0.0, 0.6, 1.0), (240, 180), None),
        ((-0.1, 0.0, 0.5, 1.0), (240, 180), None),
        ((0.0, 0.0, 0.0, 1.0), (240, 180), None),
        ((0.0, 0.0, float("nan"), 1.0), (240, 180), None),
        (ALL, (240, 8), None),
        (ALL, (240, 180), (241, 100)),
        ((0.0, 0.0, 0.05, 0.05), (240, 180), None),
    ],
)
def test_what_cannot_be_printed_is_refused(crop: Crop, size: tuple[int, int], part: tuple[int, int] | None) -> None:
    with pytest.raises(prints.Misfit):
        prints.plan((120, 90), size=size, crop=crop, part=part)


def test_a_part_costs_its_own_pixels_and_a_look_at_the_whole_at_each_size() -> None:
    """Painted with its margin it is a sixth of 1.5 megapixels, 20 times, and of 6, 10 times."""
    part = 1000 - queue.PROOF_MARGIN
    cost = partial(queue.cost_of_print, (3000, 2000), 1000, part=(part, part))
    painted, looked = queue.PART_EXTRA * (20 * 1.5 + 10 * 6) / 6, queue.LOOK_EXTRA * (1.5 + 6)
    assert cost() == pytest.approx(painted + looked)
    assert cost(done=25) == pytest.approx(queue.PART_EXTRA * 5 * 6 / 6 + queue.LOOK_EXTRA * 6)
    assert cost(done=30) == 0


def test_a_print_has_the_pictures_recipe_and_costs_nothing_here(alice: User) -> None:
    picture = make.done_job(alice, controls={"strength": 3.0, "smoothness": 0.5}, protect=make.mask(alice))
    job = make.print_job(alice, picture, controls={"strength": 1.0, "brush_size": 2.0})
    assert (job.tier, job.status, job.amount_minor, job.visibility) == ("print", Status.QUEUED, 0, "private")
    assert (job.photo, job.protect, job.seed, job.goes_on_from) == (
        picture.photo, picture.protect, picture.seed, picture,
    )  # fmt: skip
    assert job.controls == {"smoothness": 0.5, "brush_size": 2.0}
    assert list(job.styles.all()) == list(picture.styles.all())
    assert (job.iterations, job.begun) == (10, 0)
    assert job.cost == pytest.approx(queue.cost_of_print((240, 180), 120))
    assert job.plan == prints.Plan(ALL, (240, 180), 120)


def test_of_a_framed_photo_a_print_needs_no_small_copies(alice: User) -> None:
    picture = make.done_job(alice, photo_turn=1, framed="framed/x/x")
    assert make.print_job(alice, picture).framed == ""


def test_a_print_is_private_and_free_by_constraint(alice: User) -> None:
    job = make.print_job(alice)
    for change in ({"visibility": "public"}, {"amount_minor": 100}, {"print_plan": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Job.objects.filter(pk=job.pk).update(**change)


def test_no_cap_counts_prints_and_they_count_in_none(alice: User) -> None:
    picture = make.done_job(alice)
    for _number in range(queue.FREE_CAP + 1):
        make.print_job(alice, picture)
    made = jobs.submit(alice, make.order(alice))
    assert made.status == Status.QUEUED


def test_one_unfinished_proof_a_person(alice: User, bob: User) -> None:
    picture = make.done_job(alice)
    first = proof(alice, picture)
    with pytest.raises(jobs.TooManyJobs, match="earlier proof"):
        proof(alice, picture)
    proof(bob, picture)
    jobs.cancel(first)
    proof(alice, picture)


def test_a_long_line_refuses_proofs_but_no_print(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = make.done_job(alice)
    monkeypatch.setattr(line, "free_again_at", lambda turn: timezone.now())
    with pytest.raises(jobs.LineTooLong):
        proof(alice, picture)
    make.print_job(alice, picture)


@pytest.mark.parametrize("status", [Status.QUEUED, Status.FAILED, Status.CANCELLED])
def test_of_what_is_no_finished_picture_nothing_is_printed(alice: User, status: str) -> None:
    with pytest.raises(jobs.Conflict):
        make.print_job(alice, make.in_status(alice, status))


def test_a_print_that_waits_makes_its_owners_paintings_wait_no_longer(alice: User, bob: User) -> None:
    picture = make.done_job(alice)
    make.print_job(alice, picture, size=(2400, 1800))
    free, other = make.job(alice), make.job(bob)
    assert free.rank == pytest.approx(other.rank)


def test_stepping_aside_is_paid_for_and_moves_no_clock(alice: User) -> None:
    job = make.print_job(alice)
    claimed = jobs.claim_next("test")
    assert claimed and claimed.pk == job.pk
    before = clock.now()
    jobs.step_aside(claimed, 0.5)
    job.refresh_from_db()
    assert job.rank == pytest.approx(before + 0.5)
    assert (job.status, job.strikes, clock.now()) == (Status.QUEUED, 0, before)
    jobs.cancel(job)
    housekeeping.delete_job(job)
    assert clock.now() == before, "a rank that was never claimed is given back, the one before is kept"


def test_a_print_that_is_painted_keeps_nobody_from_being_told_a_time(alice: User) -> None:
    """Who joins is told the slice that it may take, not the whole of it."""
    make.worker("host:1", seconds_per_cost=100.0)
    job = make.print_job(alice, size=(2400, 1800))
    assert jobs.claim_next("host:1")
    now = line.read()
    assert [kiln.free_in_s for kiln in now.kilns] == [queue.SLICE_S]
    assert [stretch.cost for stretch in now.stretches] == [pytest.approx(job.cost)]


def test_prints_have_no_page_here_and_show_nobodys_photo(alice: User, bob: User, as_bob: Client) -> None:
    """Bob prints Alice's public picture: her photo stays with her."""
    picture = make.done_job(alice)
    job = make.print_job(bob, picture)
    assert job.key not in as_bob.get("/mine/").content.decode()
    for address in (
        f"/jobs/{job.key}/",
        f"/pictures/{job.key}/photo/large.webp",
        f"/pictures/{job.key}/style/0/card.webp",
    ):
        assert as_bob.get(address).status_code == 404, address
    for verb in ("cancel", "delete", "show", "again"):
        assert as_bob.post(f"/jobs/{job.key}/{verb}").status_code == 404, verb


def test_no_mail_tells_of_prints(alice: User) -> None:
    job = make.print_job(alice)
    old = timezone.now() - timedelta(hours=1)
    Job.objects.exclude(pk=job.pk).update(mailed_at=old)
    Job.objects.filter(pk=job.pk).update(
        status=Status.DONE, result="prints/x/x", fence=1, queued_at=old, finished_at=timezone.now()
    )
    assert notices.send_due() == 0


def ended(job: Job, days: int) -> Job:
    Job.objects.filter(pk=job.pk).update(
        status=Status.DONE, fence=1, result=f"prints/x/{job.key}", finished_at=timezone.now() - timedelta(days=days)
    )
    return job


def test_old_proofs_and_prints_that_nobody_needs_are_deleted(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = make.done_job(alice)
    needed, old, fresh = (ended(make.print_job(alice, picture), days) for days in (8, 8, 6))
    test_proof = ended(proof(alice, picture), 8)
    monkeypatch.setattr(housekeeping, "_needs", [lambda some: some.filter(pk=needed.pk)])
    assert housekeeping.expire_prints() == 1
    assert housekeeping.expire_proofs() == 1
    left = set(Job.objects.prints())
    assert left == {needed, fresh}
    assert {old, test_proof}.isdisjoint(left)
    assert Job.objects.filter(pk=picture.pk).exists()


def test_the_sweep_knows_the_files_of_prints(alice: User, settings: LazySettings) -> None:
    job = ended(make.print_job(alice), 0)
    name = pictures.store_print(make.picture(), 1)
    orphan = pictures.store_print(make.picture(), 1)
    Job.objects.filter(pk=job.pk).update(result=name)
    told = sweep.run(spared=timedelta(0), even_much=True)
    assert (told["prints well"], told["prints orphan"]) == (1, 1)
    assert not list(Path(settings.MEDIA_ROOT).glob(f"{orphan}*"))
    for path in Path(settings.MEDIA_ROOT).glob(f"{name}*"):
        path.unlink()
    sweep.run(spared=timedelta(0), even_much=True)
    job.refresh_from_db()
    assert (job.status, job.failure) == (Status.FAILED, Job.Failure.GONE)


def test_no_small_copies_are_made_of_prints(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    ended(make.print_job(alice), 0)
    made: list[str] = []

    def complete(name: str, width: int, height: int) -> int:
        made.append(name)
        return 0

    monkeypatch.setattr(pictures, "complete", complete)
    housekeeping.copy_fresh_paintings()
    assert not [name for name in made if name.startswith("prints/")]


@pytest.mark.parametrize("tier", [tiers.PRINT, tiers.PRINT_PROOF])
def test_its_tier_has_a_name_and_is_not_on_offer(tier: tiers.Tier) -> None:
    assert (tiers.named(tier.name), tiers.EVERY[tier.name]) == (tier, tier)
    assert tier.name not in tiers.TIERS, "it is not on offer"
