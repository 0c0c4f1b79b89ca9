"""The kiln's fire, its underpainting: flat parts of the photo get a ground of patches from the style.

A flat area answers the style layers with next to nothing, so their gradient takes many iterations to break it into
strokes; a night sky stays a night sky. Patches of the style, laid where the photo is flat and each about as bright
as what it covers, hold the strokes already: image quilting (Efros & Freeman, "Image quilting for texture synthesis
and transfer", SIGGRAPH 2001) with soft seams, as a start for the optimiser instead of a result.
"""

from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from worker.engine.colour import luminance_of

SIDE: Final = 0.107
"""Side of a patch in the picture's long side: 64 px in 600. It holds a few strokes, and no more of the style."""
LEAST_PATCH: Final = 16
CELLS: Final = 4
"""Patches are compared by the mean brightness of 4 x 4 cells, and taken from every such cell of the style."""
CHOICE: Final = 0.03
"""Share of the style's patches, the most similar ones, among which one is drawn: the same one everywhere would
be a wallpaper."""
LENIENCE, ALIKE = 2.0, 0.02
"""No patch is drawn that is so many times as unlike as the best one, unless both are as good as equal: where the
style has the very place of the photo, that is taken, and a photo in its own style stays itself."""
TRIES: Final = 3
"""Patches drawn for each place; the one whose edge goes on best from the neighbours' is laid."""
EXACT: Final = "donot_use_mm_for_euclid_dist"  # the quick way misses zero by more than ALIKE
AMOUNT: Final = 0.9
"""Of the patches where the photo is quite flat. The optimiser keeps the photo's forms from what is left."""
DETAIL: Final = 14.0
"""Grey levels: where the photo's brightness varies by this much (standard deviation), a third of the amount."""
LEAST_DEVIATION: Final = 3.0
"""Grey levels: the brightness of a flatter picture is not stretched to the other's range, it is noise."""


def patch_side(height: int, width: int, *, scale: float = 1.0) -> int:
    """px of a patch's side for a picture of this size, a multiple of 4; `scale` makes patches larger or smaller."""
    return max(LEAST_PATCH, CELLS * round(scale * SIDE * max(height, width) / CELLS))


def underpaint(
    photo: Tensor, styles: Sequence[Tensor], shares: Sequence[float], *, patch: int, seed: int, amount: float
) -> Tensor:
    """The photo (1, 3, H, W), 0 to 255, its flat parts replaced by patches of the `styles` (1, 3, h, w), drawn by their
    `shares`, which sum to 1. `patch`: their side in px, a multiple of 4. `amount` 0 leaves the photo as it is, 1 is the
    full ground. Same seed, same picture.
    """
    flat = flatness(luminance_of(photo), window=patch // CELLS | 1)  # (1, 1, H, W)
    return photo + amount * AMOUNT * flat * (quilt(photo, styles, shares, patch=patch, seed=seed) - photo)


def flatness(luminance: Tensor, *, window: int) -> Tensor:
    """How flat the picture is around every pixel (1, 1, H, W), 1 where it does not vary, towards 0 at its edges.

    `window`: what is around, in px, odd.
    """
    variance = _blurred(luminance.square(), window) - _blurred(luminance, window).square()
    return _blurred(torch.exp(-variance.clamp(min=0) / DETAIL**2), window)


def _blurred(plane: Tensor, window: int) -> Tensor:
    return functional.avg_pool2d(plane, window, 1, window // 2, count_include_pad=False)


def quilt(photo: Tensor, styles: Sequence[Tensor], shares: Sequence[float], *, patch: int, seed: int) -> Tensor:
    """Patches of the styles in the photo's distribution of light and dark (1, 3, H, W), their seams blended."""
    height, width = photo.shape[2:]
    stride = patch - patch // CELLS
    dice = torch.Generator().manual_seed(seed)
    around = _extended(photo.cpu(), patch, stride)
    wanted = _looks(around, patch, stride=CELLS - 1)  # (N, 16)
    owners = torch.multinomial(torch.tensor(list(shares)), len(wanted), replacement=True, generator=dice)  # (N,)
    places, tries = [], torch.empty(len(wanted), TRIES, dtype=torch.long)
    for number, style in enumerate(styles):
        mine, style = owners == number, _large_enough(style.cpu(), patch)
        places.append(style[0].unfold(1, patch, patch // CELLS).unfold(2, patch, patch // CELLS))
        tries[mine] = _similar(wanted[mine], _looks(style, patch, stride=1), dice)
    columns = (around.shape[3] - patch) // stride + 1
    patches = _joined([places[owner] for owner in owners.tolist()], tries, columns=columns, overlap=patch - stride)
    window = _window(patch).expand(3, -1, -1).reshape(1, -1, 1)  # (1, 3 * patch * patch, 1)
    size = (around.shape[2], around.shape[3])
    laid = functional.fold(window * patches.T[None], size, patch, stride=stride)
    weight = functional.fold(window.expand(-1, -1, len(wanted)), size, patch, stride=stride)
    return (laid / weight)[:, :, stride : stride + height, stride : stride + width].to(photo.device)


def _similar(wanted: Tensor, offered: Tensor, dice: torch.Generator) -> Tensor:
    """For each look (N, 16) the numbers (N, TRIES) of looks (M, 16), drawn from the most alike, perhaps repeatedly."""
    count = max(1, round(CHOICE * len(offered)))
    distances = torch.cdist(wanted, offered, compute_mode=EXACT)  # (N, M)
    apart, best = distances.topk(count, largest=False)  # (N, count), nearest first
    fit = (apart <= LENIENCE * apart[:, :1] + ALIKE).float()
    return best.gather(1, torch.multinomial(fit, TRIES, replacement=True, generator=dice))


def _joined(places: Sequence[Tensor], tries: Tensor, *, columns: int, overlap: int) -> Tensor:
    """Of each patch's tries (N, TRIES) the one that goes on best from its neighbours, (N, 3 * patch * patch).

    Patches follow row by row, `columns` a row; `places` (3, rows, columns, patch, patch) is what each is taken from.
    """
    laid: list[Tensor] = []
    for number, (source, numbers) in enumerate(zip(places, tries, strict=True)):
        tried = source[:, numbers // source.shape[2], numbers % source.shape[2]].transpose(0, 1)  # (TRIES, 3, p, p)
        gap = torch.zeros(len(tried))
        if number % columns:
            gap += (tried[..., :overlap] - laid[-1][..., -overlap:]).square().mean((1, 2, 3))
        if number >= columns:
            above = laid[number - columns]
            gap += (tried[..., :overlap, :] - above[..., -overlap:, :]).square().mean((1, 2, 3))
        laid.append(tried[int(gap.argmin())])
    return torch.stack(laid).flatten(1)


def _looks(picture: Tensor, patch: int, *, stride: int) -> Tensor:
    """What patches are compared by (N, 16): mean brightness of their cells, relative to the picture's own range.

    One patch at every `stride` cells of the picture (1, 3, H, W), row by row.
    """
    luminance = luminance_of(picture)
    relative = (luminance - luminance.mean()) / luminance.std().clamp(min=LEAST_DEVIATION)
    return functional.unfold(functional.avg_pool2d(relative, patch // CELLS), CELLS, stride=stride)[0].T


def _extended(photo: Tensor, patch: int, stride: int) -> Tensor:
    """The photo, its edge repeated by a stride all around and by what it takes for whole patches to cover it."""
    down, right = (stride + -(side + 2 * stride - patch) % stride for side in photo.shape[2:])
    return functional.pad(photo, (stride, right, stride, down), mode="replicate")


def _large_enough(style: Tensor, patch: int) -> Tensor:
    """The style with at least one whole patch in it, its edge repeated if need be."""
    down, right = (max(0, patch - side) for side in style.shape[2:])
    return functional.pad(style, (0, right, 0, down), mode="replicate")


def _window(patch: int) -> Tensor:
    """Weight of a patch's pixels (patch, patch): 1 within, falling over the overlap with its neighbours."""
    rise = ((torch.arange(patch) + 0.5) / (patch // CELLS)).clamp(max=1)
    side = torch.minimum(rise, rise.flip(0))
    return side[:, None] * side
