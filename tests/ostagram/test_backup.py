"""A site is backed up, wiped and restored by the real commands, and is the same, on disk or in a bucket."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ostagram import backup
from tests import machines
from tests.machines import Site

SITE = """
from PIL import Image
from tests import make
alice = make.user("alice")
keys = [make.done_job(alice).key for _ in range(3)]
make.job(make.guest())
make.done_job(alice, visibility="private")
from billing import finishing
from billing.models import CanvasOrder
from stylize import pictures
from tests.billing import canvasing
order = canvasing.placed(alice)
name = pictures.store_files(finishing.FOLDER, {finishing.FILE: lambda: b"a print file"})
CanvasOrder.objects.filter(pk=order.pk).update(status="delivered", master=name)
"""
WIPE = """
from django.db import connection
from stylize.models import Job
Job.objects.all().delete()
connection.cursor().execute("CREATE TABLE younger (id int)")
"""
CHANGE = """
from stylize import housekeeping
from stylize.models import Job
from tests import make
job = Job.objects.order_by("id").first()
make.done_job(job.owner)
housekeeping.delete_job(job)
"""
LOOK = """
import hashlib, json, re
from billing.models import CanvasOrder
from django.conf import settings
from django.test import Client
from people.models import User
from stylize import storage
from stylize.models import Job
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
visitor = Client(headers={"host": "localhost"})
visitor.cookies["seen"] = "1"  # nothing that is kept for strangers
feed = visitor.get("/")
assert feed.status_code == 200
addresses = sorted(set(re.findall(r"/pictures/[^\\s\\"]+/card.webp", feed.content.decode())))
told = {
    "feed": re.findall(r"/p/([\\w-]{20})/", feed.content.decode()),
    "shown": {a: hashlib.sha256(b"".join(visitor.get(a).streaming_content)).hexdigest() for a in addresses},
    "files": {name: hashlib.sha256(storage.open(name).read()).hexdigest() for name in storage.names("")},
    "jobs": sorted(Job.objects.values_list("key", "status", "owner__handle")),
    "canvases": sorted(CanvasOrder.objects.values_list("key", "status", "master", "picture__key")),
    "passwords": sorted(User.objects.values_list("password", flat=True)),
}
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with machines.site(tmp_path_factory.mktemp("original") / "var") as made:
        made.manage("migrate", "--verbosity=0")
        made.shell(SITE)
        yield made


@pytest.fixture
def site(original: Site, tmp_path: Path) -> Iterator[Site]:
    with machines.site(tmp_path / "one", like=original) as made:
        yield made


def look(site: Site) -> dict[str, Any]:
    seen: dict[str, Any] = json.loads(site.shell(LOOK).strip().splitlines()[-1])
    return seen


@pytest.mark.parametrize("to", ["disk", "bucket"])
def test_a_restored_site_is_the_same(site: Site, tmp_path: Path, request: pytest.FixtureRequest, to: str) -> None:
    """Into a bucket, too: that is how a site moves from one machine to several."""
    before, folder = look(site), str(tmp_path / "backup")
    assert len(before["feed"]) >= 3
    assert before["shown"]
    ((_key, _status, print_file, _picture),) = before["canvases"]
    assert f"{print_file}.jpg" in before["files"]
    assert f"{len(before['files'])} files" in site.manage("backup", folder)
    port = request.getfixturevalue("s3_port") if to == "bucket" else None
    with machines.site(tmp_path / "two", port) as other:
        other.manage("restore", folder)
        assert look(other) == before
        told = other.manage("sweep", "--dry-run")
        assert {line.split()[-1] for line in told.splitlines()[:-1]} == {"well"}


def test_a_site_is_not_replaced_by_accident_and_wholly_when_asked(site: Site, tmp_path: Path) -> None:
    before, folder = look(site), tmp_path / "backup"
    site.manage("backup", str(folder))
    site.shell(WIPE)
    shutil.rmtree(tmp_path / "one" / "media")
    assert "not empty" in site.manage("restore", str(folder), well=False)
    assert not look(site)["jobs"]
    site.manage("restore", str(folder), "--replace")
    assert look(site) == before
    assert "younger" not in site.shell(
        "from django.db import connection; print(connection.introspection.table_names())"
    )


def test_the_next_backup_copies_only_what_is_new(site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    site.manage("backup", str(folder))
    first = {path: path.stat().st_mtime_ns for path in (folder / "pictures").rglob("*.*")}
    site.shell(CHANGE)
    site.manage("backup", str(folder))
    second = {path: path.stat().st_mtime_ns for path in (folder / "pictures").rglob("*.*")}
    assert second.keys() - first.keys()
    assert first.keys() - second.keys()  # what its owner has deleted is not kept for ever
    assert all(first[path] == second[path] for path in first.keys() & second.keys())
    before = look(site)
    site.manage("restore", str(folder), "--replace")
    assert look(site) == before


def test_a_damaged_backup_changes_nothing(site: Site, tmp_path: Path) -> None:
    before, folder = look(site), tmp_path / "backup"
    site.manage("backup", str(folder))
    assert folder.stat().st_mode & 0o077 == 0  # it holds password hashes
    picture = next((folder / "pictures").rglob("*.png"))
    for damaged in (picture, folder / "database.dump", folder / "manifest.jsonl", folder / "backup.json"):
        whole = damaged.read_bytes()
        for content in (whole[:-1] + b"x", whole[:10], None):
            damaged.unlink()
            if content is not None:
                damaged.write_bytes(content)
            with pytest.raises(backup.BackupError):
                backup.check(folder)
            damaged.write_bytes(whole)
    backup.check(folder)
    (folder / "manifest.jsonl").rename(folder / "manifest.jsonl.new")  # as a first backup leaves it that broke off
    (folder / "backup.json").unlink()
    assert "holds no whole backup" in site.manage("restore", str(folder), "--replace", well=False)
    site.manage("backup", str(folder))
    backup.check(folder)
    picture.unlink()
    assert "holds no whole backup" in site.manage("restore", str(folder), "--replace", well=False)
    assert look(site) == before


def test_a_backup_goes_into_a_folder_of_its_own(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "thesis.txt").write_text("important")
    with pytest.raises(backup.BackupError, match="something else"):
        backup.make(home)
    assert [path.name for path in home.iterdir()] == ["thesis.txt"]
