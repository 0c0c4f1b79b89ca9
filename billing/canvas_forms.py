"""THE DESK: the form that orders a canvas, or a proof of one. Whatever is missing in it is what suits the picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing import canvases
from billing.canvases import CANVASES, Crop, Size, Wish, Wrap
from stylize import controls, tuning, wording
from stylize.models import Job

FORMATS: Final = (("landscape", gettext_lazy("Landscape")), ("portrait", gettext_lazy("Portrait")))
DIALS: Final = (controls.STRENGTH, controls.BRUSH_SIZE)
NUMBERS: Final = {
    "left": gettext_lazy("Cut off on the left"), "top": gettext_lazy("Cut off above"),
    "width": gettext_lazy("Width that is left"), "height": gettext_lazy("Height that is left"),
}  # fmt: skip
MOVED: Final = 0.005  # of a fraction: a crop that was fitted by less is the one that was seen
USUAL: Final = "40x60"  # is shown at first, or what is below it for a small photo
NO_NUMBER: Final = dict.fromkeys(
    ("invalid", "min_value", "max_value"), gettext_lazy("Write the crop in numbers from 0 to 100, such as 12.5.")
)


@dataclass(frozen=True)
class Number:
    """A field of the crop as the page shows it, in percent."""

    name: str
    label: str
    value: str


class CanvasForm(forms.Form):
    """Numbers of the crop are percents of the picture; a crop of another shape is fitted to the canvas."""

    size = forms.ChoiceField(choices=[(name, name) for name in CANVASES])
    format = forms.ChoiceField(choices=FORMATS)
    wrap = forms.ChoiceField(choices=Wrap.choices)
    colour = forms.RegexField(
        canvases.COLOUR, error_messages={"invalid": gettext_lazy("Choose a colour for the edges.")}
    )
    left = forms.FloatField(required=False, min_value=0, max_value=100, error_messages=NO_NUMBER)
    top = forms.FloatField(required=False, min_value=0, max_value=100, error_messages=NO_NUMBER)
    width = forms.FloatField(required=False, min_value=0, max_value=100, error_messages=NO_NUMBER)
    height = forms.FloatField(required=False, min_value=0, max_value=100, error_messages=NO_NUMBER)
    strength = tuning.DialField(controls.STRENGTH)
    brush_size = tuning.DialField(controls.BRUSH_SIZE)
    has_read = forms.BooleanField(required=False)
    form_token = forms.UUIDField(required=False)

    def __init__(self, given: Mapping[str, str], picture: Job) -> None:
        self.picture, self.photo = picture, photo_size(picture)
        self.usual = _usual(picture)
        super().__init__({**self.usual, **given})

    @property
    def chosen(self) -> dict[str, Any]:
        """What is sound of it, and the usual for the rest."""
        self.is_valid()
        return self.usual | self.cleaned_data

    @property
    def wish(self) -> Wish:
        chosen = self.chosen
        wish = Wish(
            chosen["size"], chosen["format"] == "portrait", Crop(), chosen["wrap"], chosen["colour"],
            controls={dial.name: chosen[dial.name] for dial in DIALS if chosen[dial.name] != self.usual[dial.name]},
            has_read=bool(chosen.get("has_read")),
        )  # fmt: skip
        return replace(wish, crop=canvases.fitted(self._asked, picture_size(self.picture), wish))

    @property
    def is_moved(self) -> bool:
        """Whether another crop was asked for than fits the canvas."""
        asked, crop = self._asked, self.wish.crop
        pairs = ((asked.x, crop.x), (asked.y, crop.y), (asked.width, crop.width), (asked.height, crop.height))
        return self._has_numbers and max(abs(one - other) for one, other in pairs) > MOVED

    @property
    def numbers(self) -> list[Number]:
        """As they are to stand on the page; what was written wrong comes back as it was written."""
        crop = self.wish.crop
        parts = zip(NUMBERS.items(), (crop.x, crop.y, crop.width, crop.height), strict=True)
        wrong = any(name in self.errors for name in NUMBERS)
        return [
            Number(name, str(label), str(self[name].value() or "") if wrong else f"{100 * part:.2f}")
            for (name, label), part in parts
        ]

    @property
    def number_error(self) -> str:
        return next((str(self.errors[name][0]) for name in NUMBERS if name in self.errors), "")

    @property
    def scales(self) -> list[tuning.Scale]:
        """Strength and brush size, each stop with its little picture."""
        return [tuning.Scale(dial, self[dial.name], self._stops(dial)) for dial in DIALS]

    def _stops(self, dial: controls.Dial) -> list[tuning.Stop]:
        own, chosen = self.usual[dial.name], self.chosen[dial.name]
        captions = {dial.stops[0]: dial.less, dial.stops[-1]: dial.more} | {own: _("as painted")}
        return [
            tuning.Stop(
                f"{stop:.12g}", stop == chosen, controls.example(dial.name, stop) if stop in dial.stops else "",
                captions.get(stop, ""),
            )
            for stop in sorted({*dial.stops, own, chosen})
        ]  # fmt: skip

    @property
    def _has_numbers(self) -> bool:
        return any(self.chosen[name] is not None for name in NUMBERS)

    @property
    def _asked(self) -> Crop:
        chosen = self.chosen
        x, y = (min((chosen[name] or 0.0) / 100, 1.0) for name in ("left", "top"))
        width, height = (
            1 - start if chosen[name] is None else min(chosen[name] / 100, 1 - start)
            for name, start in (("width", x), ("height", y))
        )
        return Crop(x, y, width, height)


def picture_size(picture: Job) -> Size:
    return picture.width, picture.height


def photo_size(picture: Job) -> Size:
    """Px of the photo as it was framed."""
    return picture.framing.size(picture.photo.width, picture.photo.height)


def fields(wish: Wish, picture: Job) -> dict[str, str]:
    """The wish as a form carries it."""
    crop, usual = wish.crop, _usual(picture)
    percents = zip(NUMBERS, (crop.x, crop.y, crop.width, crop.height), strict=True)
    return (
        {"size": wish.size, "format": "portrait" if wish.portrait else "landscape"}
        | {"wrap": str(wish.wrap), "colour": wish.colour or canvases.WHITE}
        | {name: f"{100 * part:.4f}" for name, part in percents}
        | {dial.name: f"{wish.controls.get(dial.name, usual[dial.name]):.12g}" for dial in DIALS}
    )


def written(wish: Wish, picture: Job) -> Sequence[tuple[str, str]]:
    """Strength and brush size as people read them."""
    usual = _usual(picture)
    return [(str(dial.title), wording.number(wish.controls.get(dial.name, usual[dial.name]))) for dial in DIALS]


def _usual(picture: Job) -> dict[str, Any]:
    portrait = picture.height > picture.width
    return {
        "size": _suited(picture, portrait=portrait), "format": "portrait" if portrait else "landscape",
        "wrap": str(Wrap.MIRROR.value), "colour": canvases.WHITE, **dict.fromkeys(NUMBERS),
        **{dial.name: picture.controls.get(dial.name, dial.default) for dial in DIALS},
    }  # fmt: skip


def _suited(picture: Job, *, portrait: bool) -> str:
    """The largest up to the usual one that the photo is good for; else the smallest."""
    names = list(CANVASES)
    for name in reversed(names[: names.index(USUAL) + 1]):
        canvas = CANVASES[name]
        crop = canvases.largest_crop(picture_size(picture), canvas, portrait=portrait, wrap=Wrap.MIRROR)
        found = canvases.sharpness(photo_size(picture), Wish(name, portrait, crop))
        if found.verdict in (canvases.Verdict.CRISP, canvases.Verdict.GOOD):
            return name
    return names[0]
