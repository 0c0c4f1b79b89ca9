"""The house painter: off by default, only while nobody waits, bounded, never two at once, and it gives way."""

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from feed import posts
from ostagram import chores
from people.models import User
from stylize import house_painter, tasks
from stylize.models import Job, Style, Upload
from stylize.samples import owner, photos
from stylize.workers import Worker
from tests import make


@pytest.fixture(autouse=True)
def _on(db: None, settings: LazySettings) -> None:
    settings.HOUSE_PAINTER, settings.HOUSE_PAINTER_MINUTES, settings.HOUSE_PAINTER_A_DAY = True, 60, 3
    make.worker()


@pytest.fixture
def styles(alice: User) -> list[Style]:
    return [make.style(alice, listed=True, name=name, uses=uses) for name, uses in (("Waves", 5), ("Night", 9))]


def later(minutes: float = 61) -> None:
    """So much time goes by."""
    gone = timedelta(minutes=minutes)
    for job in Job.objects.all():
        finished = job.finished_at and job.finished_at - gone
        Job.objects.filter(pk=job.pk).update(created_at=job.created_at - gone, finished_at=finished)
    cache.delete(house_painter.RESTS)


def finish(job: Job | None) -> Job:
    assert job
    Job.objects.filter(pk=job.pk).update(status="done", result="r", finished_at=timezone.now(), fence=1)
    job.refresh_from_db()
    return job


def painted() -> Job | None:
    """What a round orders, painted at once."""
    job = house_painter.go_round()
    return finish(job) if job else None


def test_a_sample_is_ordered_in_the_most_used_style_and_labelled(anonymous: Client, styles: list[Style]) -> None:
    job = finish(house_painter.go_round())
    assert job.sample and job.show_photo and job.amount_minor == 0
    assert (job.owner.email, job.styles.get()) == (owner.PAINTER_EMAIL, styles[1])
    assert not job.owner.is_active and not job.owner.has_usable_password()
    posts.publish(job)
    make.done_job(styles[0].owner, show_photo=True)  # stands at the opening
    assert '<span class="badge">House painter</span>' in anonymous.get("/").content.decode()
    assert '<span class="badge">House painter</span>' in anonymous.get(f"/p/{job.key}/").content.decode()


def test_off_by_default(styles: list[Style], settings: LazySettings) -> None:
    settings.HOUSE_PAINTER = False
    assert house_painter.go_round() is None and not Job.objects.exists()
    assert chores.HOUSE_PAINTER not in chores.schedules(with_house_painter=False)
    assert chores.HOUSE_PAINTER in chores.schedules(with_house_painter=True)


def test_it_ranks_behind_everybody_who_comes_later(alice: User, styles: list[Style]) -> None:
    sample = house_painter.go_round()
    visitor = make.job(alice)
    assert sample and list(Job.objects.in_line()) == [visitor, sample]


@pytest.mark.parametrize("state", [None, "starting", "painting", "stopping", "silent"])
def test_without_an_idle_worker_nothing_is_ordered(styles: list[Style], state: str | None) -> None:
    if state is None:
        Worker.objects.all().delete()
    elif state == "silent":
        Worker.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=1))
    else:
        Worker.objects.update(state=state)
    assert house_painter.go_round() is None


@pytest.mark.parametrize("status", ["queued", "running"])
def test_while_anybody_is_in_line_or_painted_nothing_is_ordered(alice: User, styles: list[Style], status: str) -> None:
    make.in_status(alice, status)
    assert house_painter.go_round() is None


@pytest.mark.parametrize(("minutes", "ordered"), [(4, False), (6, True)])
def test_the_line_must_have_been_empty_for_some_minutes(
    alice: User, styles: list[Style], minutes: int, ordered: bool
) -> None:
    make.done_job(alice)
    later(minutes)
    assert bool(house_painter.go_round()) is ordered


@pytest.mark.parametrize(("minutes", "ordered"), [(59, False), (61, True)])
def test_one_at_most_within_the_minutes_of_the_setting(styles: list[Style], minutes: int, ordered: bool) -> None:
    assert painted()
    later(minutes)
    assert bool(house_painter.go_round()) is ordered


def test_not_more_a_day_than_the_setting(styles: list[Style]) -> None:
    for _hour in range(6):
        painted()
        later()
    assert house_painter.lately() == 3
    later(24 * 60)
    assert painted()


def test_every_pair_is_painted_once_the_styles_in_turn(styles: list[Style], settings: LazySettings) -> None:
    settings.HOUSE_PAINTER_A_DAY = 100
    pairs = []
    while job := painted():
        pairs.append((job.photo_id, job.styles.get()))
        later()
    waves, night = styles
    assert len(set(pairs)) == len(pairs) == len(photos.PHOTOS) * 2
    assert [style for _photo, style in pairs] == [night, waves] * len(photos.PHOTOS)
    assert Upload.objects.filter(job__sample=True).distinct().count() == len(photos.PHOTOS)


def test_what_the_sample_gallery_has_painted_is_not_painted_again(alice: User, styles: list[Style]) -> None:
    for photo in photos.PHOTOS:
        kept = make.upload(alice, photos.open_photo(photo.slug))
        finish(make.job(alice, photo=kept, styles=((styles[1], 1.0),), sample=True))
    later()
    job = house_painter.go_round()
    assert job and job.styles.get() == styles[0]


def test_a_saved_style_of_the_gallery_is_painted_with_its_settings(alice: User) -> None:
    make.filter(alice, make.style(alice), is_public=True, controls={"strength": 5.0})
    job = house_painter.go_round()
    assert job and job.controls == {"strength": 5.0}


def test_private_styles_are_left_alone(alice: User) -> None:
    make.filter(alice, make.style(alice))
    make.done_job(alice)
    later()
    assert house_painter.go_round() is None


def test_without_photographs_it_says_so_and_rests(
    styles: list[Style], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(photos, "PHOTOS", ())
    for _round in range(3):
        assert house_painter.go_round() is None
    assert caplog.text.count("no sample photographs") == 1


def test_photographs_are_told_by_their_size() -> None:
    sizes = [photos.open_photo(photo.slug).size for photo in photos.PHOTOS]
    assert len(set(sizes)) == len(sizes) > 0


@pytest.mark.parametrize("status", ["queued", "running"])
def test_it_gives_way_as_soon_as_somebody_waits(alice: User, styles: list[Style], status: str) -> None:
    sample = house_painter.go_round()
    assert sample
    if status == "running":
        Job.objects.filter(pk=sample.pk).update(status=status, fence=1, heartbeat_at=timezone.now())
    visitor = make.job(alice)
    assert house_painter.give_way() == 0  # an idle worker may well take it
    Job.objects.filter(pk=visitor.pk).update(queued_at=timezone.now() - timedelta(seconds=4))
    tasks.house_painter()
    sample.refresh_from_db()
    assert sample.status == Job.Status.CANCELLED
    assert list(Job.objects.unfinished()) == [visitor]


def test_the_sample_gallery_need_not_give_way(alice: User) -> None:
    sample, visitor = make.job(alice, sample=True), make.job(alice)
    Job.objects.filter(pk=visitor.pk).update(queued_at=timezone.now() - timedelta(minutes=1))
    assert house_painter.give_way() == 0
    assert sample in Job.objects.unfinished()


def test_what_it_gave_up_may_be_painted_another_time_and_is_tidied_away(styles: list[Style]) -> None:
    sample = house_painter.go_round()
    assert sample
    Job.objects.filter(pk=sample.pk).update(status="cancelled", finished_at=timezone.now())
    tasks.expire()
    assert Job.objects.exists()  # it counts for the day
    later()
    again = house_painter.go_round()
    assert again and again.styles.get() == sample.styles.get()
    later(25 * 60)
    tasks.expire()
    assert list(Job.objects.all()) == [again]


def test_a_person_of_its_name_stays_a_person(styles: list[Style]) -> None:
    User.objects.create_user("x@example.org", handle=owner.PAINTER_HANDLE)
    job = house_painter.go_round()
    assert job and job.owner.email == owner.PAINTER_EMAIL and job.owner.handle != owner.PAINTER_HANDLE


def test_the_staff_see_how_much_it_does(client: Client, styles: list[Style], settings: LazySettings) -> None:
    client.force_login(make.user("staff", is_staff=True))
    painted()
    assert ("House painter in 24 hours", "1") in client.get("/staff/").context["glance"]
    settings.HOUSE_PAINTER = False
    assert "House painter" not in client.get("/staff/").content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
def test_never_two_at_once(styles: list[Style], monkeypatch: pytest.MonkeyPatch, guarded: bool) -> None:
    """Two houses go round at the same moment; whoever has chosen waits for the other."""
    choose, gate = house_painter.next_pair, threading.Barrier(2)

    def choose_and_wait() -> house_painter.Pair | None:
        found = choose()
        with contextlib.suppress(threading.BrokenBarrierError):
            gate.wait(1)
        return found

    def go_round(_house: int) -> Job | None:
        try:
            return house_painter.go_round()
        finally:
            connection.close()

    monkeypatch.setattr(house_painter, "next_pair", choose_and_wait)
    for known in (owner.house, owner.painter):
        known()
    if not guarded:
        monkeypatch.setattr(house_painter, "_alone", lambda: True)
    with ThreadPoolExecutor(2) as pool:
        ordered = [job for job in pool.map(go_round, range(2)) if job]
    assert len(ordered) == Job.objects.count() == (1 if guarded else 2)
