"""Manners on a terminal: arguments, files that are never half written, a bar."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from PIL import Image

from worker.engine import EngineError, Step, console
from worker.engine.__main__ import layers, size
from worker.engine.console import Bar


@pytest.mark.parametrize(
    ("argument", "path", "weight", "mask"),
    [
        ("a.jpg", "a.jpg", 1.0, None),
        ("a.jpg:0.7", "a.jpg", 0.7, None),
        ("a.jpg:0", "a.jpg", 0.0, None),
        ("a.jpg:0.7:sky.png", "a.jpg", 0.7, "sky.png"),
        ("a.jpg:1:", "a.jpg", 1.0, None),
        ("C:\\a.jpg", "C:\\a.jpg", 1.0, None),
        ("C:\\a.jpg:2", "C:\\a.jpg", 2.0, None),
        ("C:\\a.jpg:2:D:\\sky.png", "C:\\a.jpg", 2.0, "D:\\sky.png"),
        ("a.jpg:sky.png", "a.jpg:sky.png", 1.0, None),
    ],
)
def test_a_style_may_carry_a_weight_and_a_mask(argument, path, weight, mask):
    assert console.style_and_weight(argument) == (Path(path), weight, Path(mask) if mask else None)


def test_a_file_whose_very_name_looks_so_wins(tmp_path):
    odd = tmp_path / "a.jpg:0.7"
    odd.touch()
    assert console.style_and_weight(str(odd)) == (odd, 1.0, None)


def test_layers_and_sizes_are_read():
    assert layers("conv1_1, conv4_2=0.5") == {"conv1_1": 1.0, "conv4_2": 0.5}
    assert size("512x384") == (512, 384)


def test_a_picture_is_saved_in_the_format_of_its_name(tmp_path, photo):
    for ending, name in console.FORMATS.items():
        console.save(photo, tmp_path / f"out{ending}")
        assert Image.open(tmp_path / f"out{ending}").format == name
    console.check_output(tmp_path / "OUT.PNG")


def test_a_disk_that_fills_up_leaves_no_half_picture_and_the_old_one(tmp_path, photo, monkeypatch):
    photo.save(tmp_path / "out.png")
    before = (tmp_path / "out.png").read_bytes()

    def full(_: object, draft: Path, *__: object, **___: object) -> None:
        draft.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    with pytest.raises(EngineError, match="No space left"):
        console.save(photo, tmp_path / "out.png")
    assert [path.name for path in tmp_path.iterdir()] == ["out.png"]
    assert (tmp_path / "out.png").read_bytes() == before


def _step(**fields: Any) -> Step:
    return cast(Step, SimpleNamespace(**fields))


def test_off_a_terminal_the_bar_is_a_line_for_every_tenth(capsys):
    bar = Bar(quiet=False)
    for iteration in range(1, 101):
        bar.show(_step(iteration=iteration, iterations=100, fraction=iteration / 100, phase="paint", loss=123.4))
    bar.end()
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 11
    assert "100%" in lines[-1] and "100/100" in lines[-1] and "loss 123" in lines[-1]


def test_in_the_sweep_the_bar_says_so(capsys):
    Bar(quiet=False).show(_step(iteration=0, iterations=9, fraction=0.05, phase="sweep", loss=1.0))
    assert "sweep" in capsys.readouterr().err


def test_a_quiet_bar_is_not_seen(capsys):
    bar = Bar(quiet=True)
    bar.show(_step(iteration=1, iterations=1, fraction=1.0, phase="paint", loss=1.0))
    bar.end()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("seconds", "shown"), [(0.4, "0:00"), (75, "1:15"), (3600, "1:00:00"), (7325, "2:02:05")])
def test_time_is_shown_as_on_a_clock(seconds, shown):
    assert console._clock(seconds) == shown
