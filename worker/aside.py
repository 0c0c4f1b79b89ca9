"""THE KILN: a print's courtesy: it steps aside for others who wait, but not before it has got on."""

import time
from typing import Final

from stylize import line, queue
from stylize.models import Job
from worker import engine

LOOK_EVERY_S: Final = 5.0
LEAST_STEPS: Final = 2


class Aside(Exception):
    """Others go first; `painted` is the cost of what this run has done."""

    def __init__(self, painted: float) -> None:
        super().__init__(painted)
        self.painted = painted


class Courtesy:
    """Of one run, which began at iteration `begun`."""

    def __init__(self, job: Job, begun: int) -> None:
        self._job, self._begun, self._claimed = job, begun, time.monotonic()
        self._first: float | None = None  # when its first step was there
        self._steps = 0
        self._looked = 0.0

    def is_due(self, step: engine.Step) -> bool:
        """Whether somebody waits whom it would let go first.

        A run paints for queue.SLICE_S, and for as long as it took to begin, so that half of its time gets it on.
        """
        now = time.monotonic()
        self._steps += 1
        self._first = self._first or now
        least_s = max(queue.SLICE_S, self._first - self._claimed)
        if step.iteration == step.iterations or self._steps < LEAST_STEPS or now - self._first < least_s:
            return False
        if now - self._looked < LOOK_EVERY_S:
            return False
        self._looked = now
        return line.others_wait(self._job, self.painted(step))

    def painted(self, step: engine.Step) -> float:
        """The cost of what this run has done."""
        plan, size = self._job.plan, (self._job.width, self._job.height)
        return plan.cost(size, done=self._begun) - plan.cost(size, done=step.iteration)
