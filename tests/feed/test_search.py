"""Looking for pictures: by words of the title, by tags and by painters."""

from urllib.parse import urlencode

import pytest
from django.test import Client

from feed import posts, search, walls
from feed.models import Post
from people.models import User
from stylize.models import Job
from tests import make

SEARCH = "/search/"


def named(owner: User, title: str, *tags: str) -> Post:
    post = make.post(owner)
    posts.describe(post, title, list(tags))
    return post


def found(client: Client, text: str) -> list[Post]:
    answer = client.get(SEARCH, {"q": text})
    assert answer.status_code == 200
    return list(answer.context["posts"])


@pytest.fixture
def hung(alice: User, bob: User) -> dict[str, Post]:
    return {
        "night": named(alice, "Ночь над рекой", "звёзды"),
        "town": named(bob, "Old towns in the rain", "new-york", "sea"),
        "sea": named(alice, "Mountains", "sea"), "plain": named(bob, ""),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "names"),
    [("ночи", ["night"]), ("НОЧЬЮ река", ["night"]), ("town", ["town"]), ("rainy town", []), ("the rain", ["town"]),
     ("звезды", ["night"]), ("звёзды", ["night"]), ("new-york", ["town"]), ("york", ["town"]), ("sea", ["sea", "town"]),
     ("sea -rain", ["sea"]), ("sea -town", ["sea"]), ("ночь or mountain", ["sea", "night"]),
     ('"old town"', ["town"]), ('"town old"', []), ("alice-paints", ["sea", "night"]), ("alice", ["sea", "night"]),
     ("@alice-paints", ["sea", "night"]), ("@ALICE-PAINTS", ["sea", "night"]), ("sea @bob-paints", ["town"]),
     ("@nobody", []), ("#sea #new-york", ["town"]), ("#sea mountain", ["sea"]), ("#sea @alice-paints", ["sea"]),
     ("#sea #nothing", []), ("nothing", [])],
)  # fmt: skip
def test_finds(anonymous: Client, hung: dict[str, Post], text: str, names: list[str]) -> None:
    assert found(anonymous, text) == [hung[name] for name in names]


def test_one_tag_leads_to_its_wall(anonymous: Client, hung: dict[str, Post]) -> None:
    answer = anonymous.get(SEARCH, {"q": " #SEA "})
    assert (answer.status_code, answer["Location"]) == (302, "/tag/sea/")


def test_a_tag_that_nothing_has_is_not_found(anonymous: Client, hung: dict[str, Post]) -> None:
    page = anonymous.get(SEARCH, {"q": "#nothing"})
    assert page.status_code == 200 and "Nothing was found" in page.content.decode()


@pytest.mark.parametrize("text", ["", "  ", "#", "@"])
def test_without_a_wish_it_says_what_one_can_look_for(anonymous: Client, hung: dict[str, Post], text: str) -> None:
    page = anonymous.get(SEARCH, {"q": text})
    assert page.status_code == 200 and page.context["posts"] == []


def test_pages_follow_without_gap_and_keep_the_wish(anonymous: Client, alice: User) -> None:
    made = [named(alice, "Ночь & день").pk for _post in range(walls.PAGE + 2)]
    first = anonymous.get(SEARCH, {"q": "ночь & день"})
    rest = urlencode({"q": "ночь & день"}).replace("+", "%20") + f"&amp;before={first.context['older']}"
    assert f'href="?{rest}"' in first.content.decode()
    second = anonymous.get(SEARCH, {"q": "ночь & день", "before": first.context["older"]})
    assert [post.pk for page in (first, second) for post in page.context["posts"]] == made[::-1]


@pytest.mark.parametrize("text", ["a\0b", "x" * (search.MOST_LETTERS + 1)])
def test_bad_input_shows_the_field_again_with_what_was_written(anonymous: Client, db: None, text: str) -> None:
    page = anonymous.get(SEARCH, {"q": text})
    assert page.status_code == 400
    assert 'aria-invalid="true"' in page.content.decode()


@pytest.mark.parametrize(
    "text",
    ["'", '"', "\\", "((", "!", "a & | b", ":*", "<->", "%", "--", "-", "or", "%00", "\u202e", "𝒳", "<script>",
     "'; DROP TABLE x"],
)  # fmt: skip
def test_whatever_is_written_is_looked_for_and_escaped(anonymous: Client, hung: dict[str, Post], text: str) -> None:
    page = anonymous.get(SEARCH, {"q": text})
    assert page.status_code == 200 and "<script>'" not in page.content.decode()
    assert 'value="<' not in page.content.decode()


def test_a_person_is_found_by_their_new_handle(anonymous: Client, alice: User, hung: dict[str, Post]) -> None:
    User.objects.filter(pk=alice.pk).update(handle="nightingale")
    alice.refresh_from_db()
    posts.renamed(alice)
    assert found(anonymous, "nightingale") == [hung["sea"], hung["night"]]
    assert found(anonymous, "alice-paints") == []


def test_what_is_hidden_is_found_by_nobody(as_alice: Client, hung: dict[str, Post]) -> None:
    Job.objects.filter(post=hung["night"]).update(visibility="unlisted")
    for text in ("ночь", "#звёзды x", "@alice-paints река"):
        assert found(as_alice, text) == []


def test_search_is_kept_from_search_engines_and_from_the_cache(anonymous: Client, hung: dict[str, Post]) -> None:
    for _visit in range(2):
        page = anonymous.get(SEARCH, {"q": "sea"})
        assert "ETag" not in page and "noindex" in page.content.decode()
