"""Cards are drawn once in a process: each from what was read of its picture alone, and anew as soon as that differs."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from feed.models import Post
from feed.shown import Shown, ShownStyle
from feed.templatetags import gallery
from people.models import User
from stylize.models import Job
from tests import make

FEED = "/"
STYLE = ShownStyle("stylekey", "Waves", None)
PICTURE = Shown("jobkey", 600, 450, False, False, 0, "painter-one", (STYLE,))


@pytest.fixture(autouse=True)
def _nothing_is_drawn_yet() -> Iterator[None]:
    gallery._drawn.cache_clear()
    yield
    gallery._drawn.cache_clear()


def card(picture: Shown) -> str:
    return str(gallery.cards_of([picture]))


def test_a_card_is_drawn_once() -> None:
    assert card(PICTURE) == card(PICTURE._replace(width=600))
    assert gallery._drawn.cache_info().misses == 1


@pytest.mark.parametrize(
    "other",
    [{"key": "other"}, {"width": 450, "height": 600}, {"show_photo": True}, {"sample": True}, {"result_version": 1},
     {"handle": "painter-two"}, {"shown_styles": ()}, {"shown_styles": (STYLE, STYLE)},
     {"shown_styles": (STYLE._replace(name=""),)}, {"shown_styles": (STYLE._replace(name="Lines"),)}],
)  # fmt: skip
def test_whatever_differs_is_another_card(other: dict[str, Any]) -> None:
    first = card(PICTURE)
    assert card(PICTURE._replace(**other)) != first == card(PICTURE)


def test_every_language_has_a_card_of_its_own() -> None:
    for language, words in (("en", "The style"), ("ru", "Стиль"), ("en", "The style")):
        with translation.override(language):
            assert f'alt="{words}"' in card(PICTURE)


def test_what_people_wrote_is_escaped() -> None:
    drawn = card(PICTURE._replace(handle="<i>me", shown_styles=(STYLE._replace(name="<b>bold"),)))
    assert "<i>" not in drawn and "<b>" not in drawn and "&lt;b&gt;bold" in drawn


def test_cards_that_were_never_drawn_ask_no_more(
    alice: User, bob: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        make.post((alice, bob)[number % 2], show_photo=True).job.style_links.create(style=make.style(bob), weight=1.0)
    client = Client()
    client.cookies["seen"] = "1"
    with django_assert_num_queries(2):
        client.get(FEED)
    assert gallery._drawn.cache_info().currsize == 5  # one of them at the opening
    with django_assert_num_queries(2):
        client.get(FEED)


def no_photo(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(show_photo=False)


def other_name(job: Job) -> None:
    User.objects.filter(pk=job.owner_id).update(handle="now-another")


def no_style(job: Job) -> None:
    job.style_links.all().delete()


@pytest.mark.parametrize(
    ("act", "gone"), [(no_photo, "/photo/mini.webp"), (other_name, "alice-paints"), (no_style, "/style/0/mini.webp")]
)
def test_what_is_taken_back_is_gone_with_the_next_look(alice: User, act: Callable[[Job], None], gone: str) -> None:
    job = make.done_job(alice, show_photo=True)
    assert gone in wall()
    act(job)
    assert gone not in wall()


def wall() -> str:
    hung = Post.objects.for_public_feed().hung(24)
    return str(gallery.cards_of(post.shown for post in hung))


def test_of_a_picture_no_more_is_read_than_its_card_shows(alice: User) -> None:
    """In the order of its columns, too."""
    job = make.done_job(alice, width=600, height=450, show_photo=True, sample=True)
    (post,) = Post.objects.for_public_feed().hung(24)
    style = job.styles.get()
    assert post == Post.objects.get() and post.created_at == Post.objects.get().created_at
    assert post.shown == Shown(
        job.key, 600, 450, True, True, 0, alice.handle, (ShownStyle(style.key, style.name, None),)
    )
