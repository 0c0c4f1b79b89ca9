"""The ground of `benchmarks.walls`: pictures, likes and people in a Postgres of its own, made in SQL."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from benchmarks import web_ground
from ostagram.embedded import run
from tests import servers

SECONDS_APART: Final = 86  # so 100,000 pictures are of a hundred days
STYLES: Final = 1_000
FOLLOWED: Final = (10, 300, 3_000)  # by each of the readers
COMMON, RARE = "ночь", "единорог"  # a third of the pictures; one of five thousand
TITLES: Final = ["Ночь над рекой", "Old town in the rain", "Портрет у окна", "Mountains", "Гроза", ""]
FILTERS: Final = """
INSERT INTO stylize_filter (key, owner_id, style_id, name, controls, is_public, is_barred, uses, created_at)
SELECT key, owner_id, id, name, '{}', true, false, 0, created_at FROM stylize_style WHERE name LIKE 'Style %'"""
STYLED: Final = """
INSERT INTO stylize_jobstyle (job_id, style_id, weight)
SELECT id, styles[1 + floor(%s * power(random(), 2))::int], 1.0
FROM stylize_job, (SELECT array_agg(id) AS styles FROM stylize_style WHERE name LIKE 'Style %%') AS those
WHERE id NOT IN (SELECT job_id FROM stylize_jobstyle)"""
HUNG: Final = """
INSERT INTO feed_post (job_id, owner_id, created_at, title, tags, likes_count, comments_count, heat_day, heat_week,
                       heat_month, words)
SELECT job.id, owner_id, job.created_at, title, tags, 0, 0, 0, 0, 0,
       setweight(to_tsvector('russian', title), 'A')
       || setweight(to_tsvector('russian', array_to_string(tags, ' ')), 'B')
       || setweight(to_tsvector('simple', handle), 'C')
FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM stylize_job) AS job
JOIN people_user ON people_user.id = owner_id,
LATERAL (SELECT (%s)[1 + n %% 6] AS title, array_remove(ARRAY[
    CASE WHEN n %% 3 = 0 THEN %s END, CASE WHEN n %% 5000 = 7 THEN %s END, 'of-' || n %% 500], NULL) AS tags) AS named
WHERE job.id NOT IN (SELECT job_id FROM feed_post) ORDER BY job.id"""
LIKED: Final = """
INSERT INTO feed_like (post_id, owner_id, at)
SELECT id, people[1 + (start + n) %% %s], created_at
FROM (SELECT id, created_at, floor(random() * %s)::int AS start,
             least(%s - 1, floor(-%s * ln(1 - random()) + 0.5))::int AS likes FROM feed_post) AS post,
     (SELECT array_agg(id) AS people FROM people_user) AS those, LATERAL generate_series(1, likes) AS n"""
COUNTED: Final = (
    "UPDATE feed_post SET likes_count = counted.n FROM (SELECT post_id, count(*) AS n FROM feed_like GROUP BY post_id) "
    "AS counted WHERE counted.post_id = feed_post.id",
    "UPDATE stylize_style SET uses = (SELECT count(*) FROM stylize_jobstyle WHERE style_id = stylize_style.id)",
    "UPDATE stylize_filter SET uses = stylize_style.uses FROM stylize_style WHERE style_id = stylize_style.id",
)
FOLLOWS: Final = """
INSERT INTO feed_follow (owner_id, followed_id, at)
SELECT %s, id, now() FROM people_user WHERE id <> %s ORDER BY md5(id::text) LIMIT %s"""


@dataclass(frozen=True)
class Size:
    pictures: int
    likes: int
    people: int


@contextmanager
def prepared(size: Size) -> Iterator[float]:
    """This process set up as one of the site's own; how many seconds the filling took."""
    with servers.var_folder() as var_dir, run.running(var_dir, fast=True) as embedded:
        os.environ.update(embedded.environ)
        os.environ.update(OSTAGRAM_VAR=str(var_dir), SAMPLE_GALLERY="no", LOG_LEVEL="WARNING")
        import django

        django.setup()
        web_ground.manage("migrate", "--no-input", "--verbosity=0")
        web_ground.manage("collectstatic", "--no-input", "--verbosity=0")
        began = time.monotonic()
        _fill(size)
        yield time.monotonic() - began


def _fill(size: Size) -> None:
    from django.db import connection, transaction
    from django.db.models import F

    from feed import heat
    from feed.models import Post
    from tests import make

    owner = make.user("first")
    done, style = make.done_job(owner), make.style(owner, name="Style")
    with transaction.atomic(), connection.cursor() as cursor:
        _people(cursor, owner.pk, size.people)
        _styles(cursor, style.pk, style.image_id)
        _pictures(cursor, done.pk, size)
        each = size.likes / size.pictures
        cursor.execute(LIKED, [size.people, size.people, size.people, each])  # most have a few, some a hundred
        for statement in COUNTED:
            cursor.execute(statement)
        Post.objects.update(**heat.columns(F("likes_count")))
        _follows(cursor)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _people(cursor: Any, first: int, people: int) -> None:
    told = {"email": "'visitor' || n || '@example.org'", "handle": "'visitor-' || n"}
    web_ground.copy_row(cursor, "people_user", first, people - 1, told)


def _styles(cursor: Any, style: int, image: int) -> None:
    """With saved ones in the public gallery."""
    key = "'s' || md5(random()::text || n)::varchar(22)"
    web_ground.copy_row(cursor, "stylize_upload", image, STYLES, {"key": key, "file": "'uploads/none/' || n"})
    images = "(SELECT array_agg(id) FROM stylize_upload WHERE file LIKE 'uploads/none/%') AS images"
    told = {"key": key, "name": "'Style ' || n", "image_id": "images[n]", "listed": "false"}
    web_ground.copy_row(cursor, "stylize_style", style, STYLES, told, images)
    cursor.execute(FILTERS)


def _pictures(cursor: Any, first: int, size: Size) -> None:
    """A few people have painted thousands, most of them a few."""
    web_ground.copy_row(cursor, "stylize_job", first, size.pictures - 1, {
        "key": "'b' || md5(random()::text || n)::varchar(22)", "form_token": "gen_random_uuid()",
        "owner_id": f"people[1 + floor({size.people} * power(random(), 3))::int]", "rank": "n * 0.001",
        "created_at": f"now() - ({size.pictures} - n) * interval '{SECONDS_APART} seconds'",
        "show_photo": "n % 3 = 0", "width": "CASE WHEN n % 4 = 0 THEN 450 ELSE 600 END",
        "height": "CASE WHEN n % 4 = 0 THEN 600 ELSE 450 END",
        "visibility": "CASE WHEN n % 10 = 0 THEN 'private' ELSE 'public' END",
    }, "(SELECT array_agg(id) FROM people_user) AS people")  # fmt: skip
    cursor.execute(STYLED, [STYLES])
    cursor.execute(HUNG, [TITLES, COMMON, RARE])


def _follows(cursor: Any) -> None:
    from tests import make

    for many in FOLLOWED:
        reader = make.user(f"reader-{many}")
        cursor.execute(FOLLOWS, [reader.pk, reader.pk, many])
