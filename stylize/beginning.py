"""THE BENCH: with what the page to create begins: empty, or with what its address names.

`?photo=` names a photo and brings the choices made for it the last time, its framing and its mask with them;
`?style=` a style; `?filter=` a saved one, with the settings that suit it; `?mix=` the picture whose styles are wanted;
`?recipe=` the public picture whose styles and controls are wanted, for another photo; `?again=` one's own picture,
whose whole recipe is wanted, with `?tier=` in another tier; with `?proof=` as that of nine proofs has it.
"""

from functools import partial
from typing import Any, Final

from django.http import HttpRequest

from people import guests
from people.models import User
from stylize import addresses, controls, filters, forms, framing, mix, proofs, tiers
from stylize.models import Filter, Job, Style, Upload

PROOFS: Final = {str(number) for number in range(tiers.PROOF_SIDE**2)}


def form(request: HttpRequest) -> forms.PaintForm:
    owner = guests.owner(request)
    own = Job.objects.with_pages().owned_by(owner)
    again = _named(request, own.with_pictures(), "again")
    photo = again.photo if again else _named(request, Upload.objects.owned_by(owner), "photo")
    before = again or (own.filter(photo=photo).order_by("-id").first() if photo else None)
    recipe = again or _named(request, Job.objects.paintings().with_recipe_for(owner).with_pictures(), "recipe")
    saved = _named(request, Filter.objects.visible_to(owner).with_styles(), "filter")
    steered = filters.begun_from(saved) if saved else _controls(request, recipe) if recipe else {}
    chosen = _choices(before) | steered | {"form_token": forms.new_token()}
    if again and request.GET.get("tier") in tiers.TIERS:
        chosen["tier"] = request.GET["tier"]
    made = forms.PaintForm(initial=chosen, owner=owner, make_owner=partial(guests.owner_or_new_guest, request))
    made.kept_photo = photo
    made.kept_mask = before.protect if before else None
    made.saved = saved
    made.choose_styles([(saved.style, 1)] if saved else _styles(request, owner, recipe))
    return made


def _named(request: HttpRequest, some: Any, parameter: str) -> Any:
    key = addresses.key_in(request, parameter)
    return some.filter(key=key).first() if key else None


def _choices(before: Job | None) -> dict[str, Any]:
    if before is None:
        return {"tier": tiers.FREE.name, "visibility": Job.Visibility.PUBLIC, "show_photo": False}
    tier = tiers.TIERS.get(before.wanted_tier or before.tier, tiers.FREE)
    visibility = before.wanted_visibility or before.visibility
    chosen = {"tier": tier.name, "visibility": visibility, "show_photo": before.show_photo}
    chosen |= {"turn": before.framing.turn, "crop": framing.written(before.framing.crop)}
    return chosen | ({"iterations": before.wanted_iterations or before.iterations} if len(tier.iterations) > 1 else {})


def _controls(request: HttpRequest, job: Job) -> dict[str, Any]:
    kept = job.controls
    if job.is_proof and request.GET.get("proof", "") in PROOFS:
        kept = proofs.sheet(job.controls)[int(request.GET["proof"])].controls
    return {name: kept[name] for name in controls.DEFAULTS if name in kept}


def _styles(request: HttpRequest, owner: User | None, recipe: Job | None) -> list[tuple[Style, int]]:
    wanted = recipe or _named(request, Job.objects.visible_to(owner).with_pictures(), "mix")
    if wanted:
        return mix.of(wanted, owner)
    style = _named(request, Style.objects.usable_by(owner), "style")
    return [(style, 1)] if style else []
