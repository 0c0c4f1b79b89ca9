"""Painting on from where a finished picture stopped: the litany, the price, and the kiln's side."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from people.models import User
from stylize import housekeeping, intake, jobs, keepsakes, pictures, queue, recipe, repeats, tiers
from stylize.framing import Framing
from stylize.models import Frame, Job
from tests import make
from tests.worker.fake_engine import FakeEngine
from worker import kiln

HD = tiers.HD


def finished(owner: User, **fields: object) -> Job:
    """An HD picture after 200 of its 300 iterations, taken early, with a frame of where it stopped."""
    given = {"photo": make.upload(owner, make.picture(200, 150)), "tier": "hd", "iterations": 300} | fields
    job = make.job(owner, **given)
    jobs.release(job)
    claim = jobs.claim_next("test")
    assert claim and claim.pk == job.pk
    painting = make.picture(job.width, job.height, "green")
    files = pictures.store_result(painting, claim.fence)
    Frame.objects.create(job=job, iteration=200, file=keepsakes.store_frame(painting, claim.fence))
    jobs.finish(claim, jobs.Result(files, 1.0, "test", claim.seed, iterations=200))
    job.refresh_from_db()
    return job


@pytest.fixture
def first(alice: User) -> Job:
    style, other = make.style(alice), make.style(alice)
    return finished(
        alice, styles=((style, 3.0), (other, 1.0)), controls={"strength": 5.0}, visibility="private",
        framing=Framing(1, (0.1, 0.1, 0.8, 0.8)), framed=make.upload(alice).file, protect=make.mask(alice),
    )  # fmt: skip


def on(job: Job) -> str:
    return reverse("stylize:on", args=[job.key])


def sent(iterations: object = 500) -> dict[str, str]:
    return {"iterations": str(iterations), "form_token": str(uuid.uuid4())}


def test_works_for_the_difference_in_price(as_alice: Client, first: Job) -> None:
    answer = as_alice.post(on(first), sent())
    more = Job.objects.exclude(pk=first.pk).get()
    assert answer.headers["Location"] == reverse("stylize:job", args=[more.key])
    assert more.status == Job.Status.UNPAID
    assert more.amount_minor == HD.price_minor(500, "RUB") - HD.worth_minor(200, "RUB") > 0
    assert (more.goes_on_from, more.begun, more.iterations) == (first, 200, 500)
    assert more.cost == pytest.approx(queue.cost(300, first.width, first.height))


def test_keeps_the_recipe(as_alice: Client, first: Job) -> None:
    as_alice.post(on(first), sent())
    more = Job.objects.exclude(pk=first.pk).get()
    for field in ("photo", "framing", "protect", "seed", "controls", "tier", "width", "height", "visibility"):
        assert getattr(more, field) == getattr(first, field), field
    links = [list(job.style_links.values_list("style", "weight")) for job in (first, more)]
    assert links[0] == links[1]
    assert more.framed and more.framed != first.framed  # copies of its own: they go with it
    assert ("Goes on from", "a picture with 200 iterations") in recipe.lines(more)


def test_the_page_offers_what_is_left_of_the_table(as_alice: Client, first: Job) -> None:
    offered = [choice.iterations for choice in repeats.further(first)]
    assert offered == list(range(450, 1001, 50))  # fewer would cost less than a card can be charged with
    page = as_alice.get(reverse("stylize:job", args=[first.key])).content.decode()
    assert '<option value="1000">' in page
    assert '<option value="300">' not in page


def test_sent_twice_is_one_order(as_alice: Client, first: Job) -> None:
    form = sent()
    once, twice = as_alice.post(on(first), form), as_alice.post(on(first), form)
    assert once.headers["Location"] == twice.headers["Location"]
    assert Job.objects.count() == 2


@pytest.mark.parametrize("bad", [100, 300, 301, 1050, "x", "", "-50", "9" * 30, "²"])
def test_bad_input_orders_nothing_and_says_so(as_alice: Client, first: Job, bad: object) -> None:
    page = as_alice.post(on(first), sent(bad), follow=True)
    assert "Choose one of the numbers" in page.content.decode()
    assert Job.objects.count() == 1


@pytest.mark.parametrize("status", [status for status in Job.Status.values if status != "done"])
def test_only_a_finished_picture(as_alice: Client, alice: User, status: str) -> None:
    as_alice.post(on(make.in_status(alice, status)), sent())
    assert Job.objects.count() == 1


@pytest.mark.parametrize("tier", ["free", "premium"])
def test_a_tier_without_a_choice_has_nothing_further(alice: User, tier: str) -> None:
    assert repeats.further(make.done_job(alice, tier=tier)) == []


def test_a_free_picture_offers_to_be_painted_larger(as_alice: Client, alice: User) -> None:
    job = make.done_job(alice)
    page = as_alice.get(reverse("stylize:job", args=[job.key])).content.decode()
    address = f"/paint/?again={job.key}&amp;tier=premium"
    assert address in page
    form = as_alice.get(address.replace("&amp;", "&")).context["form"]
    assert form["tier"].value() == "premium"
    assert form.kept_photo == job.photo


def test_the_longest_has_nothing_further(alice: User) -> None:
    job = finished(alice, iterations=1000)
    Job.objects.filter(pk=job.pk).update(iterations_done=1000)
    job.refresh_from_db()
    assert repeats.further(job) == []


def test_what_a_card_cannot_be_charged_with_is_not_offered(alice: User) -> None:
    """From 960 iterations to 1000 it would be some roubles."""
    job = finished(alice, iterations=1000)
    Job.objects.filter(pk=job.pk).update(iterations_done=960)
    job.refresh_from_db()
    assert repeats.difference_minor(job, 1000) < tiers.CURRENCIES["RUB"].least_charge_minor
    assert repeats.further(job) == []


def test_the_longest_stopped_early_can_be_painted_to_its_end(alice: User) -> None:
    """What was not painted has been given back."""
    further = repeats.further(finished(alice, iterations=1000))
    assert further[-1].iterations == 1000


def test_is_refused_when_the_files_are_gone(as_alice: Client, first: Job) -> None:
    keepsakes.delete_frame(repeats.stopped_at(first))
    page = as_alice.post(on(first), sent(), follow=True)
    assert "cannot be painted on" in page.content.decode()
    assert Job.objects.count() == 1


def test_stranger_404(as_bob: Client, first: Job) -> None:
    assert as_bob.post(on(first), sent()).status_code == 404


def test_anonymous_404(anonymous: Client, first: Job) -> None:
    assert anonymous.post(on(first), sent()).status_code == 404


def test_wrong_method_405(as_alice: Client, first: Job) -> None:
    assert as_alice.get(on(first)).status_code == 405


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    fake = FakeEngine()
    monkeypatch.setattr(kiln.dispatch, "wake", lambda: None)
    monkeypatch.setattr(kiln.engine, "stylise", fake)
    return fake


def further(owner: User, first: Job) -> Job:
    more = intake.submit(owner, repeats.on(Job.objects.with_pictures().get(pk=first.pk), 500, uuid.uuid4()))
    jobs.release(more)
    return more


@pytest.mark.django_db(transaction=True)
def test_the_kiln_begins_with_the_picture_where_it_stopped(fake: FakeEngine) -> None:
    owner = make.user("alice")
    first = finished(owner)
    Frame.objects.create(job=first, iteration=1, file=keepsakes.store_frame(make.picture(colour="white"), 1))
    more = further(owner, first)
    kiln.paint_next("test", lambda: False)
    more.refresh_from_db()
    assert (more.status, more.iterations_done) == (Job.Status.DONE, 500)
    assert (fake.calls[0].start, fake.calls[0].iterations, fake.calls[0].seed) == ("picture", 300, first.seed)
    begin = fake.begun[0]
    assert begin
    assert begin.tobytes() == make.picture(first.width, first.height, "green").tobytes()
    counted = list(more.frames.values_list("iteration", flat=True))
    assert (counted[0], counted[-1]) == (201, 500)  # counted on
    first.refresh_from_db()
    assert first.iterations_done == 200


@pytest.mark.django_db(transaction=True)
def test_without_the_first_picture_it_fails_in_words(fake: FakeEngine) -> None:
    owner = make.user("alice")
    first = finished(owner)
    more = further(owner, first)
    housekeeping.delete_job(first)
    kiln.paint_next("test", lambda: False)
    more.refresh_from_db()
    assert (more.status, more.failure, more.goes_on_from) == (Job.Status.FAILED, Job.Failure.NO_START, None)
    assert "deleted" in more.get_failure_display()
