"""Beside the peer: PyPI's pastiche 1.6 and this engine, judged by the peer's objective on saved 8-bit pictures.

The yardstick is the time to our first frame at or under the loss of the peer's saved picture after 200 steps.
"""

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

from PIL import Image

from benchmarks import pictures, race
from benchmarks.duel import Duel
from benchmarks.race import Frame, Run
from benchmarks.report import Report

SOONER, GOAL, CONTENT, APART = 8, 15, 1.3, 0.01
SHARES = (0.05, 0.1, 0.25, 0.5, 1.0)
"""Of the peer's steps, where losses are compared at equal time."""


def options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peer", description=__doc__)
    pictures.add_pair(parser)
    parser.add_argument("--size", type=int, default=512, help="px of the photo's long side")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=200, help="of the peer")
    parser.add_argument("--seconds", type=float, default=45, help="ours paints for so long")
    parser.add_argument("--budget", type=float, default=460, help="seconds for everything, which bounds further rounds")
    parser.add_argument("--precision", default="auto", help="of our convolutions: auto, float32 or bfloat16")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--keep", type=Path, help="a folder in which pictures and frames stay")
    return parser


def main() -> None:
    given = options().parse_args()
    began, report = time.monotonic(), Report("Beside the peer: pastiche 1.6, whole processes")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(given.keep or temporary).resolve()
        photo, style = pictures.prepare(pictures.chosen(given), given.size, folder)
        duel = Duel(photo, style, folder, given.device, given.precision)
        sizes = [f"{image.width}x{image.height} px" for image in map(Image.open, (photo, style))]
        report.note(f"{pictures.chosen(given)}: {sizes[0]} in a style of {sizes[1]}, on {given.device}.")
        report.note("Times are from the process's start, imports included; saving frames is left out on both sides.\n")
        peer = duel.peer(given.steps, "peer1", "--verify")
        whole = peer.frames[-1].seconds
        ours = duel.ours("ours1", "--seconds", min(whole, max(given.seconds, 1.5 * whole / SOONER)))
        frame = compare(report, duel, peer, ours)
        pairs = at_equal_time(report, duel, peer, ours)
        if given.keep:
            (folder / "equal-time.json").write_text(json.dumps(pairs), encoding="utf-8")
        if frame:
            left = given.budget - (time.monotonic() - began)
            rounds = [(peer, ours), *further(report, duel, peer, frame, left=left, rounds=given.rounds - 1)]
            medians(report, rounds, frame.number, peer.frames[-1].number, promised=given.device == "cpu")
    report.end()


def compare(report: Report, duel: Duel, peer: Run, ours: Run) -> Frame | None:
    """The first round, in full. Returns our first frame that is as good, if there is one."""
    last, off = peer.frames[-1], duel.disagreement(peer)
    saved = duel.verdict(last.path)
    report.row("the judge beside the peer's own word on two pictures", f"{off:.3%}", "1 % apart", kept=off <= APART)
    report.row(f"peer: {last.number} steps", f"{last.seconds:.1f} s", f"{race.steady(peer.frames):.2f} s a step")
    report.row("peer: the loss it prints / of its saved picture", f"{last.loss:.0f} / {saved.loss:.0f}")
    # What it prints at a step belongs to the picture before that step.
    printed = duel.first_under(ours, last.loss)
    figure = f"{last.seconds / printed.seconds:.1f} times" if printed else "not reached"
    cost = f"{printed.evaluations:.1f} evaluations" if printed else f"in {ours.frames[-1].seconds:.0f} s"
    report.row("ours: sooner at the loss it prints", figure, cost)
    frame = duel.first_under(ours, saved.loss)
    if frame is None:
        best = min(duel.verdict(one.path).loss for one in ours.frames[-3:])
        report.row("ours: at or under its saved picture", f"no: {best:.0f}", f"{SOONER} times sooner", kept=False)
        return None
    found = duel.verdict(frame.path)
    cost = f"{frame.evaluations:.1f} full-size evaluations"
    report.row("ours: at or under the loss of its saved picture after", f"{frame.seconds:.1f} s", cost)
    report.row(
        "ours: loss of that frame's saved picture", f"{found.loss:.0f}", f"frame {frame.number + 1} at full size"
    )
    ratio = found.content / saved.content
    report.row("content term, ours / the peer's", f"{ratio:.2f}", f"at most {CONTENT}", kept=ratio <= CONTENT)
    report.row("style term, ours / the peer's", f"{found.style / saved.style:.2f}")
    return frame


def at_equal_time(report: Report, duel: Duel, peer: Run, ours: Run) -> list[tuple[str, str]]:
    """Both losses, of saved pictures, at some of the peer's steps. Returns those pictures with words."""
    rows, pairs = [], []
    for theirs in peer.frames:
        if theirs.number not in {10 * round(share * peer.frames[-1].number / 10) for share in SHARES}:
            continue
        mine = race.at(ours.frames, theirs.seconds)
        stopped = mine is ours.frames[-1] and theirs.seconds > mine.seconds + 2
        loss = f"{duel.verdict(mine.path).loss:.0f}" if mine else "-"
        if mine:
            pairs.append((f"peer, {theirs.seconds:.0f} s, {theirs.number} steps", str(theirs.path)))
            pairs.append((f"ours, {mine.seconds:.0f} s, {mine.evaluations:.0f} evaluations", str(mine.path)))
        rows.append([
            f"{theirs.seconds:.1f} s", f"{theirs.number}", f"{duel.verdict(theirs.path).loss:.0f}", loss,
            f"{mine.evaluations:.1f}{', stopped' if stopped else ''}" if mine else "0",
        ])  # fmt: skip
    report.note("")
    report.table(["at equal time", "its steps", "its saved loss", "our saved loss", "our evaluations"], rows)
    return pairs


def further(report: Report, duel: Duel, peer: Run, frame: Frame, *, left: float, rounds: int) -> list[tuple[Run, Run]]:
    """More rounds, in turn, as long as there is time. Ours stops at the frame known to be good enough."""
    ready, step, total = peer.seconds("ready"), race.steady(peer.frames), peer.frames[-1].number
    ours_s = 1.5 * frame.seconds + 3  # with the saving of frames
    steps = race.affordable(left, rounds=rounds, ours_s=ours_s, ready_s=ready + 2, step_s=1.1 * step, most=total)
    if rounds and not steps:
        report.note(f"One round alone: {left:.0f} s are left of the time for this part.")
        return []
    if steps < total:
        report.note(f"In further rounds the peer makes {steps} steps; the other {total - steps} are taken to last as")
        report.note("long as the later half of these.")
    found = []
    for number in range(2, rounds + 2):
        ours = duel.ours(f"ours{number}", "--last-frame", frame.number)
        found.append((duel.peer(steps, f"peer{number}"), ours))
    return found


def medians(report: Report, rounds: list[tuple[Run, Run]], frame: int, steps: int, *, promised: bool) -> None:
    """`frame` is the one that is as good as the peer's saved picture after `steps`."""
    whole = [(race.scaled(peer.frames, steps), ours.frames[frame].seconds) for peer, ours in rounds]
    for number, (theirs, mine) in enumerate(whole, start=1):
        report.row(f"round {number}: peer / ours", f"{theirs:.1f} / {mine:.1f} s", f"{theirs / mine:.1f} times")
    ready = [
        (theirs - peer.seconds("ready"), mine - ours.seconds("ready"))
        for (theirs, mine), (peer, ours) in zip(whole, rounds, strict=True)
    ]
    ratio = ratio_of_medians(ready)
    report.row(f"sooner from 'targets ready', medians of {len(rounds)}", f"{ratio:.1f} times")
    ratio = ratio_of_medians(whole)
    kept = ratio >= SOONER if promised else None
    report.row(
        f"sooner as whole processes, medians of {len(rounds)}", f"{ratio:.1f} times",
        f"at least {SOONER}, goal {GOAL}" if promised else "", kept=kept,
    )  # fmt: skip


def ratio_of_medians(times: list[tuple[float, float]]) -> float:
    """Of the peer's to ours."""
    return statistics.median(theirs for theirs, _ in times) / statistics.median(mine for _, mine in times)


if __name__ == "__main__":
    main()
