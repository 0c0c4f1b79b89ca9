"""A picture's recipe: told whole, and there to be painted with another photo."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from people.models import User
from stylize import recipe, wording
from stylize.models import Job
from tests import make


def facts(client: Client, where: str) -> dict[str, str]:
    page = client.get(where).content.decode()
    pairs = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page, re.DOTALL)
    return {what: how.replace("\xa0", " ").strip() for what, how in pairs}


def test_all_of_it_is_told(anonymous: Client, alice: User) -> None:
    job = make.done_job(
        alice, tier="hd", iterations=300, iterations_done=120, seed=77, seconds=83.4, engine_version="1.2",
        controls={"strength": 2.0, "colours": "palette", "palette": 5},
    )  # fmt: skip
    told = facts(anonymous, reverse("feed:post", args=[job.key]))
    assert {"Tier": "HD", "Iterations": "120 of 300", "Strength": "2, more style", "Brush size": "1, as usual",
            "Smoothness": "1, as usual", "Colours": "5 of the style", "Seed": "77", "Time taken": "1 min 23 s",
            "Engine": "1.2"}.items() <= told.items()  # fmt: skip


def test_the_usual_is_told_too(anonymous: Client, alice: User) -> None:
    told = facts(anonymous, reverse("feed:post", args=[make.done_job(alice).key]))
    assert told["Strength"] == "1, as usual" and told["Colours"] == "As in the style"


def test_its_owners_page_tells_the_same(as_alice: Client, alice: User) -> None:
    job = make.done_job(alice, seed=77)
    assert facts(as_alice, reverse("stylize:job", args=[job.key]))["Seed"] == "77"


def test_what_is_not_painted_yet_has_no_outcome(alice: User) -> None:
    assert recipe.lines(make.job(alice)) == []


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (3599.9, "1 h 0 min"), (3725, "1 h 2 min")],
)
def test_times_that_were_measured(seconds: float, words: str) -> None:
    with translation.override("en"):
        assert wording.duration(seconds).replace("\xa0", " ") == words


@pytest.fixture
def painted(alice: User) -> Job:
    job = make.done_job(alice, controls={"strength": 5.0, "brush_size": 2.0})
    job.style_links.create(style=make.style(alice, name="Second"), weight=3.0)
    return job


def chosen(client: Client, key: str) -> str:
    answer = client.get("/paint/", {"recipe": key})
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_stranger_begins_with_its_styles_and_controls_and_an_empty_photo(
    as_bob: Client, anonymous: Client, painted: Job
) -> None:
    link = f'href="/paint/?recipe={painted.key}"'
    assert link in as_bob.get(reverse("feed:post", args=[painted.key])).content.decode()
    for client in (as_bob, anonymous):
        page = chosen(client, painted.key)
        assert 'name="photo_kept" value=""' in page and painted.photo.key not in page
        for style in painted.styles.all():
            assert style.key in page
        assert re.search(r'name="strength"[^>]*value="5(\.0)?"[^>]*checked|value="5(\.0)?" selected', page)


@pytest.mark.parametrize("visibility", ["unlisted", "private"])
def test_of_what_is_not_public_a_stranger_gets_nothing_and_its_owner_all(
    as_bob: Client, as_alice: Client, painted: Job, visibility: str
) -> None:
    Job.objects.filter(pk=painted.pk).update(visibility=visibility)
    keys = [style.key for style in painted.styles.all()]
    page, own = chosen(as_bob, painted.key), chosen(as_alice, painted.key)
    assert not [key for key in keys if key in page] and all(key in own for key in keys)
    assert "?recipe=" not in as_bob.get(reverse("feed:post", args=[painted.key])).content.decode()


@pytest.mark.parametrize("key", ["nothing", "", "a b", "%00", "x" * 99])
def test_a_slip_in_the_address_begins_empty(anonymous: Client, db: None, key: str) -> None:
    chosen(anonymous, key)


def test_together_with_a_photo_of_ones_own(as_bob: Client, bob: User, painted: Job) -> None:
    photo = make.upload(bob)
    page = as_bob.get("/paint/", {"recipe": painted.key, "photo": photo.key}).content.decode()
    assert f'name="photo_kept" value="{photo.key}"' in page
