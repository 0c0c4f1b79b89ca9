"""What the templates are given: true widths of small copies, and the loss as a line."""

import pytest

from people.models import User
from stylize import pictures
from stylize.models import Job
from stylize.templatetags import painting
from tests import make


@pytest.mark.parametrize(
    ("size", "widths"),
    [((1200, 800), [320, 640, 960, 1200]), ((450, 600), [240, 450]), ((300, 200), [300]), ((640, 400), [320, 640])],
)
@pytest.mark.parametrize("kind", [pictures.WEBP, pictures.AVIF])
def test_each_copy_is_named_once_by_its_true_width(size: tuple[int, int], widths: list[int], kind: str) -> None:
    named = painting.srcset(Job(key="k", width=size[0], height=size[1]), kind).split(", ")
    assert [int(copy.split()[1].rstrip("w")) for copy in named] == widths
    assert all(copy.split()[0].endswith(kind.removeprefix("image/")) for copy in named)


def test_the_photos_copies_are_named_by_width_too() -> None:
    named = painting.photo_srcset(Job(key="k", width=600, height=400)).split(", ")
    assert [copy.split()[1] for copy in named] == ["96w", "320w", "640w", "1280w"]
    assert painting.photo_srcset(Job(key="k", width=400, height=600)).split(", ")[-1].endswith(" 853w")


@pytest.mark.parametrize(("size", "on_a_phone"), [((600, 400), "100vw"), ((400, 600), "50vw")])
def test_the_wall_asks_for_what_it_shows(size: tuple[int, int], on_a_phone: str) -> None:
    assert painting.wall_sizes(Job(width=size[0], height=size[1])).endswith(f", {on_a_phone}")


def test_the_first_style_is_the_style_of_the_first_link(alice: User) -> None:
    job = make.job(alice)
    assert painting.first_style(job) == job.styles.get()
    job.style_links.all().delete()
    assert painting.first_style(Job.objects.get(pk=job.pk)) is None
