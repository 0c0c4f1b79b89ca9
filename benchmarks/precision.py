"""bfloat16 beside float32: the loss of the saved picture after 100 iterations, judged in float32."""

import argparse

from benchmarks import pictures
from benchmarks.judge import Judge
from benchmarks.report import Report
from worker.engine import Settings, Style, stylise
from worker.engine.device import chosen_device, chosen_precision

ITERATIONS, APART = 100, 0.03


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.precision", description=__doc__)
    pictures.add_pair(parser)
    parser.add_argument("--size", type=int, default=256, help="px of the long side")
    parser.add_argument("--iterations", type=int, default=ITERATIONS)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--anyway", action="store_true", help="where bfloat16 is not native, too; slow")
    given = parser.parse_args()
    report = Report(f"bfloat16 beside float32 at {given.size} px, {given.iterations} iterations")
    if str(chosen_precision("auto", chosen_device(given.device))) != "torch.bfloat16" and not given.anyway:
        report.note("This chip does not multiply bfloat16 itself: not measured (--anyway).")
        report.end()
    for pair in pictures.several(given, 2):
        photo = pictures.to_side(pictures.open_photo(pair.photo), given.size)
        style = pictures.open_style(pair.style)
        judge = Judge(photo, style, smoothness=Settings().smoothness, device=given.device)
        losses = []
        for precision in ("float32", "bfloat16"):
            settings = Settings(
                iterations=given.iterations, max_side=given.size, precision=precision, device=given.device
            )
            *_, last = stylise(photo, [Style(style)], settings)
            losses.append(judge(last.picture()).loss)
        float32, bfloat16 = losses
        report.row(f"{pair}: float32 / bfloat16", f"{float32:.0f} / {bfloat16:.0f}")
        change = bfloat16 / float32 - 1
        kept = change <= APART
        report.row(f"{pair}: bfloat16 beside float32", f"{change:+.1%}", f"at most {APART:.0%} more", kept=kept)
    report.end()


if __name__ == "__main__":
    main()
