"""How often the pages that everybody asks for ask Postgres, and that it does not grow with what is there."""

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from feed import views
from people.models import User
from stylize import line, progress
from stylize.models import Job
from tests import make

FEED, CREATE, MINE = "/", "/paint/", "/mine/"
MOST_FOR_A_PAGE, MOST_FOR_A_SUBMIT = 6, 12
LOOK = 8  # of the line, once in some seconds for everybody
OVERHEAD = ("SAVEPOINT", "RELEASE SAVEPOINT")  # a test's own transaction makes savepoints of what else is BEGIN


def queries(act: Callable[[], object]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        act()
    return [query["sql"] for query in captured if not query["sql"].startswith(OVERHEAD)]


def shown(client: Client, where: str) -> list[str]:
    def look() -> None:
        assert client.get(where).status_code == 200

    return queries(look)


@pytest.fixture
def known() -> Client:
    """A visitor whose pages nothing keeps."""
    client = Client()
    client.cookies["seen"] = "1"
    return client


def test_the_feed_asks_at_most_six_times_however_many_pictures_painters_and_styles_there_are(
    known: Client, as_alice: Client, alice: User, bob: User
) -> None:
    make.done_job(alice, show_photo=True)
    few, few_signed_in = shown(known, FEED), shown(as_alice, FEED)
    for number in range(views.PAGE):
        painting = make.done_job((alice, bob)[number % 2], show_photo=number % 2 == 0, sample=number % 3 == 0)
        painting.style_links.create(style=make.style(bob, name=f"Second {number}"), weight=1.0)
    many, many_signed_in = shown(known, FEED), shown(as_alice, FEED)
    assert 0 < len(many) == len(few) <= MOST_FOR_A_PAGE
    assert len(many_signed_in) == len(few_signed_in) <= MOST_FOR_A_PAGE


def test_older_pages_ask_as_often_as_the_first(known: Client, alice: User) -> None:
    made = [make.post(alice) for _post in range(3)]
    assert len(shown(known, f"{FEED}?before={made[-1].pk}")) == len(shown(known, FEED))


def test_control_one_query_for_each_picture_is_found(alice: User) -> None:
    """The same wall, read without bringing along what its cards show."""
    from feed.models import Post

    for _post in range(8):
        make.post(alice)
    posts = Post.objects.all()
    assert len(queries(lambda: [(post.job.owner.handle, list(post.job.style_links.all())) for post in posts])) > 6


def test_ones_own_pictures_do_not_ask_more_often_the_more_there_are(as_alice: Client, alice: User) -> None:
    make.done_job(alice)
    few = shown(as_alice, MINE)
    for _job in range(6):
        make.done_job(alice)
    assert len(shown(as_alice, MINE)) == len(few) <= MOST_FOR_A_PAGE


def submit(client: Client, **fields: object) -> Callable[[], None]:
    form = make.form(**fields)

    def act() -> None:
        answer = client.post(CREATE, form)
        assert answer.status_code == 302, answer.content.decode()

    return act


def test_a_submit_asks_at_most_twelve_times(as_alice: Client, alice: User) -> None:
    photo, style = make.upload(alice), make.style(alice, listed=True)
    kept = submit(as_alice, photo=None, style_image=None, photo_kept=photo.key, style_key=style.key)
    line.shared()  # whoever asks looks for all: within some seconds nobody else has to
    assert 0 < len(queries(kept)) <= MOST_FOR_A_SUBMIT


def test_two_pictures_of_ones_own_cost_three_rows_and_no_look_at_what_lies_about(as_alice: Client) -> None:
    sent = submit(as_alice)
    line.shared()
    asked = queries(sent)
    assert len([query for query in asked if query.startswith("INSERT")]) == 5  # and the job with its style
    assert len(asked) <= MOST_FOR_A_SUBMIT + 1


def test_watching_asks_nothing_while_the_kiln_speaks_and_little_in_line(known: Client, alice: User) -> None:
    job = make.job(alice)
    where = reverse("stylize:watch", args=[progress.token_of(job.key)])
    assert len(shown(known, where)) <= MOST_FOR_A_PAGE + LOOK  # the first of all looks at the line for the others
    progress.forget(job.key)
    assert 0 < len(shown(known, where)) <= MOST_FOR_A_PAGE
    assert shown(known, where) == []  # kept for a moment
    progress.write(job.key, progress.Snapshot(Job.Status.RUNNING, 0.5))
    assert shown(known, where) == []


def look_anew(job: Job) -> None:
    cache.delete(line.SHARED)
    line.turn_of(job)


def test_the_place_in_line_is_told_with_as_many_queries_however_long_the_line_is(known: Client, alice: User) -> None:
    first = make.job(alice)
    few = len(queries(lambda: look_anew(first)))
    for _job in range(5):
        last = make.job(alice)
    assert len(queries(lambda: look_anew(last))) == few
