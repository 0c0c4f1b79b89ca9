"""How often the pages that everybody asks for ask Postgres, and that it does not grow with what is there."""

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from feed import posts, views
from feed.models import Follow, Post
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


WALLS = ("/best/day/", "/best/week/", "/best/month/", "/tag/sea/", "/following/", "/search/?q=night",
         "/search/?q=%23sea+night+@alice-paints", "/feed.atom", "/tag/sea/feed.atom",
         "/people/alice-paints/feed.atom")  # fmt: skip


@pytest.mark.parametrize("where", WALLS)
def test_every_wall_asks_at_most_six_times_however_much_hangs_there(
    as_bob: Client, alice: User, bob: User, where: str
) -> None:
    Follow.objects.create(owner=bob, followed=alice)

    def hang(number: int) -> None:
        painting = make.done_job(alice, show_photo=number % 2 == 0)
        painting.style_links.create(style=make.style(bob, name=f"Second {number}"), weight=1.0)
        posts.describe(Post.objects.get(job=painting), f"Night {number}", ["sea"])

    hang(0)
    few = shown(as_bob, where)
    for number in range(1, views.PAGE + 2):
        hang(number)
    many = shown(as_bob, where)
    assert 0 < len(many) == len(few) <= MOST_FOR_A_PAGE


def test_control_one_query_for_each_picture_is_found(alice: User) -> None:
    """The same wall, read without bringing along what its cards show."""
    for _post in range(8):
        make.post(alice)
    hung = Post.objects.all()
    assert len(queries(lambda: [(post.job.owner.handle, list(post.job.style_links.all())) for post in hung])) > 6


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


@pytest.fixture
def newcomer() -> Client:
    return Client()


@pytest.fixture
def guest(newcomer: Client) -> Client:
    """One who has ordered before, and may again."""
    submit(newcomer)()
    Job.objects.update(status=Job.Status.CANCELLED)
    return newcomer


def asked_by(client: Client, **fields: object) -> list[str]:
    """Whoever looks at the line looks for all: within some seconds nobody else has to."""
    sent = submit(client, **fields)
    line.shared()
    return queries(sent)


@pytest.mark.parametrize(("who", "most"), [("as_alice", 9), ("guest", 9), ("newcomer", 12)])
def test_a_submit_of_two_new_pictures_asks_at_most_twelve_times(
    request: pytest.FixtureRequest, db: None, who: str, most: int
) -> None:
    asked = asked_by(request.getfixturevalue(who))
    assert 0 < len(asked) <= most <= MOST_FOR_A_SUBMIT
    rows = [query.split('"')[1] for query in asked if query.startswith("INSERT")]
    assert [row for row in rows if row.startswith("stylize")] == [
        "stylize_upload", "stylize_style", "stylize_job", "stylize_jobstyle",
    ]  # fmt: skip


@pytest.mark.parametrize("turn", ["0", "1"])
def test_a_submit_of_what_is_there_asks_at_most_ten_times(as_alice: Client, alice: User, turn: str) -> None:
    photo, styles = make.upload(alice), [make.style(alice, listed=True) for _style in range(4)]
    further = {f"mix{number}-style_key": style.key for number, style in enumerate(styles[1:], 1)}
    asked = asked_by(
        as_alice, photo=None, style_image=None, photo_kept=photo.key, style_key=styles[0].key, turn=turn, **further
    )
    assert 0 < len(asked) <= 10 <= MOST_FOR_A_SUBMIT


@pytest.mark.parametrize(("who", "most"), [("as_alice", MOST_FOR_A_SUBMIT), ("newcomer", MOST_FOR_A_SUBMIT + 3)])
def test_a_submit_of_all_that_the_form_can_hold(
    request: pytest.FixtureRequest, alice: User, who: str, most: int
) -> None:
    """A turned photo with a mask, two styles of the gallery and two new ones: only a newcomer's is above the bound."""
    first, second = (make.style(alice, listed=True).key for _style in range(2))
    new = {f"mix{number}-style_image": make.file(image=make.picture(colour="red")) for number in (2, 3)}
    mask = make.file("mask.png", make.half(), "PNG")
    asked = asked_by(
        request.getfixturevalue(who), turn="1", protect=mask, protect_for="1:", style_image=None, style_key=first,
        **{"mix1-style_key": second}, **new,
    )  # fmt: skip
    assert len(asked) == most


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
