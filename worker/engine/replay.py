"""The kiln's fire, the metronome: work recorded once and replayed, where a graphics card can."""

from collections.abc import Callable
from functools import cache
from typing import Final

import torch

from worker.engine.device import is_out_of_memory

REHEARSALS: Final = 3
"""Runs before the recording, in which libraries choose their ways and take their memory."""
AHEAD: Final = 2
"""Runs the host may be ahead of the card, so that it is never idle and yet can be stopped."""


class Replay:
    """Calls `work` again and again. On a CUDA device it is recorded as a graph after REHEARSALS runs, which are
    work like any other; from then on the host launches one graph per run instead of some hundred kernels.
    Work that will not be recorded goes on being called.

    `work` must read and write tensors that stay in their places and must not ask the device for a number.
    """

    def __init__(self, work: Callable[[], object], device: torch.device) -> None:
        self._work, self._device, self._runs = work, device, 0
        self._graph: torch.cuda.CUDAGraph | None = None
        self._recordable = True
        self._marks: list[torch.cuda.Event] = []

    def __call__(self) -> None:
        if self._device.type != "cuda":
            self._work()
            return
        stream = _stream(self._device)
        with torch.cuda.device(self._device):
            stream.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(stream):
                self._run()
            torch.cuda.current_stream().wait_stream(stream)

    def _run(self) -> None:
        self._runs += 1
        if self._runs > REHEARSALS and self._recordable and self._graph is None:
            self._record()
        if self._graph is None:
            self._work()
        else:
            self._graph.replay()
        self._keep_step()

    def _record(self) -> None:
        """Nothing runs while it is recorded, so that nothing is lost when it cannot be."""
        torch.cuda.synchronize()
        torch.cuda.empty_cache()  # the recording takes its memory anew
        graph = torch.cuda.CUDAGraph()
        try:
            with torch.cuda.graph(graph, stream=_stream(self._device)):
                self._work()
        except RuntimeError as error:
            if not (is_out_of_memory(error) or "captur" in str(error) or "CUDA error" in str(error)):
                raise
            self._recordable = False
        else:
            self._graph = graph

    def _keep_step(self) -> None:
        mark = torch.cuda.Event()  # type: ignore[no-untyped-call]
        mark.record()
        self._marks.append(mark)
        if len(self._marks) > AHEAD:
            self._marks.pop(0).synchronize()


@cache
def _stream(device: torch.device) -> torch.cuda.Stream:
    """One for the life of the process: each has memory and workspaces of its own."""
    return torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
