"""On a graphics card: a warm worker's paintings, graph capture excluded, and the ratio to the peer."""

import argparse
import tempfile
import time
from pathlib import Path

import torch

from benchmarks import flops, limit, pictures, race
from benchmarks.duel import Duel
from benchmarks.report import Report
from worker.engine import Settings, Style, replay, stylise

PAINTINGS = (((1200, 900), 1000, 7.5, "goal 5 s"), ((512, 384), 500, 1.5, ""))
SOONER = 10
CAPTURED = replay.REHEARSALS + 2
"""The iteration after the one that records the graph."""


def paint(pair: pictures.Pair, size: tuple[int, int], iterations: int) -> tuple[float, float, float]:
    """Seconds of the whole painting, of it without the capture, and of a replayed iteration."""
    photo, style = pictures.to_size(pictures.open_photo(pair.photo), size), pictures.open_style(pair.style)
    settings = Settings(iterations=iterations, max_side=max(size), device="cuda")
    for _ in stylise(photo, [Style(photo)], Settings(iterations=8, max_side=max(size), device="cuda")):
        pass  # warm
    torch.cuda.synchronize()
    began, marks = time.perf_counter(), {}
    for step in stylise(photo, [Style(style)], settings):
        if step.iteration in (replay.REHEARSALS, CAPTURED, iterations) and step.phase == "paint":
            torch.cuda.synchronize()
            marks[step.iteration] = time.perf_counter() - began
    step.picture()
    whole = time.perf_counter() - began
    each = (marks[iterations] - marks[CAPTURED]) / (iterations - CAPTURED)
    capture = marks[CAPTURED] - marks[replay.REHEARSALS] - (CAPTURED - replay.REHEARSALS) * each
    return whole, whole - capture, each


def beside_the_peer(report: Report, pair: pictures.Pair) -> None:
    """From 'targets ready', at 512 px: ours to the loss of the peer's saved picture after 200 steps."""
    with tempfile.TemporaryDirectory() as temporary:
        photo, style = pictures.prepare(pair, 512, Path(temporary))
        duel = Duel(photo, style, Path(temporary), "cuda")
        peer = duel.peer(200, "peer", "--verify")
        ours = duel.ours("ours", "--warm", "--last-frame", 300)
        frame = duel.first_under(ours, duel.verdict(peer.frames[-1].path).loss)
        theirs = peer.frames[-1].seconds - peer.seconds("ready")
        report.row(
            "peer: 200 steps from 'targets ready'", f"{theirs:.2f} s", f"{race.steady(peer.frames):.4f} s a step"
        )
        if frame is None:
            report.row("ours: as good as its saved picture", "no", f"{SOONER} times sooner", kept=False)
            return
        mine = frame.seconds - ours.seconds("ready")
        capture = race.capture(ours.frames, replay.REHEARSALS + 1) if frame.iteration > replay.REHEARSALS else 0.0
        report.row("ours: as good as its saved picture", f"{mine:.2f} s", f"{frame.evaluations:.1f} evaluations")
        report.row("sooner, graph capture included", f"{theirs / mine:.1f} times")
        ratio = theirs / (mine - capture)
        report.row("sooner, graph capture excluded", f"{ratio:.1f} times", f"at least {SOONER}", kept=ratio >= SOONER)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    pictures.add_pair(parser)
    given = parser.parse_args()
    report, pair = Report("On a graphics card: warm, graph capture excluded"), pictures.chosen(given)
    if not torch.cuda.is_available():
        report.note("PyTorch finds no CUDA device here: not measured.")
        report.end()
    device = torch.device("cuda")
    rates = limit.measure((1200, 900), torch.bfloat16, device, rounds=7)
    peak = max(rates.peak)
    report.row("bfloat16 matrix multiplication, peak", f"{peak / 1e12:.0f} TFLOP/s")
    report.row("network alone at 1200x900, not as a graph", f"{rates.share:.0%} of it")
    for size, iterations, promise, goal in PAINTINGS:
        name = f"{size[0]}x{size[1]}, {iterations} iterations"
        whole, without, each = paint(pair, size, iterations)
        limit_s = f"at most {promise} s" + (f", {goal}" if goal else "")
        report.row(f"{name}: sweep, iterations, picture", f"{without:.2f} s", limit_s, kept=without <= promise)
        report.row(f"{name}: with graph capture", f"{whole:.2f} s")
        share = flops.evaluation(*size) / each / peak
        report.row(f"{name}: one iteration, share of the peak", f"{1000 * each:.2f} ms, {share:.0%}")
    beside_the_peer(report, pair)
    report.end()


if __name__ == "__main__":
    main()
