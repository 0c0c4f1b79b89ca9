"""THE KILN: nine small paintings of one pair, each with a strength and a brush size of its own, on one sheet."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from PIL import Image

from stylize import jobs, pictures, progress, promise, proofs, tiers
from stylize.models import Job
from worker import engine

TELL_EVERY_S: Final = 2.0
PREVIEW: Final = pictures.Variant(".webp", pictures.WEBP, 768, 80)


def paint(
    job: Job, photo: Image.Image, styles: Sequence[engine.Style], protect: Image.Image | None, *,
    recipe: Callable[..., engine.Settings], speed: float | None, pulse: Callable[[], None],
) -> jobs.Result:  # fmt: skip
    """Paint and store them; `recipe` makes the engine's settings, `speed` are seconds by cost, if known.

    Raises what the engine and the pulse do, and pictures.StorageError.
    """
    nine = proofs.sheet(job.controls)
    easel = _Sheet(job, None if speed is None else speed * job.cost)
    loss = 0.0
    for proof in nine:

        def fire(seed: int, proof: proofs.Proof = proof) -> engine.Step:
            order = recipe(seed=seed, iterations=job.iterations, max_side=easel.side, **proof.controls)
            for step in engine.stylise(photo, styles, order, protect=protect, pulse=pulse):
                easel.tell(step.fraction)
            return step

        try:
            step = fire(job.seed)
        except engine.FlatResultError:
            step = fire(job.seed + 1)
        easel.hang(step.picture())
        loss = step.loss if proof.is_chosen else loss
    files = pictures.store_proofs(easel.picture.convert("RGB"), easel.hung, job.fence)
    return jobs.Result(files, loss, engine.ENGINE_VERSION, job.seed)


@dataclass
class _Sheet:
    """Those that are done; the watchers see it fill."""

    job: Job
    expected_s: float | None
    hung: list[Image.Image] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)
    told: float = 0.0

    def __post_init__(self) -> None:
        self.picture = Image.new("RGBA", (self.job.width, self.job.height))  # see-through where nothing hangs yet

    @property
    def size(self) -> tuple[int, int]:
        """In px, of one painting."""
        return self.job.width // tiers.PROOF_SIDE, self.job.height // tiers.PROOF_SIDE

    @property
    def side(self) -> int:
        return max(self.size)

    def hang(self, painting: Image.Image) -> None:
        row, column = divmod(len(self.hung), tiers.PROOF_SIDE)
        self.picture.paste(painting, (column * self.size[0], row * self.size[1]))
        self.hung.append(painting)
        self.tell(0.0, news=True)

    def tell(self, fraction: float, *, news: bool = False) -> None:
        """Where the sheet stands, `fraction` of the next painting being done."""
        now = time.monotonic()
        if not news and now - self.told < TELL_EVERY_S:
            return
        self.told, done = now, len(self.hung)
        whole = (done + fraction) / tiers.PROOF_SIDE**2
        told = self._promise(now - self.started, whole)
        snapshot = progress.Snapshot(
            status=Job.Status.RUNNING, fraction=whole, phase=progress.PROOF, iteration=done,
            iterations=tiers.PROOF_SIDE**2, remaining_s=told.remaining_s(time.time()) if told else None,
            reason=told.reason if told else "", interruptions=self.job.fence - 1, preview=done,
        )  # fmt: skip
        progress.write(self.job.key, snapshot, pictures.encoded(self.picture, PREVIEW) if news else None)

    def _promise(self, passed_s: float, fraction: float) -> promise.Promise | None:
        left_s = promise.tempered(passed_s=passed_s, fraction=fraction, expected_s=self.expected_s)
        interruptions = self.job.fence - 1
        return None if left_s is None else progress.promise(self.job.key, left_s, interruptions=interruptions)
