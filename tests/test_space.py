"""A Hugging Face Space can be built of the repository as it is: its settings and its packages."""

import functools
import re
import subprocess
import sys
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import pytest
import yaml
from huggingface_hub import SpaceHardware
from packaging.requirements import Requirement
from packaging.version import Version

from calm.model_names import PACKAGED

ROOT = Path(__file__).resolve().parent.parent
COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}
HARDWARE = {str(flavor.value) for flavor in SpaceHardware}
FIELDS: dict[str, Any] = {
    "title": lambda text: 0 < len(text) <= 60,
    "emoji": lambda text: not re.search(r"[\w\s]", text),
    "colorFrom": COLOURS.__contains__,
    "colorTo": COLOURS.__contains__,
    "sdk": "gradio".__eq__,
    "sdk_version": lambda text: re.fullmatch(r"\d+\.\d+\.\d+", text),
    "python_version": lambda text: re.fullmatch(r"3\.\d+(\.\d+)?", text),
    "app_file": lambda name: (ROOT / name).is_file(),
    "short_description": lambda text: 0 < len(text) <= 60,
    "models": lambda ids: all(re.fullmatch(r"[\w.-]+/[\w.-]+", name) for name in ids),
    "tags": lambda tags: all(re.fullmatch(r"[a-z0-9-]+", tag) for tag in tags),
    "pinned": lambda value: isinstance(value, bool),
    "hf_oauth": lambda value: value is True,
    "hf_oauth_scopes": ["contribute-repos"].__eq__,
    "license": "mit".__eq__,
    "suggested_hardware": HARDWARE.__contains__,
    "startup_duration_timeout": lambda text: re.fullmatch(r"\d+[mh]", text),
}
"""The settings that the Hub documents (Spaces Configuration Reference) and ours uses, checked."""
OTHER_DEFAULTS = ("hf_oauth_authorized_org", "disable_embedding", "base_path")
"""Settings that are there and left alone: open to everybody."""
ZERO_GPU_TORCH = ("2.8.0", "2.9.1", "2.10.0", "2.11.0", "2.12.1", "2.13.0")
"""What ZeroGPU runs (Spaces documentation, September 2026): it refuses to build with another."""
PYTHONS = ("3.11", "3.12", "3.13")


def front() -> dict[str, Any]:
    _, block, _ = (ROOT / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    settings: dict[str, Any] = yaml.safe_load(block)
    return settings


@functools.cache
def listed(name: str) -> dict[str, Requirement]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    found = [Requirement(line) for line in lines if line and not line.startswith(("#", "-"))]
    return {requirement.name: requirement for requirement in found}


def builders_call() -> list[str]:
    """Return what the builder of Spaces installs beside requirements.txt, in the same call."""
    gradio = f"gradio[oauth,mcp]=={front()['sdk_version']}"
    return [gradio, "uvicorn>=0.14.0", "websockets>=10.4", "spaces"]


def test_every_setting_is_one_that_spaces_have_with_a_value_that_it_takes() -> None:
    settings = front()
    assert set(settings) == set(FIELDS)
    assert [name for name, takes in FIELDS.items() if not takes(settings[name])] == []
    assert not set(settings) & set(OTHER_DEFAULTS)


def test_the_models_named_are_those_that_come_along() -> None:
    named = {name.partition("/")[2].lower() for name in front()["models"]}
    assert named == set(PACKAGED)


def test_a_space_installs_gradio_and_python_as_they_were_tested() -> None:
    settings = front()
    assert str(listed("requirements.lock")["gradio"].specifier) == f"=={settings['sdk_version']}"
    assert Version(settings["python_version"]).release[:2] in {Version(p).release for p in PYTHONS}


def test_a_space_takes_the_same_libraries_and_what_was_tested_of_each() -> None:
    tested, space = listed("requirements.lock"), listed("requirements.txt")
    assert set(space) == set(tested)
    for name, requirement in tested.items():
        (exact,) = requirement.specifier
        assert space[name].specifier.contains(exact.version), name
    ranges = {name for name, requirement in space.items() if "==" not in str(requirement)}
    assert ranges == {"torch", "pydantic"}


def test_a_space_takes_any_torch_that_its_host_may_have() -> None:
    space = listed("requirements.txt")["torch"].specifier
    assert [version for version in ZERO_GPU_TORCH if not space.contains(version)] == []
    assert not space.contains("2.7.1") and not space.contains("2.14.0")


@pytest.mark.parametrize("library", ["transformers", "trl", "peft", "accelerate", "bitsandbytes"])
def test_every_library_takes_the_oldest_torch_that_we_take(library: str) -> None:
    wanted = [Requirement(line) for line in requires(library) or []]
    theirs = [r for r in wanted if r.name == "torch" and "extra" not in str(r.marker)]
    assert all(requirement.specifier.contains(ZERO_GPU_TORCH[0]) for requirement in theirs)


def test_what_gradios_extras_want_is_in_reach() -> None:
    """Quick, and without a network: each shared library has a version that both sides take."""
    wanted = [Requirement(line) for line in requires("gradio") or []]
    shared = [
        r
        for r in wanted
        if r.name in listed("requirements.txt")
        and (r.marker is None or any(r.marker.evaluate({"extra": e}) for e in ("oauth", "mcp")))
    ]
    assert "pydantic" in {r.name for r in shared}
    for ours, theirs in ((listed("requirements.txt")[r.name], r) for r in shared):
        edges = [s.version.removesuffix(".*") for r in (ours, theirs) for s in r.specifier]
        both = ours.specifier & theirs.specifier
        assert not edges or any(both.contains(edge) for edge in edges), f"{ours} and {theirs}"


def resolve(python: str, *extra: str) -> subprocess.CompletedProcess[str]:
    """Resolve the builder's call for a version of Python on Linux; nothing is installed."""
    asked = "\n".join(["-r requirements.txt", *builders_call(), *extra])
    return subprocess.run(
        [
            *(sys.executable, "-m", "uv", "pip", "compile", "-", "--quiet", "--no-header"),
            *("--no-annotate", "--only-binary", ":all:", "--python-version", python),
            *("--python-platform", "x86_64-manylinux_2_28"),
        ],
        cwd=ROOT,
        input=asked,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize("python", PYTHONS)
def test_the_call_of_the_builder_is_resolved(python: str) -> None:
    done = resolve(python)
    assert done.returncode == 0, done.stderr
    versions = dict(re.findall(r"^([\w-]+)==(\S+)$", done.stdout, re.MULTILINE))
    assert versions["gradio"] == front()["sdk_version"]
    assert {"authlib", "itsdangerous", "mcp", "spaces", "torch", "trl"} <= set(versions)


@pytest.mark.slow
def test_what_cannot_be_resolved_is_seen() -> None:
    assert resolve(PYTHONS[0], "pydantic==2.14.3").returncode != 0
    assert resolve("3.10").returncode != 0
