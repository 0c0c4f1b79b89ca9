"""Trying again: a picture's whole recipe comes back, for its owner alone."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from people.models import User
from stylize import controls
from stylize.models import Job, Style, Upload
from tests import make

ADDRESS = "/paint/"
STEERED = {"strength": 5.0, "smoothness": 30.0, "colours": "palette", "palette": 4}


@pytest.fixture
def tried(alice: User) -> Job:
    styles = ((make.style(alice, listed=True, name="Waves"), 3.0), (make.style(alice), 1.0))
    return make.job(
        alice, styles=styles, controls=STEERED, tier="hd", iterations=300, visibility="private", show_photo=True
    )


def test_the_whole_recipe_comes_back_and_can_be_sent_as_it_is(as_alice: Client, tried: Job) -> None:
    form = as_alice.get(ADDRESS, {"again": tried.key}).context["form"]
    names = ("tier", "iterations", "visibility", "parts", "mix1-parts", *STEERED)
    sent = {name: str((form.mixed[0]["parts"] if "mix1" in name else form[name]).value()) for name in names}
    again = make.form(photo=None, style_image=None, show_photo="on", **form.choices_kept, **sent)
    assert as_alice.post(ADDRESS, again).status_code == 302
    job = Job.objects.latest("id")
    for field in ("photo", "controls", "tier", "iterations", "visibility", "show_photo"):
        assert getattr(job, field) == getattr(tried, field)
    links = [[(link.style, link.weight) for link in each.style_links.all()] for each in (job, tried)]
    assert links[0] == links[1]


def test_the_page_shows_it_unfolded(as_alice: Client, tried: Job) -> None:
    page = as_alice.get(ADDRESS, {"again": tried.key}).content.decode()
    assert page.count('<details class="fold" open>') == 2
    assert re.search('name="strength" value="5" checked', page)
    assert re.search('name="colours" value="palette" checked', page)


def test_a_value_between_the_stops_is_a_stop_of_its_own(as_alice: Client, alice: User) -> None:
    job = make.job(alice, controls={"strength": 0.7, "brush_size": 1.25})
    page = as_alice.get(ADDRESS, {"again": job.key}).content.decode()
    assert re.search('name="strength" value="0.7" checked', page)
    stops = [float(stop) for stop in re.findall('name="strength" value="([^"]+)"', page)]
    assert stops == sorted({*controls.STRENGTH.stops, 0.7})
    assert re.search('name="brush_size" value="1.25" checked', page)


@pytest.mark.parametrize("who", ["as_bob", "anonymous"])
def test_strangers_get_an_empty_form(request: pytest.FixtureRequest, tried: Job, who: str) -> None:
    page = request.getfixturevalue(who).get(ADDRESS, {"again": tried.key})
    form = page.context["form"]
    assert (form.kept_photo, form.kept_style, form.is_tuned, form.is_mixed) == (None, None, False, False)
    assert tried.photo.key not in page.content.decode()


def test_a_style_that_its_owner_has_taken_back_is_left_out(as_bob: Client, alice: User, bob: User) -> None:
    lent = make.done_job(alice)
    mine = make.style(bob)
    job = make.job(bob, styles=((lent.styles.get(), 1.0), (mine, 2.0)))
    Job.objects.filter(pk=lent.pk).update(visibility="private")
    form = as_bob.get(ADDRESS, {"again": job.key}).context["form"]
    assert (form.kept_style, form["parts"].value()) == (mine, 2)
    assert not form.is_mixed


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_an_ended_picture_offers_it(as_alice: Client, alice: User, status: str) -> None:
    job = make.in_status(alice, status)
    assert f"?again={job.key}" in as_alice.get(reverse("stylize:job", args=[job.key])).content.decode()


def test_a_free_picture_tried_again_leaves_hds_iterations_as_they_are_offered(as_alice: Client, alice: User) -> None:
    """Or the browser would refuse to send a form with 1 iteration where 100 are the least."""
    page = as_alice.get(ADDRESS, {"photo": make.job(alice).photo.key}).content.decode()
    assert re.search(r'name="iterations"[^>]* value="300"', page)


def test_nothing_is_written_by_looking(as_alice: Client, tried: Job) -> None:
    before = (Job.objects.count(), Style.objects.count(), Upload.objects.count())
    as_alice.get(ADDRESS, {"again": tried.key})
    assert (Job.objects.count(), Style.objects.count(), Upload.objects.count()) == before
