"""The walls as Atom feeds."""

from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse

from feed import atom, posts
from feed.models import Post
from people.models import User
from stylize.models import Job
from tests import make

ATOM = "{http://www.w3.org/2005/Atom}"
MEDIA = f"{{{atom.MEDIA}}}"


def entries(client: Client, where: str) -> list[ElementTree.Element]:
    answer = client.get(where)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/atom+xml")
    return ElementTree.fromstring(answer.content).findall(f"{ATOM}entry")  # our own


def words(entry: ElementTree.Element, name: str) -> str:
    return str(entry.findtext(f"{ATOM}{name}"))


def test_the_newest_with_their_pictures(anonymous: Client, alice: User) -> None:
    older, newer = make.post(alice), make.post(alice)
    posts.describe(newer, "Night & day", ["sea"])
    first, second = entries(anonymous, "/feed.atom")
    page = f"http://testserver{reverse('feed:post', args=[newer.job.key])}"
    assert (words(first, "title"), words(first, "id")) == ("Night & day", page)
    assert older.job.key in words(second, "id")
    (enclosure,) = [link for link in first.findall(f"{ATOM}link") if link.get("rel") == "enclosure"]
    thumbnail = first.find(f"{MEDIA}thumbnail")
    assert thumbnail is not None and thumbnail.get("url") == enclosure.get("href")
    assert anonymous.get(str(enclosure.get("href"))).headers["Content-Type"] == enclosure.get("type") == "image/jpeg"
    assert [category.get("term") for category in first.findall(f"{ATOM}category")] == ["sea"]
    assert words(first, f"author/{ATOM}name") == "alice-paints"


def test_of_a_tag_and_of_a_person_alone(anonymous: Client, alice: User, bob: User) -> None:
    night, of_bob = make.post(alice), make.post(bob)
    posts.describe(night, "", ["ночь"])
    (of_tag,) = entries(anonymous, f"/tag/{quote('ночь')}/feed.atom")
    (of_person,) = entries(anonymous, "/people/bob-paints/feed.atom")
    assert night.job.key in words(of_tag, "id") and of_bob.job.key in words(of_person, "id")


@pytest.mark.parametrize("visibility", ["unlisted", "private"])
def test_only_public_pictures(as_alice: Client, alice: User, visibility: str) -> None:
    post = make.post(alice)
    posts.describe(post, "", ["sea"])
    Job.objects.update(visibility=visibility)
    for where in ("/feed.atom", "/tag/sea/feed.atom", "/people/alice-paints/feed.atom"):
        assert entries(as_alice, where) == []


@pytest.mark.parametrize("where", ["/people/nobody/feed.atom", "/tag/TWO words/feed.atom", "/people/%00/feed.atom"])
def test_feeds_that_are_not_there_404(anonymous: Client, db: None, where: str) -> None:
    assert anonymous.get(where).status_code == 404


def test_a_guest_has_no_feed_of_their_own(anonymous: Client, db: None) -> None:
    guest = make.guest()
    make.post(guest)
    assert anonymous.get(f"/people/{guest.handle}/feed.atom").status_code == 404
    assert len(entries(anonymous, "/feed.atom")) == 1


def test_what_no_xml_may_hold_does_no_harm(anonymous: Client, alice: User) -> None:
    job = make.done_job(alice)
    job.styles.update(name="bell \x07 ]]> <b>")
    (entry,) = entries(anonymous, "/feed.atom")
    assert "bell" in words(entry, "title")


def test_pages_name_their_feeds(anonymous: Client, alice: User) -> None:
    post = make.post(alice)
    posts.describe(post, "", ["sea"])
    link = '<link rel="alternate" type="application/atom+xml"'
    assert link in anonymous.get("/paint/").content.decode()
    assert 'href="/tag/sea/feed.atom"' in anonymous.get("/tag/sea/").content.decode()


def test_a_stranger_after_the_first_gets_the_kept_feed_as_it_is(anonymous: Client, alice: User) -> None:
    make.post(alice)
    anonymous.get("/feed.atom")
    first, second = anonymous.get("/feed.atom"), anonymous.get("/feed.atom")
    Post.objects.all().delete()
    kept = anonymous.get("/feed.atom")
    assert first.content == second.content == kept.content
    assert kept["Content-Type"] == first["Content-Type"]
