"""What other sites are told of a picture."""

import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from people.models import User
from stylize.models import Job
from tests import make


def page_of(client: Client, job: Job) -> str:
    return client.get(reverse("feed:post", args=[job.key])).content.decode()


def meta(page: str, name: str) -> str:
    found = re.findall(rf'<meta (?:property|name)="{re.escape(name)}" content="([^"]*)">', page)
    assert len(found) == 1, name
    return str(found[0])


def test_a_link_to_a_public_picture_shows_the_painting(anonymous: Client, alice: User) -> None:
    job = make.done_job(alice, width=600, height=450)
    page = page_of(anonymous, job)
    image = meta(page, "og:image")
    assert image == meta(page, "twitter:image") == f"http://testserver/pictures/{job.key}/share.jpg"
    assert anonymous.get(image).headers["Content-Type"] == "image/jpeg"
    assert (meta(page, "og:image:width"), meta(page, "og:image:height")) == ("600", "450")
    assert meta(page, "og:url") == f"http://testserver/p/{job.key}/"
    assert f'<link rel="canonical" href="http://testserver/p/{job.key}/">' in page
    assert meta(page, "twitter:card") == "summary_large_image"
    for name in ("og:title", "og:description", "og:image:alt", "description"):
        assert meta(page, name)
    assert "noindex" not in page


@pytest.mark.parametrize("visibility", ["unlisted", "private"])
def test_a_picture_that_is_not_public_is_no_card_and_is_not_to_be_found(
    as_alice: Client, alice: User, visibility: str
) -> None:
    page = page_of(as_alice, make.done_job(alice, visibility=visibility))
    assert "share.jpg" not in page and "ld+json" not in page
    assert meta(page, "robots") == "noindex"


def test_search_engines_read_the_picture_as_data_that_closes_no_script(anonymous: Client, alice: User) -> None:
    job = make.done_job(alice)
    job.styles.update(name="</script><script>alert(1)</script>")
    page = page_of(anonymous, job)
    found = re.search(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert found
    facts = json.loads(found[1])
    assert (facts["@type"], facts["creator"]["name"]) == ("ImageObject", "alice-paints")
    assert "</script><script>alert" in facts["name"]
    assert "<script>alert" not in page
