"""Nine proofs before an order: asking for them, choosing one, and that nobody else ever sees them."""

import os
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from people.models import User
from stylize import controls, housekeeping, jobs, line, pictures, proofs, queue, sweep, tasks, tiers
from stylize.models import Job, Mask, Style, Upload
from tests import make
from tests.ostagram.test_russian_pages import assert_speaks_russian

CREATE = "/paint/"
TUNED = {"strength": 2.0, "colours": "photo"}


def asked(owner: User, **fields: Any) -> Job:
    """A proof in line, of an HD order unless told otherwise."""
    whole: dict[str, Any] = {"tier": "hd", "iterations": 300, "visibility": "unlisted", "controls": TUNED} | fields
    return jobs.submit(owner, proofs.before(make.order(owner, **whole)))


def done(owner: User, **fields: Any) -> Job:
    job = asked(owner, **fields)
    Job.objects.filter(pk=job.pk).update(rank=-1)
    job = jobs.claim_next("test") or job
    files = pictures.store_proofs(make.picture(job.width, job.height), [make.picture()] * 9, job.fence)
    jobs.finish(job, jobs.Result(files, 1.0, "test", job.seed))
    job.refresh_from_db()
    return job


def page_of(job: Job) -> str:
    return reverse("stylize:job", args=[job.key])


def order_at(job: Job) -> str:
    return reverse("stylize:order_proof", args=[job.key])


def choice(number: int = 4, **fields: str) -> dict[str, str]:
    return {"proof": str(number), "form_token": str(uuid.uuid4())} | fields


def orders() -> list[Job]:
    return list(Job.objects.paintings().order_by("id"))


# The nine -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chosen", "strengths", "brushes"),
    [
        ({}, [0.01, 0.1, 1.0], [0.5, 1.0, 2.0]),
        ({"strength": 0.1}, [0.01, 0.1, 1.0], [0.5, 1.0, 2.0]),
        ({"strength": 10.0, "brush_size": 3.0}, [0.1, 1.0, 10.0], [0.75, 1.5, 3.0]),
        ({"strength": 5.0, "brush_size": 0.5}, [0.1, 1.0, 5.0], [0.25, 0.5, 1.0]),
        ({"strength": 0.7, "brush_size": 1.25}, [0.1, 0.7, 10.0], [0.75, 1.25, 2.0]),  # from elsewhere
        ({"strength": 1000.0, "brush_size": 0.25}, [1.0, 10.0, 1000.0], [0.25, 0.75, 1.5]),
        ({"strength": 0.001}, [0.001, 0.01, 0.1], [0.5, 1.0, 2.0]),
        ({"strength": 0.2, "brush_size": 2.0}, [0.01, 0.2, 1.0], [1.0, 2.0, 3.0]),
    ],
)
def test_strength_runs_across_and_brush_down_around_what_was_chosen(
    chosen: dict[str, float], strengths: list[float], brushes: list[float]
) -> None:
    nine = proofs.sheet(chosen)
    assert [(proof.brush_size, proof.strength) for proof in nine] == [(b, s) for b in brushes for s in strengths]
    (own,) = [proof for proof in nine if proof.is_chosen]
    assert (own.strength, own.brush_size) == (chosen.get("strength", 1.0), chosen.get("brush_size", 1.0))


def test_every_proof_keeps_the_other_controls() -> None:
    for proof in proofs.sheet({"colours": "palette", "palette": 4, "smoothness": 0.0}):
        kept = {**controls.DEFAULTS, **proof.controls}
        assert (kept["colours"], kept["palette"], kept["smoothness"]) == ("palette", 4, 0.0)
        assert (kept["strength"], kept["brush_size"]) == (proof.strength, proof.brush_size)


@pytest.mark.parametrize(
    ("photo", "each"),
    [((4000, 3000), (256, 192)), ((3000, 4000), (192, 256)), ((120, 90), (120, 90)), ((4000, 500), (512, 64))],
)
def test_each_is_small_never_enlarged_and_high_enough(photo: tuple[int, int], each: tuple[int, int]) -> None:
    assert tiers.painted_size(tiers.PROOF, *photo) == (3 * each[0], 3 * each[1])


def test_a_proof_is_not_on_offer() -> None:
    assert "proof" not in tiers.TIERS
    assert tiers.named("proof").price_minor(tiers.PROOF.usual, "RUB") == 0


# Asking ---------------------------------------------------------------------------------------------------------------


def test_the_second_button_asks_for_proofs_and_keeps_the_whole_order(as_alice: Client, alice: User) -> None:
    mask = make.mask(alice)
    sent = make.form(
        proof="1", tier="hd", iterations="250", visibility="unlisted", show_photo="on", strength="2", colours="match",
        turn="1", crop="0,0,1,0.9", protect_kept=mask.key, protect_for="1:0,0,1,0.9",
    )  # fmt: skip
    answer = as_alice.post(CREATE, sent)
    job = Job.objects.get()
    assert answer.headers["Location"] == page_of(job)
    assert (job.tier, job.status, job.visibility, job.amount_minor) == ("proof", "queued", "private", 0)
    assert (job.wanted_tier, job.wanted_iterations, job.wanted_visibility) == ("hd", 250, "unlisted")
    assert (job.show_photo, job.protect, str(job.framing)) == (True, mask, "1:0,0,1,0.9")
    assert job.controls == {"strength": 2.0, "colours": "match"}
    assert (job.width, job.height) == (3 * 90, 3 * 108)
    assert job.cost == queue.cost(tiers.PROOF.usual, 3 * 90, 3 * 108) * queue.PROOF_EXTRA


def test_the_page_to_create_offers_both(anonymous: Client, db: None) -> None:
    page = anonymous.get(CREATE).content.decode()
    assert page.index("Paint it") < page.index('name="proof" value="1"')  # the first is what Enter presses
    assert 'value="proof"' not in page  # no tier card
    assert "Free of charge" in page


def test_how_long_they_take_is_told_once_it_is_known(as_alice: Client, alice: User) -> None:
    make.worker(seconds_per_cost=1.0)
    page = as_alice.get(CREATE)
    proofs_wait, free_wait = page.context["proofs"].ready_s, page.context["offers"][0].chosen.ready_s
    assert proofs_wait > free_wait > 0
    assert page.context["proofs"].total in page.content.decode()


def test_anonymous_becomes_a_guest(anonymous: Client, db: None) -> None:
    answer = anonymous.post(CREATE, make.form(proof="1"))
    job = Job.objects.get()
    assert job.owner.is_guest and job.is_proof
    assert anonymous.get(answer.headers["Location"]).status_code == 200


def test_the_same_form_sent_twice_is_one_sheet(as_alice: Client) -> None:
    form = make.form(proof="1")
    first = as_alice.post(CREATE, form)
    second = as_alice.post(CREATE, make.form(proof="1", form_token=form["form_token"]))
    assert first.headers["Location"] == second.headers["Location"]
    assert Job.objects.count() == 1


def test_the_tier_cannot_be_chosen_by_hand(as_alice: Client) -> None:
    assert as_alice.post(CREATE, make.form(tier="proof")).status_code == 400
    assert not Job.objects.exists()


def test_a_wrong_form_comes_back_as_ever(as_alice: Client) -> None:
    assert as_alice.post(CREATE, make.form(proof="1", tier="hd", iterations="7")).status_code == 400
    assert not Job.objects.exists()


def test_one_unfinished_sheet_each_beside_the_paintings(as_alice: Client, alice: User) -> None:
    for _job in range(queue.FREE_CAP):
        make.job(alice)
    assert as_alice.post(CREATE, make.form(proof="1")).status_code == 302
    answer = as_alice.post(CREATE, make.form(proof="1"))
    assert answer.status_code == 429
    assert "earlier proofs are not finished" in answer.content.decode()
    assert answer.context["form"].kept_photo
    Job.objects.paintings().delete()
    assert as_alice.post(CREATE, make.form()).status_code == 302  # proofs take no painting's place


def test_a_paid_order_may_be_proofed_beside_free_paintings_of_a_guest(db: None) -> None:
    guest = make.guest()
    jobs.submit(guest, make.order(guest))
    assert asked(guest).status == Job.Status.QUEUED


def test_guests_of_one_network_are_limited_together(db: None, settings: LazySettings) -> None:
    settings.GUEST_JOBS_PER_ADDRESS = 2
    for _guest in range(2):
        asked(make.guest())
    with pytest.raises(jobs.TooManyJobs, match="your network"):
        asked(make.guest())
    asked(make.guest("elsewhere"))


def test_proofs_do_not_teach_how_fast_paintings_are(alice: User) -> None:
    done(alice)
    assert line.seconds_per_cost() is None


# The page, and who sees it --------------------------------------------------------------------------------------------


def test_its_page_shows_nine_with_price_and_choice(as_alice: Client, alice: User) -> None:
    job = done(alice)
    answer = as_alice.get(page_of(job))
    page = answer.content.decode()
    assert answer.context["chosen"] == 5
    assert page.count('type="radio" name="proof"') == 9
    for number in range(9):
        assert reverse("stylize:proof_file", args=[job.key, number]) in page
    assert "Strength 0.1, brush size 2" in page
    assert answer.context["offer"].price in page
    assert "no-store" in answer.headers["Cache-Control"]
    assert 'content="noindex"' in page


def test_it_speaks_russian_in_its_numbers_too(as_alice: Client, alice: User) -> None:
    page = as_alice.get(page_of(done(alice)), headers={"Accept-Language": "ru"}).content.decode()
    assert "0,5" in page and "0.5" not in page.split("<main")[1]
    assert_speaks_russian(page)
    assert_speaks_russian(as_alice.get(page_of(asked(alice)), headers={"Accept-Language": "ru"}).content.decode())


@pytest.mark.parametrize("status", [one for one in Job.Status.values if one not in ("done", "unpaid")])
def test_it_has_a_page_in_every_status(as_alice: Client, alice: User, status: str) -> None:
    job = asked(alice)
    now = timezone.now()
    Job.objects.filter(pk=job.pk).update(
        status=status, failure="lost" if status == "failed" else "", fence=1, heartbeat_at=now, finished_at=now
    )
    page = as_alice.get(page_of(job)).content.decode()
    assert ("Cancel the proofs" in page) is (status in ("queued", "running"))
    assert " px" not in page.split('class="facts"')[1].split("</dl>")[0]  # a painting has a size


@pytest.mark.parametrize("who", ["as_bob", "anonymous"])
def test_for_strangers_there_is_nothing(request: pytest.FixtureRequest, alice: User, who: str) -> None:
    job = done(alice, visibility="public", show_photo=True)
    client: Client = request.getfixturevalue(who)
    files = ("proof/0.webp", "card.webp", "thumb.avif", "photo/card.webp", "style/0/card.webp")
    for address in (page_of(job), f"/p/{job.key}/", *(f"/pictures/{job.key}/{file}" for file in files)):
        assert client.get(address).status_code == 404, address
    assert client.post(order_at(job), choice()).status_code == 404
    assert not orders()


def test_the_owner_sees_the_files_and_no_cache_keeps_them(as_alice: Client, alice: User) -> None:
    job = done(alice)
    for name in ("proof/0.webp", "proof/8.webp", "card.webp", "photo/card.webp"):
        answer = as_alice.get(f"/pictures/{job.key}/{name}")
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
    assert as_alice.get(f"/pictures/{job.key}/proof/9.webp").status_code == 404


def test_a_painting_has_no_proofs(as_alice: Client, alice: User) -> None:
    job = make.done_job(alice)
    assert as_alice.get(f"/pictures/{job.key}/proof/0.webp").status_code == 404
    assert as_alice.post(order_at(job), choice()).status_code == 404


def test_it_can_never_be_shown(as_alice: Client, alice: User) -> None:
    job = done(alice)
    shown = as_alice.post(reverse("stylize:show", args=[job.key]), {"visibility": "public", "show_photo": "on"})
    assert shown.status_code == 404
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(visibility="public")


def test_its_style_is_not_lent_to_others(as_bob: Client, alice: User, bob: User) -> None:
    job = done(alice, visibility="public")
    assert not Style.objects.usable_by(bob).filter(job=job).exists()
    assert as_bob.get(CREATE, {"mix": job.key}).context["form"].kept_style is None


def test_mine_lists_it_as_what_it_is(as_alice: Client, alice: User) -> None:
    job = done(alice)
    page = as_alice.get("/mine/").content.decode()
    assert page_of(job) in page and "Nine proofs" in page
    assert "Private" not in page


# Choosing -------------------------------------------------------------------------------------------------------------


def test_the_chosen_one_becomes_the_order(as_alice: Client, alice: User) -> None:
    styles = ((make.style(alice, listed=True), 3.0), (make.style(alice), 1.0))
    mask = make.mask(alice)
    job = done(alice, styles=styles, protect=mask, show_photo=True)
    answer = as_alice.post(order_at(job), choice(2))
    (order,) = orders()
    assert answer.headers["Location"] == page_of(order)
    assert (order.tier, order.iterations, order.status) == ("hd", 300, "unpaid")
    assert order.amount_minor == tiers.HD.price_minor(300, "RUB")
    assert (order.visibility, order.show_photo, order.photo, order.protect) == ("unlisted", True, job.photo, mask)
    assert order.controls == {"strength": 2.0, "brush_size": 0.5, "colours": "photo"}
    assert [(link.style, link.weight) for link in order.style_links.all()] == list(styles)
    assert not order.wanted_tier


def test_the_framed_photo_goes_with_the_order(as_alice: Client) -> None:
    """It has copies of its own, which outlive the proofs."""
    as_alice.post(CREATE, make.form(proof="1", turn="1", crop="0,0,1,0.9"))
    job = Job.objects.get()
    done_files = pictures.store_proofs(make.picture(), [make.picture()] * 9, 1)
    Job.objects.filter(pk=job.pk).update(status="done", result=done_files, finished_at=timezone.now())
    as_alice.post(order_at(job), choice())
    (painting,) = orders()
    assert str(painting.framing) == "1:0,0,1,0.9"
    assert painting.framed and painting.framed != job.framed
    as_alice.post(reverse("stylize:delete", args=[job.key]))
    assert as_alice.get(f"/pictures/{painting.key}/photo/card.webp").status_code == 200


def test_a_free_order_joins_the_line_at_once(as_alice: Client, alice: User) -> None:
    as_alice.post(order_at(done(alice, tier="free", iterations=1)), choice(5))
    (order,) = orders()
    assert (order.tier, order.iterations, order.status, order.controls) == ("free", 1, "queued", TUNED)


def test_choosing_twice_is_one_order_and_another_one_is_another(as_alice: Client, alice: User) -> None:
    job = done(alice)
    form = choice(3)
    first, again = as_alice.post(order_at(job), form), as_alice.post(order_at(job), form)
    assert first.headers["Location"] == again.headers["Location"]
    assert len(orders()) == 1
    as_alice.post(order_at(job), form | {"proof": "5"})  # the page from the back button has the same token
    assert [order.controls["strength"] for order in orders()] == [0.01, 2.0]


def test_change_something_first_fills_the_form(as_alice: Client, alice: User) -> None:
    job = done(alice)
    answer = as_alice.post(order_at(job), choice(8, change="1"))
    assert answer.headers["Location"] == f"{CREATE}?again={job.key}&proof=8"
    form = as_alice.get(answer.headers["Location"]).context["form"]
    names = ("tier", "iterations", "visibility", "strength", "brush_size", "colours")
    assert [form[name].value() for name in names] == ["hd", 300, "unlisted", 2.0, 2.0, "photo"]
    assert form.kept_photo == job.photo and form.kept_style == job.styles.get()
    assert not orders()


@pytest.mark.parametrize("number", ["", "9", "x", "-1"])
def test_without_a_number_the_form_is_as_it_was(as_alice: Client, alice: User, number: str) -> None:
    job = done(alice)
    form = as_alice.get(CREATE, {"again": job.key, "proof": number}).context["form"]
    assert (form["strength"].value(), form["brush_size"].value()) == (2.0, 1.0)


def test_the_same_photo_again_is_not_private_because_of_a_proof(as_alice: Client, alice: User) -> None:
    job = asked(alice, visibility="public")
    form = as_alice.get(CREATE, {"photo": job.photo.key}).context["form"]
    assert (form["visibility"].value(), form["tier"].value()) == ("public", "hd")


@pytest.mark.parametrize("sent", [{}, choice(9), {"proof": "4"}, {"proof": "4", "form_token": "x"}])
def test_a_bad_choice_shows_the_page_again(as_alice: Client, alice: User, sent: dict[str, str]) -> None:
    answer = as_alice.post(order_at(done(alice)), sent)
    assert answer.status_code == 400
    assert "Choose one of the nine." in answer.content.decode()
    assert not orders()


def test_wrong_method(as_alice: Client, alice: User) -> None:
    job = done(alice)
    assert as_alice.get(order_at(job)).status_code == 405
    assert as_alice.post(reverse("stylize:proof_file", args=[job.key, 0])).status_code == 405


def test_a_sheet_that_is_not_done_orders_nothing(as_alice: Client, alice: User) -> None:
    assert as_alice.post(order_at(asked(alice)), choice()).status_code == 404


def test_too_many_paintings_is_told_and_the_choice_stays(as_alice: Client, alice: User) -> None:
    job = done(alice, tier="free", iterations=1)
    for _job in range(queue.FREE_CAP):
        make.job(alice)
    answer = as_alice.post(order_at(job), choice(7))
    assert (answer.status_code, answer.context["chosen"]) == (429, 7)
    assert escape("Your earlier picture is not finished yet.") in answer.content.decode()


def test_a_style_that_was_taken_back_is_not_painted_with(as_bob: Client, alice: User, bob: User) -> None:
    lent = make.done_job(alice)
    job = done(bob, styles=((lent.styles.get(), 1.0),))
    page = as_bob.get(page_of(job))
    assert "Paint this one" in page.content.decode()
    Job.objects.filter(pk=lent.pk).update(visibility="private")
    answer = as_bob.post(order_at(job), choice())
    assert answer.status_code == 409
    assert "can no longer be ordered" in answer.content.decode()
    assert not Job.objects.owned_by(bob).paintings().exists()


# The end --------------------------------------------------------------------------------------------------------------


def files_on_disk(settings: LazySettings) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_deleting_leaves_neither_rows_nor_files(as_alice: Client, alice: User, settings: LazySettings) -> None:
    job = done(alice, protect=make.mask(alice))
    assert len(list(Path(settings.MEDIA_ROOT).glob(f"{job.result}*"))) == 9 + len(pictures.AT_ONCE)
    as_alice.post(reverse("stylize:delete", args=[job.key]))
    for model in (Job, Style, Upload, Mask):
        assert not model._default_manager.exists()
    assert not files_on_disk(settings)


def test_after_a_week_it_goes_by_itself_and_its_order_stays(alice: User, settings: LazySettings) -> None:
    old, order = done(alice), make.done_job(alice)
    fresh = done(alice)
    Job.objects.filter(pk__in=[old.pk, order.pk]).update(
        finished_at=timezone.now() - housekeeping.PROOFS_LIVE - timedelta(hours=1)
    )
    tasks.expire()
    assert set(Job.objects.all()) == {order, fresh}
    assert not list(Path(settings.MEDIA_ROOT).glob(f"{old.result}*"))


def test_its_files_are_not_swept_while_it_lives(alice: User, settings: LazySettings) -> None:
    done(alice)
    before = files_on_disk(settings)
    orphan = pictures.store_proofs(make.picture(), [make.picture()] * 9, 1)
    month_ago = (timezone.now() - timedelta(days=30)).timestamp()
    for path in files_on_disk(settings):
        os.utime(path, (month_ago, month_ago))
    assert sweep.run()["proofs orphan"] == 1
    assert sorted(files_on_disk(settings)) == sorted(before)
    assert not list(Path(settings.MEDIA_ROOT).glob(f"{orphan}*"))


def test_staff_cannot_show_it(client: Client, alice: User) -> None:
    client.force_login(make.user("staff", is_staff=True, is_superuser=True))
    page = client.get(reverse("admin:stylize_job_change", args=[done(alice).pk])).content.decode()
    assert 'name="visibility"' not in page
