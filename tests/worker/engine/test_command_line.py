"""The street's door: end to end, and every refusal in words without a traceback."""

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from worker.engine import __main__ as command_line


@pytest.fixture
def files(tmp_path, photo, painting) -> Path:
    photo.save(tmp_path / "photo.png")
    painting.save(tmp_path / "waves.png")
    return tmp_path


def _refusal(capsys, *arguments) -> str:
    assert command_line.main(["paint", *map(str, arguments)]) == 1
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
    assert sorted(path.name for path in files.iterdir()) == ["out.png", "photo.png", "waves.png"]


def test_several_styles_and_other_formats_are_taken(files, capsys):
    arguments = [files / "photo.png", f"{files}/waves.png:0.7", f"{files}/photo.png:0.3", "-o", files / "out.jpg"]
    assert command_line.main(["paint", *map(str, arguments), "--iterations", "1", "-q", "--max-side", "64"]) == 0
    assert Image.open(files / "out.jpg").format == "JPEG"
    assert capsys.readouterr().err == ""


def test_without_an_output_the_painting_is_named_after_the_photo(files, monkeypatch):
    monkeypatch.chdir(files)
    assert command_line.main(["paint", "photo.png", "waves.png", "--iterations", "1", "--max-side", "64"]) == 0
    assert (files / "photo-painted.png").exists()


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
    monkeypatch.setattr(command_line, "stylise", lambda *_: pytest.fail("painted for nothing"))
    assert words in _refusal(capsys, files / "photo.png", files / "waves.png", "-o", files / output)


def test_a_folder_without_permission_is_refused_before_painting(files, capsys, monkeypatch):
    def denied(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(command_line.tempfile, "NamedTemporaryFile", denied)
    assert "Permission denied" in _refusal(capsys, files / "photo.png", files / "waves.png", "-o", files / "out.png")


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--iterations", "0", "iterations must be from 1"),
        ("--strength", "nan", "strength must be from"),
        ("--pooling", "min", "pooling must be one of"),
        ("--device", "abacus", "'abacus' cannot be used"),
    ],
)
def test_a_setting_out_of_range_is_refused(files, capsys, option, value, words):
    arguments = (files / "photo.png", files / "waves.png", "-o", files / "out.png", option, value)
    assert words in _refusal(capsys, *arguments)


def test_a_disk_that_fills_up_leaves_no_half_picture(files, photo, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    with pytest.raises(command_line.EngineError, match="No space left"):
        command_line.save(photo, files / "out.png")
    assert not list(files.glob("*out*"))


@pytest.mark.parametrize(
    ("argument", "path", "weight"),
    [
        ("a.jpg", "a.jpg", 1.0),
        ("a.jpg:0.7", "a.jpg", 0.7),
        ("C:\\a.jpg", "C:\\a.jpg", 1.0),
        ("C:\\a.jpg:2", "C:\\a.jpg", 2.0),
    ],
)
def test_a_style_may_carry_a_weight(argument, path, weight):
    assert command_line.style_and_weight(argument) == (Path(path), weight)
