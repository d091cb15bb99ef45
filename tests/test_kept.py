"""What stands beside the code says the same as the code: image, workflow, citation, version."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

import calm

ROOT = Path(__file__).resolve().parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def read(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def test_one_version_is_cited_released_and_described() -> None:
    assert str(read("CITATION.cff")["version"]) == calm.__version__
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert headings[0] == calm.__version__


def test_the_workflow_runs_what_is_supported_on_each_python() -> None:
    jobs = read(".github/workflows/test.yml")["jobs"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    oldest = project["requires-python"].removeprefix(">=")
    for name in ("test", "package"):
        assert jobs[name]["strategy"]["matrix"]["python"][0] == oldest
    runs = [step.get("run", "") for step in jobs["test"]["steps"]]
    assert ".ci/run" in runs
    assert "make lint" in runs


def instructions(kind: str) -> list[str]:
    joined = DOCKERFILE.replace("\\\n", " ")
    return re.findall(rf"^{kind} +(.*)$", joined, re.M)


def test_the_image_copies_what_its_context_holds_and_what_is_needed() -> None:
    held = {
        line.removeprefix("!")
        for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines()
        if line.startswith("!")
    }
    copied = {
        name
        for line in instructions("COPY")
        if not line.startswith("--from")
        for name in line.split()[:-1]
    }
    assert copied == held
    assert all((ROOT / name).exists() for name in held)


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_each_device_has_its_stages(device: str) -> None:
    stages = {line.partition(" AS ")[2] for line in instructions("FROM")}
    used = [line for line in instructions("FROM") if "DEVICE" in line]
    assert len(used) == 2
    for line in used:
        assert line.partition(" AS ")[0].replace("${DEVICE}", device) in stages


def test_the_app_is_the_first_process_of_the_image_and_no_root() -> None:
    assert instructions("CMD") == ['["python", "app.py"]']
    assert instructions("USER") == ["1000"]
    assert instructions("VOLUME") == ["/data"]
    assert "ui.serving.watch" in instructions("HEALTHCHECK")[0]


def test_compose_builds_both_and_opens_neither_to_the_network() -> None:
    services = read("compose.yaml")["services"]
    assert services["cuda"]["build"]["args"] == {"DEVICE": "cuda"}
    for service in services.values():
        assert service["read_only"] is True
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
