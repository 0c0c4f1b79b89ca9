"""THE BENCH: a painting's recipe in words: how it was steered, and how much of each style is in it."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stylize import controls, mix, wording
from stylize.models import Job, Style

Line = tuple[str, str]


def lines(job: Job) -> list[Line]:
    """(what, how) for all that is not the usual; nothing about a plain painting."""
    return [*_styles(job), *dials(job.controls), *_colours(job.controls), *_protected(job), *_course(job)]


def whole(job: Job) -> list[Line]:
    """(what, how) of a finished picture, the usual and what came of it, too."""
    steered = [*_styles(job), *_all_dials(job.controls), *(_colours(job.controls) or [_usual_colours()])]
    return [*steered, *_protected(job), *_course(job), *_outcome(job)]


def steering(kept: dict[str, Any]) -> list[Line]:
    """The same of controls alone: preferred settings in words."""
    return [*dials(kept), *_colours(kept)]


def shared_styles(job: Job) -> list[tuple[Style, int]]:
    """The styles of a job that `with_pictures()` has brought along, each with its share in percent."""
    links = list(job.style_links.all())
    return list(zip([link.style for link in links], mix.shares([link.weight for link in links]), strict=True))


def _styles(job: Job) -> list[Line]:
    shared = shared_styles(job)
    if len(shared) < 2:
        return []
    return [(style.title or _("Own style"), _("%(share)d\u00a0%%") % {"share": share}) for style, share in shared]


def dials(kept: dict[str, Any]) -> list[Line]:
    return [(str(dial.title), _dial(dial, kept[dial.name])) for dial in controls.DIALS if dial.name in kept]


def _all_dials(kept: dict[str, Any]) -> list[Line]:
    chosen, usual = dict(dials(kept)), _("%(number)s, as usual")
    words = {str(dial.title): usual % {"number": wording.number(dial.default)} for dial in controls.DIALS}
    return [(title, chosen.get(title, how)) for title, how in words.items()]


def _dial(dial: controls.Dial, value: float) -> str:
    words = dial.more if value > dial.default else dial.less
    return _("%(number)s, %(words)s") % {"number": wording.number(value), "words": words}


def _colours(kept: dict[str, Any]) -> list[Line]:
    name = kept.get("colours", controls.OF_THE_STYLE)
    if name == controls.OF_THE_STYLE:
        return []
    if name != controls.A_FEW:
        return [(_("Colours"), str(controls.COLOURS.get(name, name)))]
    count = kept.get("palette", controls.DEFAULTS["palette"])
    return [(_("Colours"), ngettext("%(n)d of the style", "%(n)d of the style", count) % {"n": count})]


def _usual_colours() -> Line:
    return (_("Colours"), str(controls.COLOURS[controls.OF_THE_STYLE]))


def _protected(job: Job) -> list[Line]:
    return [(_("Brush kept away"), _("Parts of the photo are protected"))] if job.protect_id else []


def _course(job: Job) -> list[Line]:
    """How it came about: what it goes on from, where it was interrupted, which of its frames is shown."""
    course = []
    if job.begun:
        words = ngettext("a picture with %(n)d iteration", "a picture with %(n)d iterations", job.begun)
        course.append((_("Goes on from"), words % {"n": job.begun}))
    if job.resumed_at:
        places = ", ".join(map(str, job.resumed_at))
        course.append((_("Interrupted, gone on from"), _("iteration %(places)s") % {"places": places}))
    if job.shown_iteration:
        course.append((_("Shown as it was after"), _("iteration %(places)s") % {"places": job.shown_iteration}))
    return course


def _outcome(job: Job) -> list[Line]:
    """What one needs besides to have the very same picture, and how long it took."""
    seconds = [(_("Time taken"), wording.duration(job.seconds))] if job.seconds else []
    engine = [(_("Engine"), job.engine_version)] if job.engine_version else []
    return [*seconds, (_("Seed"), str(job.seed)), *engine]
