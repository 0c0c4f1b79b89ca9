"""The line on a simulated clock: the bound on a free job's wait, one user's fifty jobs, how true the times told are.

`--real` runs the whole service instead: 30 mixed small jobs of several visitors, told against happened.
"""

import argparse
import itertools
import os
import random
import statistics
from dataclasses import dataclass
from typing import Final

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ostagram.settings")
django.setup()

from benchmarks.report import Report  # noqa: E402
from benchmarks.shop import FAIR, FIFO, HOUR, STRICT, Maker, Shop, Task, poisson  # noqa: E402
from stylize import pace, queue, tiers  # noqa: E402

OVERHEAD: Final = 12.0  # megapixel-iterations: start, opening and storing of a job, as of 0.7 s at 17 a second
PHOTOS: Final = ((4000, 3000), (4000, 2250), (3000, 3000), (1600, 1200))
PAID_MIX: Final = (("premium", 600), ("hd", 100), ("hd", 300), ("hd", 300), ("hd", 1000))
MASTER: Final = (5315, 3543)
PROMISE: Final = 0.25
SHORT_S: Final = 10.0  # told times are judged where the picture took longer than this


@dataclass(frozen=True)
class Scene:
    """Who comes, to how many workers of which relative speeds, at what load (1: as much as can be painted)."""

    title: str
    paid: float  # an hour
    free: float
    load: float
    speeds: tuple[float, ...] = (1.0,)
    hours: float = 6.0
    prints: float = 0.0  # masters of 60 x 90 cm, an hour
    regulars: int = 0  # that many people send all paid jobs; 0: everybody comes once


SCENES: Final = (
    Scene("200 paid and 60 free an hour, 1 worker, load 1.1", 200, 60, 1.1),
    Scene("the same, 4 workers of speeds 4:4:2:1", 200, 60, 1.1, (4, 4, 2, 1)),
    Scene("200 paid of 40 regulars, 200 free, 1 worker, load 1.3", 200, 200, 1.3, regulars=40),
    Scene("20 paid and 600 free, 1 worker, load 0.9", 20, 600, 0.9),
    Scene("20 paid and 600 free, 4 workers, load 1.2", 20, 600, 1.2, (4, 4, 2, 1)),
    Scene("60 paid and 120 free, 4 workers, load 0.7", 60, 120, 0.7, (4, 4, 2, 1)),
    Scene("60 paid, 200 free and 2 print masters, 1 worker, load 0.9", 60, 200, 0.9, prints=2),
    Scene("the same, load 1.2", 60, 200, 1.2, prints=2),
    Scene("1 paid and 400 free, 1 worker, load 1.5", 1, 400, 1.5),
)


def painting(chance: random.Random, tier: str, iterations: int) -> float:
    """The cost of a job of somebody's photo."""
    return queue.cost(iterations, *tiers.fitted(*chance.choice(PHOTOS), tiers.named(tier).max_side))


def arrivals(scene: Scene, seed: int) -> list[Task]:
    chance, numbers = random.Random(seed), itertools.count(1)  # noqa: S311

    def paid(at: float) -> Task:
        owner = f"regular {chance.randrange(scene.regulars)}" if scene.regulars else f"payer {at}"
        return Task(0, at, owner, painting(chance, *chance.choice(PAID_MIX)), paid=True)

    def free(at: float) -> Task:
        return Task(0, at, f"guest {at}", painting(chance, "free", 1))

    def canvas(at: float) -> Task:
        return Task(0, at, f"print {at}", queue.cost_of_print(MASTER, 1200), canvas=True)

    until = scene.hours * HOUR
    came = poisson(scene.paid, until, chance, paid) + poisson(scene.free, until, chance, free)
    came += poisson(scene.prints, until, chance, canvas)
    came.sort(key=lambda task: task.at)
    for task in came:
        task.pk = next(numbers)
    return came


def makers(scene: Scene, came: list[Task]) -> list[Maker]:
    """As fast as makes the load what the scene says."""
    work_per_s = sum(task.cost + OVERHEAD for task in came) / (scene.hours * HOUR)
    unit = work_per_s / scene.load / sum(scene.speeds)
    return [Maker(pace.Speed(OVERHEAD / (unit * speed), 1 / (unit * speed))) for speed in scene.speeds]


def played(
    scene: Scene, *, order: str = FAIR, seed: int = 1, allowance: bool = True, aside: bool = True
) -> Shop:  # fmt: skip
    came = arrivals(scene, seed)
    shop = Shop(makers(scene, came), order, seed=seed, allowance=allowance, aside=aside)
    shop.run(came, scene.hours * HOUR)
    return shop


def free_waits(shop: Shop) -> tuple[list[float], int, int]:
    """Seconds that free jobs waited; how many began after their bound or wait beyond it; how many wait at the end."""
    free = [task for task in shop.all_tasks() if not task.paid and not task.canvas]
    waits = sorted(min(task.started_at, shop.now) - task.at for task in free)
    late = sum(min(task.started_at, shop.now) - task.at > shop.bound_s(task) + 1e-6 for task in free)
    return waits, late, sum(task.started_at > shop.now for task in free)


def errors(shop: Shop, *kinds: bool) -> list[float]:
    """|told - happened| / happened, of the time from submitting until it is ready; `kinds` are paid or free."""
    paintings = [task for task in shop.done if not task.canvas]
    judged = [(task.told, task.ready_at - task.at) for task in paintings if task.told and task.paid in kinds]
    return sorted(abs(told.ready_s - took) / took for told, took in judged if took > SHORT_S)


def printed(shop: Shop) -> list[float]:
    """Seconds from the order of a print until it is there; what is not there yet counts until now."""
    canvases = [task for task in shop.all_tasks() if task.canvas]
    return sorted((task.ready_at if task.left <= 0 else shop.now) - task.at for task in canvases)


def fifty(order: str) -> int:
    """How many of one user's fifty jobs are begun between another's first coming and its turn."""
    shop = Shop([Maker(pace.Speed(1.0, 1.0))], order, caps=False, promise_s=1e9)
    many = [Task(number, 0.0, "greedy", 2.7) for number in range(1, 51)]
    other = Task(51, 10.0, "other", 2.7)
    shop.run([*many, other], 1e6)
    return sum(other.at <= task.started_at < other.started_at for task in many)


def simulate() -> None:
    report = Report("The line, simulated with the house's own rank, caps, speeds and forecasts")
    for scene in SCENES:
        _tell(report, scene)
    waits, late, still = free_waits(played(SCENES[0], order=STRICT))
    figures = f"{late} of {len(waits)} late, {still} never begun, longest {waits[-1]:.0f} s"
    report.row("control: strict priority, the first scene", figures, "some late", kept=late > 0)
    delay = fifty(FAIR)
    report.row("one user's fifty jobs delay another's first by", f"{delay} jobs", "at most 1", kept=delay <= 1)
    delay = fifty(FIFO)
    report.row("control: first come, first served", f"{delay} jobs", "more", kept=delay > 1)
    report.end()


def _tell(report: Report, scene: Scene) -> None:
    shop, plain = played(scene), played(scene, allowance=False)
    report.note(f"{scene.title}; {scene.hours:g} h, refused {dict(shop.refused) or 'none'}")
    waits, late, _still = free_waits(shop)
    figures = f"{len(waits)} jobs, median {statistics.median(waits):.0f} s, longest {waits[-1]:.0f} s, {late} later"
    report.row("  free: wait; begun later than the bound", figures, "0 later", kept=late == 0)
    if scene.prints:
        took = printed(shop)
        figures = f"{len(took)}, median {statistics.median(took) / 60:.0f} min, longest {took[-1] / 60:.0f} min"
        report.row("  print masters: ready after", figures)
        stayed, late, _still = free_waits(played(scene, aside=False))
        figures = f"median {statistics.median(stayed):.0f} s, longest {stayed[-1]:.0f} s, {late} later"
        report.row("  control: free, if prints did not step aside", figures, "some later", kept=late > 0)
    for kinds, title in (((True, False), "all"), ((True,), "paid"), ((False,), "free")):
        found, without = errors(shop, *kinds), errors(plain, *kinds)
        if found:
            median, p90 = statistics.median(found), found[int(0.9 * len(found))]
            figures = f"median {median:.0%}, 90th percentile {p90:.0%} of {len(found)}"
            kept = median <= PROMISE if len(kinds) == 2 else None
            report.row(
                f"  told and happened, {title}", figures, f"median {PROMISE:.0%}" if len(kinds) == 2 else "", kept=kept
            )
            report.row("    without the allowance for later arrivals", f"median {statistics.median(without):.0%}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.queue", description=__doc__)
    parser.add_argument("--real", action="store_true", help="the whole service, 30 jobs")
    given = parser.parse_args()
    if given.real:
        from benchmarks.queue_real import main as real

        real()
    else:
        simulate()


if __name__ == "__main__":
    main()
