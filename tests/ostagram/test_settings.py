"""What production refuses, what local mode refuses, and that .env.example lists every variable."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
READS = re.compile(
    r"""env\.(?:text|flag|whole|number|choice|words|folder)\(\s*"([A-Z_]+)"|environ(?:\.get)?[\(\[]"([A-Z_]+)\""""
)
NOT_OURS = {"DJANGO_SETTINGS_MODULE"}
PRODUCTION = {
    "OSTAGRAM_MODE": "production",
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "ALLOWED_HOSTS": "ostagram.example",
    "DATABASE_URL": "postgres://u:p@db/ostagram",
    "REDIS_URL": "redis://valkey:6379",
    "MAIL_URL": "smtp://u:p@mail.example:587",
    "DEFAULT_FROM_EMAIL": "hello@ostagram.example",
    "MEDIA_ROOT": "/srv/media",
    "OPERATOR_NAME": "Jo Example",
    "CONTACT_EMAIL": "hello@ostagram.example",
    "STRIPE_SECRET_KEY": "sk_live_1",
    "STRIPE_WEBHOOK_SECRET": "whsec_1",
}


def check(env: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    """`manage.py check` in a process whose environment has of our variables only these."""
    clean = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    command = [sys.executable, "manage.py", "check", *options]
    return subprocess.run(command, cwd=ROOT, env=clean | env, capture_output=True, text=True, check=False)


def documented() -> set[str]:
    return set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


def read_somewhere() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "ostagram").rglob("*.py"):
        found |= {first or second for first, second in READS.findall(path.read_text())}
    compose = re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text())
    return (found | set(compose)) - NOT_OURS


def test_the_example_lists_every_variable_and_no_other() -> None:
    assert documented() == read_somewhere()


def test_a_bare_clone_needs_no_variable(tmp_path: Path) -> None:
    answer = check({"OSTAGRAM_VAR": str(tmp_path)})
    assert answer.returncode == 0, answer.stderr


def test_complete_production_settings_pass_the_deployment_check(tmp_path: Path) -> None:
    answer = check(PRODUCTION | {"OSTAGRAM_VAR": str(tmp_path)}, "--deploy", "--fail-level", "WARNING")
    assert answer.returncode == 0, answer.stderr


@pytest.mark.parametrize("name", [name for name in PRODUCTION if name != "OSTAGRAM_MODE"])
def test_production_does_not_start_without(name: str, tmp_path: Path) -> None:
    env = PRODUCTION | {"OSTAGRAM_VAR": str(tmp_path)}
    answer = check({key: value for key, value in env.items() if key != name})
    assert answer.returncode != 0
    assert name in answer.stderr


def test_a_bucket_takes_the_place_of_the_folder_of_pictures(tmp_path: Path) -> None:
    env = {name: value for name, value in PRODUCTION.items() if name != "MEDIA_ROOT"}
    answer = check(env | {"OSTAGRAM_VAR": str(tmp_path), "S3_BUCKET": "pictures"})
    assert answer.returncode == 0, answer.stderr


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"S3_ENDPOINT_URL": "https://minio.example"}, "S3_BUCKET"),
        ({"S3_ACCESS_KEY": "a", "S3_SECRET_KEY": "b"}, "S3_BUCKET"),
        ({"S3_BUCKET": "pictures", "S3_ACCESS_KEY": "a"}, "S3_SECRET_KEY"),
        ({"S3_BUCKET": "pictures", "S3_SECRET_KEY": "b"}, "S3_ACCESS_KEY"),
        ({"S3_BUCKET": "pictures", "S3_ENDPOINT_URL": "minio.example:9000"}, "S3_ENDPOINT_URL"),
    ],
)
def test_a_half_set_bucket_is_refused(given: dict[str, str], named: str, tmp_path: Path) -> None:
    answer = check(PRODUCTION | {"OSTAGRAM_VAR": str(tmp_path)} | given)
    assert answer.returncode != 0
    assert named in answer.stderr


@pytest.mark.parametrize("way", ["VK", "GOOGLE", "YANDEX"])
def test_a_half_set_way_to_sign_in_is_refused_and_a_whole_one_is_not(way: str, tmp_path: Path) -> None:
    env = PRODUCTION | {"OSTAGRAM_VAR": str(tmp_path), f"{way}_CLIENT_SECRET": "secret"}
    answer = check(env)
    assert answer.returncode != 0
    assert f"{way}_CLIENT_ID" in answer.stderr
    assert check(env | {f"{way}_CLIENT_ID": "id"}).returncode == 0


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5"])
def test_local_mode_is_not_offered_to_a_network(host: str, tmp_path: Path) -> None:
    answer = check({"OSTAGRAM_VAR": str(tmp_path), "HOST": host})
    assert answer.returncode != 0
    assert "local mode" in answer.stderr


def test_the_examples_secret_key_is_refused(tmp_path: Path) -> None:
    answer = check(PRODUCTION | {"OSTAGRAM_VAR": str(tmp_path), "SECRET_KEY": "change-me"})
    assert answer.returncode != 0
    assert "SECRET_KEY" in answer.stderr


def test_the_web_server_does_not_start_half_set_up(tmp_path: Path) -> None:
    half = {name: value for name, value in PRODUCTION.items() if name != "MAIL_URL"}
    clean = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    command = [sys.executable, "-c", "import ostagram.wsgi"]
    env = clean | half | {"OSTAGRAM_VAR": str(tmp_path)}
    answer = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert answer.returncode != 0
    assert "MAIL_URL" in answer.stderr
