"""THE BENCH: saved styles. No other module writes a Filter's row; feed/posts.py counts uses, too.

Whoever writes is alone with the owner: two of one name, and one more than anybody may have, are not made at one moment.
"""

from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Count, F, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from people import guests
from people.models import User
from stylize import controls, housekeeping, showing, tiers
from stylize.models import PRINTS, Filter, Job, JobStyle, Style

MOST: Final = 200  # that one person may have; each keeps its style's files

OFFERED: Final = 24  # of one's own, on the page to create
USED: Final = 12  # of others'


class Refused(Exception):
    """It cannot be saved so; `field` of the form says why."""

    def __init__(self, words: str, field: str | None = None) -> None:
        super().__init__(words)
        self.field = field


def save(owner: User, style: Style, *, name: str, settings: dict[str, Any], is_public: bool) -> Filter:
    """Keep a style under a name, with the settings that suit it. Raises Refused."""
    try:
        with transaction.atomic():
            guests.hold_owner(owner, with_neighbours=False)
            held = _held(owner, style)
            _check_room(owner)
            _check_name(owner, name)
            made = Filter.objects.create(
                owner=owner, style=held, name=name, controls=settings, is_public=is_public, uses=held.uses
            )
            showing.changed()
    except (User.DoesNotExist, IntegrityError) as gone:
        raise Refused(_gone()) from gone
    return made


def change(found: Filter, *, name: str, settings: dict[str, Any], is_public: bool) -> None:
    """Raises Refused."""
    with transaction.atomic():
        guests.hold_owner(found.owner, with_neighbours=False)
        held = Filter.objects.select_for_update().filter(pk=found.pk).first()
        if held is None:
            raise Refused(_("This saved style has just been deleted."))
        if is_public and held.is_barred:
            raise Refused(_("This style was taken out of the gallery by our staff. It can only be private."), "shown")
        _check_name(found.owner, name, but=found.pk)
        held.name, held.controls, held.is_public = name, settings, is_public
        held.save(update_fields=["name", "controls", "is_public"])
        showing.changed()


def delete(found: Filter) -> None:
    """With its style and the style's files, where nobody else uses them."""
    Filter.objects.filter(pk=found.pk).delete()
    showing.changed()
    housekeeping.delete_style_if_unused(found.style)


def begun_from(found: Job | Filter | None) -> dict[str, Any]:
    """The settings that a picture was painted with, or that another saved style prefers."""
    kept = found.controls if found else {}
    return controls.differing({name: kept[name] for name in controls.DEFAULTS if name in kept})


def offered(user: User | None) -> dict[str, list[Filter]]:
    """For the page to create: one's own saved styles, the newest first, and others' that are used most."""
    own = Filter.objects.owned_by(user).with_styles().order_by("-id")
    others = Filter.objects.shown().filter(style__listed=False).with_styles().order_by("-uses", "-id")
    ones_own = list(own[: OFFERED + 1]) if user and not user.is_guest else []
    return {
        "saved_styles": ones_own[:OFFERED], "more_saved": ones_own[OFFERED:],
        "used_styles": [found for found in others[: 2 * USED] if found.owner_id != (user and user.pk)][:USED],
    }  # fmt: skip


def recount() -> int:
    """Make the numbers of uses true again after pictures were deleted; how many were wrong.

    One row in each statement, so that nobody who publishes meanwhile waits crosswise for it. What is published at the
    very moment may be missed until the next time.
    """
    wrong = Style.objects.annotate(true=_uses(OuterRef("pk"))).exclude(uses=F("true"))
    true = _uses(OuterRef("pk"))
    styles = [Style.objects.filter(pk=pk).update(uses=true) for pk in wrong.values_list("pk", flat=True)]
    behind = Filter.objects.exclude(uses=F("style__uses")).values_list("pk", "style_id", "style__uses")
    filters = [Filter.objects.filter(pk=pk).update(uses=uses) for pk, _style, uses in behind]
    return sum(styles) + sum(filters)


def _uses(style: OuterRef) -> Any:
    painted = JobStyle.objects.filter(style=style, job__status=Job.Status.DONE)
    painted = painted.exclude(job__tier__in=[tiers.PROOF.name, *PRINTS]).order_by()
    counted = painted.values("style").annotate(all=Count("pk")).values("all")
    return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))


def _held(owner: User, style: Style) -> Style:
    """The style, which nobody deletes until this transaction ends."""
    held = Style.objects.select_for_update(no_key=True).filter(pk=style.pk).first()
    if held is None or not Style.objects.usable_by(owner).filter(pk=style.pk).exists():
        raise Refused(_gone())
    return held


def _check_room(owner: User) -> None:
    if Filter.objects.owned_by(owner).count() >= MOST:
        words = _("You have %(n)d saved styles, as many as anybody can have. Delete one, then save this one.")
        raise Refused(words % {"n": MOST})


def _check_name(owner: User, name: str, *, but: int | None = None) -> None:
    if Filter.objects.owned_by(owner).filter(~Q(pk=but), name=name).exists():
        raise Refused(_("You have a saved style of this name already. Choose another name."), "name")


def _gone() -> str:
    return _("This style is not there any more.")
