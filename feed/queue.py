"""THE GALLERY: what staff see of reports: open ones by picture, the longest waiting first."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from django.db.models import Count, Min
from django.http import HttpRequest

from feed import moderation
from feed.models import Act, Comment, Post, Report

PAGE: Final = 20
READ: Final = 400  # reports of a page's pictures that are read; a picture may have thousands
SHOWN: Final = 12  # of each
PLACE: Final = re.compile(r"[0-9]{1,18}")


@dataclass
class Pile:
    """All open reports about one picture and the comments on it."""

    post: Post
    many: int
    of_picture: list[Report] = field(default_factory=list)
    of_comments: dict[int, tuple[Comment, list[Report]]] = field(default_factory=dict)

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Of the picture's own that were read, the most frequent first."""
        counts = Counter(report.get_reason_display() for report in self.of_picture)
        return counts.most_common()

    @property
    def comments(self) -> list[tuple[Comment, list[Report]]]:
        return [(comment, some[:SHOWN]) for comment, some in self.of_comments.values()]

    @property
    def shown(self) -> list[Report]:
        return self.of_picture[:SHOWN]

    def add(self, report: Report) -> None:
        if report.comment is None:
            self.of_picture.append(report)
        else:
            self.of_comments.setdefault(report.comment.pk, (report.comment, []))[1].append(report)


def after(request: HttpRequest) -> int:
    """Where a further page begins."""
    value = request.GET.get("after", "")
    return int(value) if PLACE.fullmatch(value) else 0


def piles(after: int) -> tuple[list[Pile], int | None]:
    """A page of them, and where the next one begins. Three queries and those that bring pictures along."""
    groups = moderation.still_open().values("picture_key").annotate(many=Count("pk"), first=Min("pk")).order_by("first")
    page = list(groups.filter(first__gt=after)[: PAGE + 1])
    further = page[PAGE - 1]["first"] if len(page) > PAGE else None
    many = {group["picture_key"]: group["many"] for group in page[:PAGE]}
    return _filled(many), further


def pile(post: Post) -> Pile:
    """One picture's, also when none are open."""
    found = _filled({post.job.key: moderation.still_open().filter(picture_key=post.job.key).count()})
    return found[0] if found else Pile(post, 0)


def story(post: Post) -> Iterable[Act]:
    return Act.objects.filter(key=post.job.key).order_by("-id")[:20]


def _filled(many: dict[str, int]) -> list[Pile]:
    posts = Post.objects.with_pictures().filter(job__key__in=many)
    found = {post.job.key: Pile(post, many[post.job.key]) for post in posts}
    reports = moderation.still_open().filter(picture_key__in=many).select_related("owner", "comment__owner")
    for report in reports.order_by("id")[:READ]:
        if report.picture_key in found:
            found[report.picture_key].add(report)
    return [found[key] for key in many if key in found]
