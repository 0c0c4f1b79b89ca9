"""What the templates are given: true widths of small copies, and the loss as a line."""

import pytest

from people.models import User
from stylize.models import Job
from stylize.templatetags import painting
from tests import make


@pytest.mark.parametrize(
    ("size", "widths"), [((1200, 800), [320, 640, 1200]), ((450, 600), [240, 450]), ((300, 200), [300])]
)
def test_each_copy_is_named_once_by_its_true_width(size: tuple[int, int], widths: list[int]) -> None:
    named = painting.srcset(Job(key="k", width=size[0], height=size[1])).split(", ")
    assert [int(copy.split()[1].rstrip("w")) for copy in named] == widths


def test_an_even_fall_of_the_logarithm_is_a_straight_line() -> None:
    assert painting.curve([100.0, 10.0, 1.0]) == "0.0,0.0 50.0,20.0 100.0,40.0"


@pytest.mark.parametrize("losses", [[], [5.0], [float("nan"), 5.0]])
def test_less_than_two_losses_are_no_line(losses: list[float]) -> None:
    assert painting.curve(losses) == ""


def test_a_loss_that_stands_still_or_reaches_nought_is_a_line_all_the_same() -> None:
    assert painting.curve([2.0, 2.0]) == "0.0,0.0 100.0,0.0"
    assert painting.curve([1.0, 0.0]).endswith("100.0,40.0")


def test_the_first_style_is_the_style_of_the_first_link(alice: User) -> None:
    job = make.job(alice)
    assert painting.first_style(job) == job.styles.get()
    job.style_links.all().delete()
    assert painting.first_style(Job.objects.get(pk=job.pk)) is None
