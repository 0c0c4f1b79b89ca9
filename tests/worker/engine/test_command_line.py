"""The street's door: end to end, and every refusal in words without a traceback."""

import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from PIL import Image

from tests.worker.engine.brush import correlation
from worker.engine import __main__ as command_line

QUICK = ("--iterations", "1", "--content-layers", "conv3_1", "--style-layers", "conv1_1,conv2_1=0.5", "--device", "cpu")


@pytest.fixture
def files(tmp_path, photo, painting, checks) -> Path:
    photo.save(tmp_path / "photo.png")
    painting.save(tmp_path / "waves.png")
    checks.save(tmp_path / "checks.png")
    mask = Image.new("L", photo.size, 0)
    mask.paste(255, (0, 0, 48, 72))
    mask.save(tmp_path / "left.png")
    return tmp_path


def _done(*arguments) -> None:
    assert command_line.main([*map(str, arguments), *QUICK, "-q"]) == 0


def _refusal(capsys, *arguments, command: str = "paint") -> str:
    assert command_line.main([command, *map(str, arguments)]) == 1
    shown = capsys.readouterr()
    assert shown.err.startswith("error: ")
    assert shown.err.count("\n") == 1
    return shown.err


def test_a_photo_is_painted_from_the_command_line(files):
    command = [sys.executable, "-m", "worker.engine", "paint", "photo.png", "waves.png", "-o", "out.png"]
    root = str(Path(command_line.__file__).parents[2])
    done = subprocess.run(
        [*command, "--iterations", "2", "--max-side", "64", "--seed", "3"],
        cwd=files,
        env={"PYTHONPATH": root, "PATH": "", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert Image.open(files / "out.png").size == (64, 48)
    assert "100%" in done.stderr
    assert done.stdout.startswith("out.png  64 x 48 px, loss ")
    names = sorted(path.name for path in files.iterdir())
    assert names == ["checks.png", "left.png", "out.png", "photo.png", "waves.png"]


def test_several_styles_and_other_formats_are_taken(files, capsys):
    _done("paint", files / "photo.png", f"{files}/waves.png:0.7", f"{files}/checks.png:0.3", "-o", files / "out.jpg")
    assert Image.open(files / "out.jpg").format == "JPEG"
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("arguments", "name", "size"),
    [
        (["paint", "photo.png", "waves.png"], "photo-painted.png", (96, 72)),
        (["texture", "waves.png:2", "checks.png", "--size", "70x50"], "waves-texture.png", (70, 50)),
        (["reconstruct", "photo.png", "--max-side", "64"], "photo-reconstructed.png", (64, 48)),
        (["enlarge", "photo.png", "photo.png", "waves.png", "--size", "120x90"], "photo-enlarged.png", (120, 90)),
    ],
)
def test_without_an_output_the_picture_is_named_after_what_it_is_made_from(files, monkeypatch, arguments, name, size):
    monkeypatch.chdir(files)
    _done(*arguments)
    assert Image.open(files / name).size == size


def test_a_mask_says_where_a_style_goes(files, photo):
    def result(*styles: str) -> Image.Image:
        _done("paint", files / "photo.png", *styles, "-o", files / "out.png")
        return Image.open(files / "out.png").convert("RGB")

    waves, checks = f"{files}/waves.png:1", f"{files}/checks.png:1"
    masked, unmasked = result(f"{waves}:{files}/left.png", checks), result(waves, checks)
    assert masked.tobytes() != unmasked.tobytes()
    only = result(f"{waves}:{files}/left.png")
    right = (60, 0, 96, 72)
    assert correlation(only.crop(right), photo.crop(right)) > 0.8  # nothing was wanted there


def test_a_protected_part_stays_and_a_picture_may_be_begun_with(files, photo):
    kept = ("--protect", files / "left.png", "--begin", files / "waves.png", "--start", "picture")
    _done("paint", files / "photo.png", files / "checks.png", *kept, "-o", files / "out.png")
    left = (0, 0, 48, 72)
    assert Image.open(files / "out.png").convert("RGB").crop(left).tobytes() == photo.crop(left).tobytes()


def test_every_setting_is_an_option(capsys):
    assert set(command_line._OPTIONS) == {field.name for field in fields(command_line.Settings)}
    with pytest.raises(SystemExit):
        command_line.main(["paint", "--help"])
    assert "--stroke-scale" in capsys.readouterr().out


def test_it_says_which_version_it_is(capsys):
    with pytest.raises(SystemExit):
        command_line.main(["--version"])
    assert command_line.ENGINE_VERSION in capsys.readouterr().out


def test_a_missing_photo_is_refused(files, capsys):
    assert "gone.jpg: no such file" in _refusal(capsys, files / "gone.jpg", files / "waves.png")


def test_a_style_that_is_no_picture_is_refused(files, capsys):
    (files / "notes.txt").write_text("blue, more blue")
    assert "notes.txt: not a picture" in _refusal(capsys, files / "photo.png", files / "notes.txt")


def test_a_folder_is_no_photo(files, capsys):
    assert str(files) in _refusal(capsys, files, files / "waves.png")


@pytest.mark.parametrize(
    ("output", "words"),
    [("nowhere/out.png", "no such folder"), ("out.psd", "must end in one of .png"), ("folder.png", "this is a folder")],
)
def test_an_output_that_cannot_be_written_is_refused_before_painting(files, capsys, monkeypatch, output, words):
    (files / "folder.png").mkdir()
    monkeypatch.setattr(command_line.engine, "stylise", lambda *_, **__: pytest.fail("painted for nothing"))
    assert words in _refusal(capsys, files / "photo.png", files / "waves.png", "-o", files / output)


def test_a_folder_without_permission_is_refused_before_painting(files, capsys, monkeypatch):
    def denied(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("worker.engine.console.tempfile.NamedTemporaryFile", denied)
    assert "Permission denied" in _refusal(capsys, files / "photo.png", files / "waves.png", "-o", files / "out.png")


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--iterations", "0", "iterations must be from 1"),
        ("--strength", "nan", "strength must be from"),
        ("--pooling", "min", "pooling must be one of"),
        ("--device", "abacus", "'abacus' cannot be used"),
        ("--content-layers", "nonsense", "has no layer 'nonsense'"),
        ("--style-layers", "", "has no layer ''"),
        ("--style-layers", "conv1_1=0", "at least one layer"),
        ("--style-layers", "conv1_1=nan", "style_layers[conv1_1] must be from"),
        ("--statistics", "median", "statistics must be one of"),
        ("--memory", "-3", "memory must be from"),
        ("--start", "picture", "belong together"),
    ],
)
def test_a_setting_out_of_range_is_refused(files, capsys, option, value, words):
    arguments = (files / "photo.png", files / "waves.png", "-o", files / "out.png", option, value)
    assert words in _refusal(capsys, *arguments)


@pytest.mark.parametrize(
    ("command", "arguments", "words"),
    [
        ("paint", ["photo.png", "waves.png:-1"], "must be a number from 0"),
        ("paint", ["photo.png", "waves.png:nan"], "must be a number from 0"),
        ("paint", ["photo.png", "waves.png:0"], "At least one style"),
        ("paint", ["photo.png", "waves.png:1:gone.png"], "gone.png: no such file"),
        ("paint", ["photo.png", "waves.png", "--protect", "gone.png"], "gone.png: no such file"),
        ("paint", ["photo.png", "waves.png", "--protect", "white.png"], "leave nothing of the photo"),
        ("paint", ["photo.png", "waves.png", "--begin", "waves.png"], "belong together"),
        ("texture", ["waves.png", "--size", "64x8"], "64 x 8 px is too narrow"),
        ("texture", ["waves.png", "--size", "0x0"], "0 x 0 px is too narrow"),
        ("reconstruct", ["gone.png"], "gone.png: no such file"),
        ("enlarge", ["photo.png", "photo.png", "waves.png", "--size", "9x9"], "9 x 9 px is too narrow"),
        ("enlarge", ["gone.png", "photo.png", "waves.png", "--size", "99x99"], "gone.png: no such file"),
    ],
)
def test_what_cannot_be_painted_is_refused_in_one_line(files, capsys, monkeypatch, command, arguments, words):
    Image.new("L", (3, 3), 255).save(files / "white.png")
    monkeypatch.chdir(files)
    assert words in _refusal(capsys, *arguments, "-q", command=command)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["sculpt"],
        ["paint", "photo.png"],
        ["paint", "photo.png", "waves.png", "--iterations", "many"],
        ["paint", "photo.png", "waves.png", "--content-layers", "conv4_2=much"],
        ["texture", "waves.png", "--size", "large"],
        ["texture", "waves.png", "--size", "512"],
        ["texture", "waves.png", "--size", "5x5x5"],
        ["enlarge", "photo.png", "photo.png", "waves.png"],
        ["enlarge", "photo.png", "photo.png", "waves.png", "--size", "9.5x9"],
    ],
)
def test_words_that_make_no_sense_get_the_usage(capsys, arguments):
    with pytest.raises(SystemExit) as refusal:
        command_line.main(arguments)
    shown = capsys.readouterr().err
    assert refusal.value.code == 2
    assert shown.startswith("usage: ")
    assert "Traceback" not in shown


def test_an_interrupted_painting_says_so(files, capsys, monkeypatch):
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command_line.engine, "stylise", interrupted)
    assert command_line.main(["paint", str(files / "photo.png"), str(files / "waves.png")]) == 130
    assert "nothing was saved" in capsys.readouterr().err
