"""The kiln's fire, the metronome: work recorded once and replayed, where a graphics card can."""

from collections.abc import Callable
from typing import Final

import torch

REHEARSALS: Final = 3
"""Runs before the recording, in which libraries choose their ways and take their memory."""
AHEAD: Final = 2
"""Runs the host may be ahead of the card, so that it is never idle and yet can be stopped."""


class Replay:
    """Calls `work` again and again. On a CUDA device it is recorded as a graph after REHEARSALS runs, which are
    work like any other; from then on the host launches one graph per run instead of some hundred kernels.

    `work` must read and write tensors that stay in their places and must not ask the device for a number.
    """

    def __init__(self, work: Callable[[], None], device: torch.device) -> None:
        self._work, self._device, self._runs = work, device, 0
        self._graph: torch.cuda.CUDAGraph | None = None
        self._marks: list[torch.cuda.Event] = []

    def __call__(self) -> None:
        self._runs += 1
        if self._device.type != "cuda":
            self._work()
        elif self._runs <= REHEARSALS:
            self._rehearse()
        else:
            self._play()

    def _rehearse(self) -> None:
        stream = torch.cuda.Stream(self._device)  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream(self._device))
        with torch.cuda.stream(stream):
            self._work()
        torch.cuda.current_stream(self._device).wait_stream(stream)

    def _play(self) -> None:
        if self._graph is None:
            torch.cuda.empty_cache()  # the recording takes its memory anew
            self._graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self._graph):
                self._work()  # recorded, not run
        self._graph.replay()
        mark = torch.cuda.Event()  # type: ignore[no-untyped-call]
        mark.record()
        self._marks.append(mark)
        if len(self._marks) > AHEAD:
            self._marks.pop(0).synchronize()
