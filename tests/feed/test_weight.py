"""The first page is light: all but the pictures, uncompressed."""

import re
from pathlib import Path

from django.contrib.staticfiles import finders
from django.test import Client

from feed import views
from people.models import User
from tests import make

MOST_BYTES = 200_000


def test_the_first_feed_page_is_light_before_its_pictures(anonymous: Client, alice: User) -> None:
    for _post in range(views.PAGE):
        make.post(alice, show_photo=True)
    page = anonymous.get("/").content
    parts = set(re.findall(rb'(?:href|src)="/static/([^"#]+)', page))
    assert {path.rsplit(b".", 1)[1] for path in parts} >= {b"css", b"svg"}
    files = [finders.find(path.decode()) for path in parts]
    assert len(page) + sum(Path(str(path)).stat().st_size for path in files) < MOST_BYTES
