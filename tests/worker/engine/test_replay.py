"""The metronome: without a graphics card, work is simply done, each time."""

import pytest
import torch

from tests.worker.engine.brush import CPU
from worker.engine import replay
from worker.engine.replay import Replay


def test_on_a_cpu_every_call_is_one_run_of_the_work():
    runs: list[int] = []
    again = Replay(lambda: runs.append(1), CPU)
    assert not runs  # nothing is done ahead of being asked for
    for wanted in range(1, replay.REHEARSALS + 5):
        again()
        assert len(runs) == wanted


def test_what_the_work_raises_comes_out_and_the_next_call_works():
    results = iter([None, InterruptedError(), None])

    def work() -> None:
        result = next(results)
        if result:
            raise result

    again = Replay(work, CPU)
    again()
    with pytest.raises(InterruptedError):
        again()
    again()


def test_what_a_graphics_card_needs_is_in_this_pytorch():
    assert callable(torch.cuda.graph)
    assert callable(torch.cuda.CUDAGraph.replay)
    assert replay.REHEARSALS >= 1 and replay.AHEAD >= 1
