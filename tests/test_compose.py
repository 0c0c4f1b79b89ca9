"""docker-compose.yml, read as YAML: what it sets is documented, what it runs exists."""

import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands

ROOT = Path(settings.BASE_DIR)
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
OURS = {name: service for name, service in SERVICES.items() if "build" in service}


def command(service: dict[str, Any]) -> list[str]:
    """What a service of ours runs: its command, or its Dockerfile target's."""
    if "command" in service:
        return [str(word) for word in service["command"]]
    stage = DOCKERFILE.split(f" AS {service['build']['target']}")[1].split("\nFROM ")[0]
    found = re.search(r"^CMD (\[.*\])$", stage, re.MULTILINE)
    assert found
    return [str(word) for word in yaml.safe_load(found[1])]


def test_every_process_of_the_house_is_there() -> None:
    assert set(SERVICES) >= {"db", "valkey", "web", "proxy", "paint", "house", "beat", "migrate"}


@pytest.mark.parametrize("name", SERVICES)
def test_every_variable_it_sets_is_documented(name: str) -> None:
    documented = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    text = yaml.safe_dump(SERVICES[name])
    assert set(re.findall(r"\$\{([A-Z_]+)", text)) <= documented
    assert set(SERVICES[name].get("environment", {})) <= documented


@pytest.mark.parametrize("name", OURS)
def test_every_command_it_runs_exists(name: str) -> None:
    program, *words = command(OURS[name])
    assert shutil.which(program, path=str(Path(sys.executable).parent)), program
    if program == "python":
        assert words[0] == "manage.py"
        assert words[1] in get_commands()
    if program == "celery":
        assert words[:2] == ["-A", "ostagram"]
        assert words[2] in {"worker", "beat"}


@pytest.mark.parametrize("name", OURS)
def test_every_target_is_built_by_the_dockerfile(name: str) -> None:
    assert f" AS {OURS[name]['build']['target']}\n" in DOCKERFILE


def test_only_paint_installs_pytorch_and_has_a_gpu() -> None:
    web, paint = DOCKERFILE.split(" AS paint")
    assert "worker.txt" not in web
    assert "worker.txt" in paint
    with_gpu = [name for name, service in SERVICES.items() if "gpu" in yaml.safe_dump(service.get("deploy", {}))]
    assert with_gpu == ["paint"]
    words = command(SERVICES["paint"])
    assert words[words.index("-c") + 1] == "1"  # one process per GPU


def test_the_web_is_reached_only_through_a_buffering_proxy() -> None:
    assert "ports" not in SERVICES["web"]
    assert SERVICES["proxy"]["ports"]
    nginx = (ROOT / "docker/nginx.conf").read_text()
    assert "proxy_request_buffering on;" in nginx
    assert int(re.search(r"client_max_body_size (\d+)m", nginx)[1]) * 1024**2 == settings.MAX_BODY_BYTES  # type: ignore[index]


def test_the_broker_never_evicts_and_remembers() -> None:
    words = SERVICES["valkey"]["command"]
    assert words[words.index("--maxmemory-policy") + 1] == "noeviction"
    assert words[words.index("--appendonly") + 1] == "yes"


def test_a_machine_with_gpus_runs_one_worker_for_each_and_needs_nothing_else() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.gpu.yml").read_text())["services"]
    assert {service["build"]["target"] for service in services.values()} == {"paint"}
    devices = [
        device for service in services.values() for device in service["deploy"]["resources"]["reservations"]["devices"]
    ]
    assert [device["device_ids"] for device in devices] == [[str(number)] for number in range(len(services))]
    assert not any({"depends_on", "volumes", "ports"} & set(service) for service in services.values())
    assert {service["stop_grace_period"] for service in services.values()} == {SERVICES["paint"]["stop_grace_period"]}


@pytest.mark.parametrize("name", ["db", "valkey", "web", "paint", "house"])
def test_what_can_fall_ill_is_asked_how_it_is(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}


def test_the_web_is_asked_by_its_address_and_the_others_by_their_heartbeats() -> None:
    web = SERVICES["web"]["healthcheck"]["test"]
    port = command(SERVICES["web"])[command(SERVICES["web"]).index("--bind") + 1].split(":")[1]
    assert f"http://127.0.0.1:{port}/healthz" in web[-1]
    compile(web[-1], "healthcheck", "exec")
    for name, flag in {"paint": "--worker", "house": "--house"}.items():
        assert SERVICES[name]["healthcheck"]["test"] == ["CMD", "python", "manage.py", "healthy", flag]
    assert "healthy" in get_commands()


def test_files_it_mounts_exist() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in COMPOSE["volumes"] or (ROOT / source).exists()
