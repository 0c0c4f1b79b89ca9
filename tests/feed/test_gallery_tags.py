"""Which picture stands at the opening of the feed."""

import pytest

from feed.models import Post
from feed.templatetags import gallery
from people.models import User
from tests import make


def test_the_newest_that_shows_its_photo_stands_at_the_opening(alice: User) -> None:
    make.post(alice, show_photo=True)
    newer = make.post(alice, show_photo=True)
    make.post(alice, show_photo=False)
    assert gallery.showpiece(Post.objects.for_public_feed()) == newer


@pytest.mark.django_db
def test_without_a_shown_photo_nothing_does() -> None:
    assert gallery.showpiece(Post.objects.for_public_feed()) is None
