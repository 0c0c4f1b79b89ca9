"""THE BENCH: the twelve style images that come with the house, in the order of the gallery."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from PIL import Image

from stylize.samples import facets, gold, marbling, oils, prints, tiles, washes


@dataclass(frozen=True)
class Drawing:
    """`draw` returns the same RGB picture every time: each drawing has its own fixed seed."""

    slug: str
    title: str | Promise
    draw: Callable[[], Image.Image]

    @property
    def name(self) -> str:
        """The title in the language of the sources, for a row of the database; `Style.title` translates it."""
        with override(settings.LANGUAGE_CODE):
            return str(self.title)


DRAWINGS: tuple[Drawing, ...] = (
    Drawing("windy-night", _("Windy night"), oils.windy_night),
    Drawing("golden-mosaic", _("Golden mosaic"), tiles.golden_mosaic),
    Drawing("breaking-wave", _("Breaking wave"), prints.breaking_wave),
    Drawing("watercolour-poppies", _("Watercolour poppies"), washes.watercolour_poppies),
    Drawing("cubist-guitar", _("Cubist guitar"), facets.cubist_guitar),
    Drawing("river-in-dots", _("River in dots"), oils.river_in_dots),
    Drawing("golden-tree", _("Golden tree"), gold.golden_tree),
    Drawing("ink-mountains", _("Ink mountains"), washes.ink_mountains),
    Drawing("leaded-window", _("Leaded window"), tiles.leaded_window),
    Drawing("autumn-avenue", _("Autumn avenue"), oils.autumn_avenue),
    Drawing("carved-sunrise", _("Carved sunrise"), prints.carved_sunrise),
    Drawing("marbled-paper", _("Marbled paper"), marbling.marbled_paper),
)


def named(slug: str) -> Drawing:
    """The drawing of that slug; KeyError if there is none."""
    return {drawing.slug: drawing for drawing in DRAWINGS}[slug]


def draw(slug: str) -> Image.Image:
    return named(slug).draw()
