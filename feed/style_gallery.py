"""THE GALLERY: the styles that everybody may paint with, the house's and people's, by use, each with its best pictures.

Each has a place that orders all of them, and that paging goes by: its uses, then the house's before people's, then the
newest first; put together as one number.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from django.core.cache import cache
from django.db import connection
from django.db.models import Q

from feed.models import Post, PostQuerySet
from people.models import User
from stylize.models import Filter, Style

ROOM: Final = 10**11  # for ids, in a place
HOUSE: Final = 5 * 10**10  # above any id of a filter
MOST_USES: Final = 10**7 - 1
BEST: Final = 3  # pictures beside each style
BEST_LIVE_S: Final = 300  # for which they may be others than the most liked; hidden ones are never shown

BEST_OF: Final = """
SELECT style.id, best.id
FROM unnest(%(styles)s) AS style (id) CROSS JOIN LATERAL (
    SELECT post.id FROM stylize_jobstyle link
    JOIN stylize_job job ON job.id = link.job_id JOIN feed_post post ON post.job_id = job.id
    WHERE link.style_id = style.id AND (job.status, job.visibility) = ('done', 'public')
    ORDER BY post.likes_count DESC, post.id DESC LIMIT %(most)s
) AS best
"""


class Best(NamedTuple):
    """A picture as small as it stands beside its style."""

    key: str
    result_version: int
    width: int
    height: int


@dataclass(frozen=True)
class Entry:
    """A style in the gallery: one of the house's, or somebody's filter."""

    style: Style
    filter: Filter | None = None
    best: Sequence[Best] = ()

    @property
    def key(self) -> str:
        return (self.filter or self.style).key

    @property
    def title(self) -> str:
        return self.filter.name if self.filter else self.style.title

    @property
    def handle(self) -> str:
        """Of whoever has saved it; empty for the house."""
        return self.filter.owner.handle if self.filter else ""

    @property
    def person_page(self) -> str:
        return f"/people/{self.handle}/"

    @property
    def uses(self) -> int:
        return (self.filter or self.style).uses

    @property
    def controls(self) -> dict[str, Any]:
        return self.filter.controls if self.filter else {}

    @property
    def place(self) -> int:
        return min(self.uses, MOST_USES) * ROOM + (self.filter.pk if self.filter else HOUSE + self.style.pk)


def page(before: int | None, at_most: int) -> list[Entry]:
    """The first of those behind a place, without their best pictures: two queries."""
    filters = Filter.objects.shown().with_styles().order_by("-uses", "-id").filter(_behind(before, 0))
    house = Style.objects.filter(listed=True).select_related("image").order_by("-uses", "-id")
    found = [Entry(of.style, of) for of in filters[:at_most]]
    found += [Entry(style) for style in house.filter(_behind(before, HOUSE))[:at_most]]
    return sorted(found, key=lambda entry: -entry.place)[:at_most]


def named(key: str, user: User | None) -> Entry | None:
    """The style whose page this is, where `user` may see it."""
    found = Filter.objects.visible_to(user).with_styles().filter(key=key).first()
    if found:
        return Entry(found.style, found)
    style = Style.objects.for_gallery().filter(key=key).first()
    return Entry(style) if style else None


def with_best(entries: Sequence[Entry]) -> list[Entry]:
    """The same with their most liked public pictures; never more than two queries, and mostly one."""
    best = _best({entry.style.pk for entry in entries})
    return [Entry(entry.style, entry.filter, best[entry.style.pk]) for entry in entries]


def results(style: Style) -> PostQuerySet:
    """Public pictures in a style, the most liked first."""
    return Post.objects.for_public_feed().filter(job__style_links__style=style).order_by("-likes_count", "-id")


def liked_place(likes: int, pk: int) -> int:
    return min(likes, MOST_USES) * ROOM + pk


def behind_liked(before: int) -> Q:
    likes, pk = divmod(before, ROOM)
    return Q(likes_count__lte=likes) & (Q(likes_count__lt=likes) | Q(pk__lt=pk))


def _behind(before: int | None, offset: int) -> Q:
    if before is None:
        return Q()
    uses, rest = divmod(before, ROOM)
    return Q(uses__lte=uses) & (Q(uses__lt=uses) | Q(pk__lt=max(0, rest - offset)))


def _best(styles: Iterable[int]) -> dict[int, list[Best]]:
    names = {f"style:best:{pk}": pk for pk in styles}
    known = cache.get_many(names)
    missing = [pk for name, pk in names.items() if name not in known]
    if missing:
        fresh = _look(missing)
        cache.set_many({f"style:best:{pk}": fresh[pk] for pk in missing}, BEST_LIVE_S)
        known |= {f"style:best:{pk}": fresh[pk] for pk in missing}
    wanted = {pk for posts in known.values() for pk in posts}
    rows = Post.objects.for_public_feed().filter(pk__in=wanted) if wanted else Post.objects.none()
    columns = ("job__key", "job__result_version", "job__width", "job__height")
    shown = {pk: Best(*of) for pk, *of in rows.values_list("pk", *columns)}
    best = defaultdict[int, list[Best]](list)
    return best | {pk: [shown[post] for post in known[name] if post in shown] for name, pk in names.items()}


def _look(styles: list[int]) -> dict[int, list[int]]:
    with connection.cursor() as cursor:
        cursor.execute(BEST_OF, {"styles": styles, "most": BEST})
        found = defaultdict[int, list[int]](list)
        for style, post in cursor.fetchall():
            found[style].append(post)
    return found
