"""One's own pictures: what state each is in, and what to do when there is none."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from people.models import User
from stylize.models import Job
from tests import make

MINE = reverse("stylize:mine")


@pytest.mark.parametrize("status", [status for status in Job.Status if status != Job.Status.DONE])
def test_the_state_of_what_is_not_done_is_said_in_words(as_alice: Client, alice: User, status: Job.Status) -> None:
    job = make.in_status(alice, status)
    page = as_alice.get(MINE).content.decode()
    assert f'href="{reverse("stylize:job", args=[job.key])}"' in page
    assert re.search(rf"card__state.*{status.label}", page, re.IGNORECASE | re.DOTALL)
    assert f"/pictures/{job.key}/photo/card.webp" in page


def test_what_is_done_is_shown_with_its_style_and_who_may_see_it(as_alice: Client, alice: User) -> None:
    job = make.done_job(alice, visibility="private")
    job.styles.update(name="Windy night")
    page = as_alice.get(MINE).content.decode()
    assert f"/pictures/{job.key}/thumb.avif" in page
    assert "Windy night" in page and "Private" in page
    assert "card__state" not in page


@pytest.mark.django_db
def test_who_has_painted_nothing_is_shown_the_way(anonymous: Client) -> None:
    page = anonymous.get(MINE).content.decode()
    assert "Nothing painted yet" in page
    assert f'class="button button--primary" href="{reverse("stylize:create")}"' in page
