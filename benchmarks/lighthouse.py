"""How quick and how accessible the pages are: Lighthouse (mobile) on feed, create, a public picture and its job's page.

With the settings of production and over TLS (its own web process beside a local site's other parts).
Needs Node (`npx` fetches Lighthouse), openssl and Chromium; a quiet machine. Medians of 5 runs a page.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
import requests

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ostagram.settings")
django.setup()

from benchmarks.journey import in_feed, picture  # noqa: E402
from benchmarks.report import Report  # noqa: E402
from benchmarks.tour import samples_painted  # noqa: E402
from ostagram import embedded, local_key  # noqa: E402
from stylize.samples import drawings, photos  # noqa: E402
from tests import make, servers  # noqa: E402
from tests.journeys.browser import NAMES  # noqa: E402
from tests.journeys.service import ROOT, Service, free_port, wait_until  # noqa: E402

LIGHTHOUSE = "lighthouse@13.5.0"
OPENSSL = shutil.which("openssl") or "openssl"
RUNS = 5
PROMISES = {"performance": 90, "accessibility": 100, "best-practices": 95, "seo": 95}
SAMPLES_S = 600


def order(site: Service) -> tuple[str, str]:
    """A free painting of a true pair, once it is in the feed: its key, and the Cookie header of its owner."""
    visitor = requests.Session()
    visitor.get(f"{site.url}/paint/", timeout=30).raise_for_status()
    pair = picture(photos.open_photo("coffee"), (1024, 768)), picture(drawings.draw("windy-night"), (1280, 1014))
    form = make.form(photo=None, style_image=None, show_photo="on", csrfmiddlewaretoken=visitor.cookies["csrftoken"])
    files = {"photo": ("photo.jpg", pair[0]), "style_image": ("style.jpg", pair[1])}
    answer = visitor.post(f"{site.url}/paint/", data=form, files=files, timeout=60)
    key = answer.url.rstrip("/").rsplit("/", 1)[1]
    wait_until(lambda: in_feed(site, key), SAMPLES_S, site.tail)
    return key, "; ".join(f"{cookie.name}={cookie.value}" for cookie in visitor.cookies)


@contextmanager
def in_production(site: Service, folder: Path) -> Iterator[str]:
    """The address of the same site as a web process with production's settings serves it."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    make_certificate = (
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    )
    subprocess.run(  # noqa: S603
        [OPENSSL, *make_certificate.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True
    )
    address = f"https://localhost:{free_port()}"
    environ = os.environ | {
        "OSTAGRAM_MODE": "production", "OSTAGRAM_VAR": str(site.var_dir), "SECRET_KEY": local_key.read(site.var_dir),
        "DATABASE_URL": embedded.database_url(site.var_dir), "REDIS_URL": embedded.redis_url(site.var_dir),
        "MEDIA_ROOT": str(site.var_dir / "media"), "STATIC_ROOT": str(site.var_dir / "static"), "TRUSTED_PROXIES": "0",
        "ALLOWED_HOSTS": "localhost", "MAIL_URL": "smtp://localhost:587", "DEFAULT_FROM_EMAIL": "site@example.org",
        "OPERATOR_NAME": "Lighthouse", "CONTACT_EMAIL": "site@example.org",
    }  # fmt: skip
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "ostagram.wsgi:application",
        "--bind",
        address.removeprefix("https://"),
    ]
    command += ["--worker-class", "gthread", "--threads", "8", "--log-level", "warning"]
    command += ["--certfile", str(certificate), "--keyfile", str(key), "--no-control-socket"]
    with (folder / "web.log").open("wb") as log:
        web = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log)  # noqa: S603
    try:
        wait_until(lambda: _answers(address, certificate), 60, (folder / "web.log").read_text)
        yield address
    finally:
        web.terminate()
        web.wait(30)


def _answers(address: str, certificate: Path) -> bool:
    try:
        return requests.get(address, verify=str(certificate), timeout=5).status_code == 200
    except requests.ConnectionError:
        return False


def audit(url: str, *, cookie: str = "") -> dict[str, Any]:
    """Lighthouse's whole answer for one visit on a mid-range phone."""
    flags = "--headless=new --disable-gpu --disable-quic --ignore-certificate-errors" + (
        " --no-sandbox" if os.geteuid() == 0 else ""
    )
    command = ["npx", "--yes", LIGHTHOUSE, url, "--quiet", "--output=json", f"--chrome-flags={flags}"]
    if cookie:
        command.append("--extra-headers=" + json.dumps({"Cookie": cookie}))
    chrome = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), "")
    done = subprocess.run(  # noqa: S603
        command, env=os.environ | {"CHROME_PATH": chrome}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"Lighthouse failed on {url}:\n{done.stderr[-2000:]}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def scores(answer: dict[str, Any]) -> dict[str, float]:
    return {name: 100 * (answer["categories"][name]["score"] or 0) for name in PROMISES}


def faults(answer: dict[str, Any]) -> list[str]:
    """The audits that cost points."""
    weighed = {
        one["id"] for name in PROMISES for one in answer["categories"][name]["auditRefs"] if one["weight"]
    }  # fmt: skip
    return sorted(
        name for name, found in answer["audits"].items()
        if name in weighed and found["score"] is not None and found["score"] < 0.9
    )  # fmt: skip


def tell(report: Report, page: str, seen: list[dict[str, Any]], keep: Path | None) -> None:
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
        (keep / f"{page}.json").write_text(json.dumps(seen[-1]))
    for name, promise in PROMISES.items():
        median = statistics.median(scores(one)[name] for one in seen)
        report.row(f"{page}: {name}", f"{median:.0f}", f"at least {promise}", kept=median >= promise)
    report.note(f"  costing points: {', '.join(faults(seen[-1])) or 'nothing'}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lighthouse", description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--keep", type=Path, help="a folder for Lighthouse's answers")
    given = parser.parse_args()
    report = Report(f"{LIGHTHOUSE}, mobile, medians of {given.runs}")
    with tempfile.TemporaryDirectory() as folder, servers.var_folder() as var_dir:
        site = Service(var_dir, Path(folder, "log"), SAMPLE_GALLERY="yes")
        try:
            site.start()
            key, cookie = order(site)
            wait_until(lambda: samples_painted(site), SAMPLES_S, site.tail)
            pages = {"feed": "/", "create": "/paint/", "picture": f"/p/{key}/", "job": f"/jobs/{key}/"}
            with in_production(site, Path(folder)) as url:
                for page, address in pages.items():
                    own = cookie if page == "job" else ""
                    tell(report, page, [audit(url + address, cookie=own) for _run in range(given.runs)], given.keep)
        finally:
            site.stop()
    report.end()


if __name__ == "__main__":
    main()
