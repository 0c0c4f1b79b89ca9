"""THE GALLERY: what a card on the wall shows of a picture, and nothing else of it.

Plain rows instead of models: a page makes 24 of these, and models that know a few of their columns each cost it more
than all its words. Templates read them as they read a Job.
"""

from typing import Final, NamedTuple

from stylize.models import Style


class ShownStyle(NamedTuple):
    key: str
    name: str
    slug: str | None

    @property
    def title(self) -> str:
        return Style(key=self.key, name=self.name, slug=self.slug).title


class Shown(NamedTuple):
    key: str
    width: int  # px
    height: int
    show_photo: bool
    sample: bool
    result_version: int
    handle: str  # the painter's
    shown_styles: tuple[ShownStyle, ...] = ()
    title: str = ""
    likes: int = 0


OF_THE_JOB: Final = (
    "job__key", "job__width", "job__height", "job__show_photo", "job__sample", "job__result_version",
    "job__owner__handle",
)  # fmt: skip  # as Shown has them
OF_THE_POST: Final = ("title", "likes_count")
OF_A_STYLE: Final = ("style__key", "style__name", "style__slug")  # as ShownStyle has them
