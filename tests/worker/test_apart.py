"""A worker on a machine of its own: it shares the database, the broker and the bucket with the web, and no disk."""

import subprocess
import time
from pathlib import Path

from django.conf import settings

from ostagram import orphans, programs
from tests import machines

ORDER = """
from django.test import Client
from tests import make
visitor = Client(headers={"host": "localhost"})
answer = visitor.post("/paint/", make.form(photo=make.file(image=make.picture(96, 64))))
assert answer.status_code == 302, answer.content
print(answer["Location"].rstrip("/").rsplit("/", 1)[1])
"""
LOOK = """
from django.test import Client
from stylize.models import Job
job = Job.objects.get(key="{key}")
seen = ""
if job.status == "done":
    answer = Client(headers={{"host": "localhost"}}).get("/pictures/{key}/master.png")
    seen = len(b"".join(answer.streaming_content))
print(job.status, job.worker and "claimed", seen)
"""
WITHIN_S = 180  # PyTorch is loaded by a busy machine


def test_a_worker_that_shares_no_disk_with_the_web_paints_a_job_to_the_end(tmp_path: Path, s3_port: int) -> None:
    web, far = tmp_path / "web", tmp_path / "far"
    with machines.site(web, s3_port) as site:
        site.manage("migrate", "--verbosity=0")
        key = site.shell(ORDER).strip()
        assert site.shell(LOOK.format(key=key)).split() == ["queued"]
        paint = next(program for program in programs.workers() if program.name == "paint")
        with (tmp_path / "log").open("wb") as log:
            worker = subprocess.Popen(
                paint.argv, cwd=settings.BASE_DIR, env=site.environ | {"OSTAGRAM_VAR": str(far)},
                stdout=log, stderr=log, preexec_fn=orphans.bound(),
            )  # fmt: skip
            try:
                _wait_until_done(site, key, worker, tmp_path / "log")
            finally:
                worker.terminate()
                worker.wait(60)
        status, _claimed, size = site.shell(LOOK.format(key=key)).split()
        assert (status, int(size) > 1000) == ("done", True)
    for var_dir in (web, far):
        assert not (var_dir / "media").exists()


def _wait_until_done(site: machines.Site, key: str, worker: "subprocess.Popen[bytes]", log: Path) -> None:
    wake = "from stylize import dispatch; dispatch.wake()"  # in the place of the house's rescue
    give_up_at = time.monotonic() + WITHIN_S
    while not site.shell(LOOK.format(key=key)).startswith("done"):
        assert worker.poll() is None and time.monotonic() < give_up_at, log.read_text()
        site.shell(wake)
        time.sleep(1)
