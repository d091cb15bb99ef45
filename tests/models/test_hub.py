"""Models of the Hub, over HTTP from a small Hub on this machine, in a process of its own."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file, save_file

from calm.config import SHIPPED_MODEL
from tests.hub import Hub, serving
from tests.models.conftest import make_tiny_gemma
from tests.models.test_row_adapters import random_adapter

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = {"HF_HUB_ETAG_TIMEOUT": "1"}
"""Seconds that the process waits for the Hub to say something."""


@dataclass
class Asker:
    """The process that loads models of the Hub."""

    process: "subprocess.Popen[str]"

    def load(self, name: str) -> dict[str, Any]:
        """Return what the process tells of a model (see `asked_of_hub`)."""
        assert self.process.stdin and self.process.stdout
        print(name, file=self.process.stdin, flush=True)
        told: dict[str, Any] = json.loads(self.process.stdout.readline())
        assert "traceback" not in told, told
        return told

    def refusal(self, name: str) -> str:
        return str(self.load(name)["refused"])


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A Hub with a base model and an adapter that was trained on it."""
    root = tmp_path_factory.mktemp("hub")
    base = make_tiny_gemma(root / "someone/tiny")
    (base / "original").mkdir()
    (base / "original/consolidated.safetensors").write_text("for another program")
    (base / "pytorch_model.bin").write_text("the same once more")
    adapter = random_adapter(base, root / "someone/adapter", 0)
    settings = adapter / "adapter_config.json"
    named = {"base_model_name_or_path": "someone/tiny"}
    settings.write_text(json.dumps(json.loads(settings.read_text()) | named))
    with serving(root) as found:
        yield found


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


def environment(hub: Hub, home: Path, **more: str) -> dict[str, str]:
    """Return the environment of a process that knows this Hub only."""
    known = {"HF_ENDPOINT": hub.url, "HF_HOME": str(home / "hf"), "CALM_HOME": str(home / "calm")}
    return {**os.environ, "HF_HUB_OFFLINE": "0", **PATIENCE, **known, **more}


@pytest.fixture(scope="module")
def asker(hub: Hub, home: Path) -> Iterator[Asker]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.models.asked_of_hub"],
        env=environment(hub, home),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Asker(process)


@pytest.fixture
def another(hub: Hub) -> Callable[[str], Path]:
    """Puts a copy of the base model on the Hub, by another name."""
    return lambda name: Path(shutil.copytree(hub.root / "someone/tiny", hub.root / name))


def test_a_model_of_the_hub_answers_and_is_recorded_with_its_revision(
    hub: Hub, asker: Asker
) -> None:
    told = asker.load("someone/tiny")
    assert len(told["texts"][0]) > 0
    assert told["record"]["name"] == told["name_or_path"] == "someone/tiny"
    assert told["record"]["files"] == {"revision": hub.commit("someone/tiny")}


def test_the_same_weights_are_fetched_once_only(hub: Hub, asker: Asker) -> None:
    asker.load("someone/tiny")
    fetched = [path.rpartition("/")[2] for path in hub.asked if "GET /someone/tiny" in path]
    assert fetched.count("model.safetensors") == 1
    assert not {"pytorch_model.bin", "consolidated.safetensors"} & set(fetched)


def test_an_adapter_of_the_hub_is_its_base_with_the_adapter_in_it(hub: Hub, asker: Asker) -> None:
    told = asker.load("someone/adapter")
    assert (told["record"]["name"], told["record"]["base"]) == ("someone/adapter", "someone/tiny")
    assert told["record"]["files"] == {
        "revision": hub.commit("someone/adapter"),
        "base/revision": hub.commit("someone/tiny"),
    }
    assert told["texts"] != asker.load("someone/tiny")["texts"]


def test_a_run_goes_on_with_the_revision_that_it_began_with(
    hub: Hub, asker: Asker, another: Callable[[str], Path]
) -> None:
    folder = another("someone/new")
    before = asker.load("someone/new")
    weights = load_file(folder / "model.safetensors")
    weights["model.norm.weight"] -= 3
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    now = asker.load("someone/new")
    assert now["record"]["files"] == {"revision": hub.commit("someone/new")}
    assert now["record"]["files"] != before["record"]["files"]
    again = asker.load(f"again {before['run']}")
    assert (again["texts"], again["record"]) == (before["texts"], before["record"])
    assert now["texts"] != before["texts"]


@pytest.mark.parametrize("behaviour", ["gated", "forbidden"])
def test_a_gated_model_says_how_to_sign_in(
    hub: Hub, asker: Asker, another: Callable[[str], Path], behaviour: str
) -> None:
    another(f"someone/{behaviour}")
    hub.behaviour[f"someone/{behaviour}"] = behaviour
    assert "is gated" in asker.refusal(f"someone/{behaviour}")
    assert "`hf auth login`" in asker.refusal(f"someone/{behaviour}")


def _torn(folder: Path) -> None:
    os.truncate(folder / "model.safetensors", (folder / "model.safetensors").stat().st_size - 9)


def _with_code(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    code = {"AutoConfig": "mine.Config", "AutoModelForCausalLM": "mine.Mine"}
    changed = config | {"model_type": "mine", "auto_map": code}
    (folder / "config.json").write_text(json.dumps(changed))
    (folder / "mine.py").write_text("raise SystemExit('never run')")


def _pickled_only(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(b"no weights at all")


def _without_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").unlink()


UNUSABLE: dict[str, tuple[Callable[[Path], None], str]] = {
    "torn": (_torn, "model.safetensors of the model someone/torn is damaged or cut off"),
    "code": (_with_code, "someone/code brings program code of its own"),
    "pickled": (_pickled_only, "weights of the model someone/pickled are damaged"),
    "no-weights": (_without_weights, "someone/no-weights has no weights in its folder"),
    "no-config": (lambda folder: (folder / "config.json").unlink(), "someone/no-config"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_model_of_the_hub_that_cannot_be_used_is_refused_in_a_sentence(
    asker: Asker, another: Callable[[str], Path], home: Path, name: str
) -> None:
    change, said = UNUSABLE[name]
    change(another(f"someone/{name}"))
    refusal = asker.refusal(f"someone/{name}")
    assert said in refusal
    assert str(home) not in refusal


def test_an_adapter_whose_base_is_not_there_names_the_base(hub: Hub, asker: Asker) -> None:
    folder = Path(shutil.copytree(hub.root / "someone/adapter", hub.root / "someone/orphan"))
    settings = json.loads((folder / "adapter_config.json").read_text())
    settings["base_model_name_or_path"] = "someone/gone"
    (folder / "adapter_config.json").write_text(json.dumps(settings))
    assert "There is no model someone/gone" in asker.refusal("someone/orphan")


def test_an_adapter_that_is_no_safetensors_is_refused_by_its_name(hub: Hub, asker: Asker) -> None:
    folder = Path(shutil.copytree(hub.root / "someone/adapter", hub.root / "someone/pickle"))
    (folder / "adapter_model.safetensors").rename(folder / "adapter_model.bin")
    assert asker.refusal("someone/pickle").startswith("someone/pickle has no adapter_model.")


NOWHERE = {
    "someone/nothing": "There is no model someone/nothing on the Hugging Face Hub",
    "/no/such/folder": "There is no folder /no/such/folder here",
    "what is this": "There is no folder what is this here",
}


@pytest.mark.parametrize(("name", "said"), NOWHERE.items())
def test_a_model_that_is_nowhere_is_told(asker: Asker, name: str, said: str) -> None:
    assert said in asker.refusal(name)


@pytest.mark.parametrize("behaviour", ["silent", "broken"])
def test_a_hub_that_gives_nothing_is_told_once_it_was_waited_for(
    hub: Hub, asker: Asker, another: Callable[[str], Path], behaviour: str
) -> None:
    another(f"someone/{behaviour}")
    hub.behaviour[f"someone/{behaviour}"] = behaviour
    refusal = asker.refusal(f"someone/{behaviour}")
    assert f"The model someone/{behaviour} is not on this machine" in refusal
    assert f"--model {SHIPPED_MODEL}" in refusal


def test_a_download_that_breaks_off_goes_on_from_there(
    hub: Hub, asker: Asker, another: Callable[[str], Path]
) -> None:
    another("someone/cut")
    hub.behaviour["someone/cut"] = "cut"
    assert asker.load("someone/cut")["texts"] == asker.load("someone/tiny")["texts"]
    fetched = [path for path in hub.asked if "GET /someone/cut" in path and "safetensors" in path]
    assert len(fetched) == 2


def test_a_hub_that_is_silent_leaves_what_was_fetched_before(hub: Hub, asker: Asker) -> None:
    before = asker.load("someone/tiny")
    hub.behaviour["someone/tiny"] = "silent"
    assert asker.load("someone/tiny")["texts"] == before["texts"]
    del hub.behaviour["someone/tiny"]


def test_a_hub_that_is_down_leaves_what_was_fetched_before(hub: Hub, asker: Asker) -> None:
    known = [asker.load(name)["texts"] for name in ("someone/tiny", "someone/adapter")]
    hub.is_down = True
    assert [asker.load(name)["texts"] for name in ("someone/tiny", "someone/adapter")] == known
    assert "is not on this machine" in asker.refusal("someone/other")
    hub.is_down = False


FETCH = """
import sys
from calm.models.hub import fetched_model
from calm.errors import CalmError
for name in sys.argv[1:]:
    try:
        print(fetched_model(name))
    except CalmError as error:
        print(error)
"""


def test_offline_the_hub_is_not_asked(hub: Hub, asker: Asker, home: Path) -> None:
    asker.load("someone/tiny")
    asked = len(hub.asked)
    known, unknown = subprocess.run(
        [sys.executable, "-c", FETCH, "someone/tiny", "someone/other"],
        env=environment(hub, home, HF_HUB_OFFLINE="1"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert known.endswith(hub.commit("someone/tiny"))
    assert "The model someone/other is not on this machine" in unknown
    assert len(hub.asked) == asked
