"""One painting by this engine as a process of its own, every frame at the final size saved with its time.

Beside `python -m worker.engine paint` it does nothing but keep the time and the frames.
"""

import json
from dataclasses import replace
from typing import Any

from benchmarks.stopwatch import Stopwatch, arguments, save


def main() -> None:
    parser = arguments("Paint with this engine.")
    parser.add_argument("--settings", type=json.loads, required=True, help="of worker.engine.Settings, as JSON")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so many")
    parser.add_argument("--last-frame", type=int, default=1 << 30, help="stop after that one")
    parser.add_argument("--only-begin", action="store_true", help="stop where the first evaluation begins")
    parser.add_argument("--warm", action="store_true", help="paint once before, and start the clock anew")
    options = parser.parse_args()
    watch = Stopwatch(options.began, options.log)

    from worker.engine import Settings, Style, images, stylise  # counts: it loads PyTorch

    watch.note("imported")
    settings = Settings(device=options.device, **options.settings)
    photo, style = images.open_picture(options.photo), images.open_picture(options.style)
    if options.warm:
        for step in stylise(photo, [Style(photo)], replace(settings, iterations=min(8, settings.iterations))):
            _settle(step.tensor)
        watch.restart()
    _watch_the_first_evaluation(watch, only_begin=options.only_begin)
    shown, evaluations = 0, 0.0
    for step in stylise(photo, [Style(style)], settings, pulse=Once(watch)):
        height, width = step.tensor.shape[2:]
        evaluations += width * height / (photo.width * photo.height)
        if (width, height) != photo.size:
            continue
        _settle(step.tensor)
        with watch.stopped() as seconds:
            facts = {"number": shown, "iteration": step.iteration, "evaluations": evaluations, "loss": step.loss}
            watch.note("frame", seconds=seconds, **facts)
            if options.frames:
                save(step.picture(), options.frames, shown)
        if seconds > options.seconds or shown >= options.last_frame:
            break
        shown += 1


class Once:
    """A pulse that notes its first call: the network's first layer."""

    def __init__(self, watch: Stopwatch) -> None:
        self.watch, self.called = watch, False

    def __call__(self) -> None:
        if not self.called:
            self.called = True
            self.watch.note("layer")


def _watch_the_first_evaluation(watch: Stopwatch, *, only_begin: bool) -> None:
    from worker.engine.objective import Evaluation, Objective

    evaluate = Objective.evaluate

    def watched(*given: Any, **named: Any) -> Evaluation:
        watch.note("ready")
        Objective.evaluate = evaluate  # type: ignore[method-assign]
        if only_begin:
            raise SystemExit
        return evaluate(*given, **named)

    Objective.evaluate = watched  # type: ignore[method-assign]


def _settle(tensor: Any) -> None:
    """Until the graphics card is done."""
    import torch

    if tensor.is_cuda:
        torch.cuda.synchronize(tensor.device)


if __name__ == "__main__":
    main()
