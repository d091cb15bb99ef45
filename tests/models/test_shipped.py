"""The shipped model: checked, converted once, whole or not at all."""

import dataclasses
import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest

from calm.config import SHIPPED_MODEL
from calm.errors import CalmError
from calm.model_names import PACKAGED
from calm.models import shipped
from calm.models.causal_lm import CausalLM
from calm.models.loading import load_model


def test_a_file_with_another_sum_is_refused_with_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(b"not the model")
    with pytest.raises(CalmError, match="pip install --force-reinstall"):
        shipped.check_sha256(file, shipped.MODELS[SHIPPED_MODEL])


@pytest.mark.parametrize("packaged", shipped.MODELS.values(), ids=shipped.MODELS)
def test_without_the_packages_the_message_names_the_hub_model(
    calm_home: Path, monkeypatch: pytest.MonkeyPatch, packaged: shipped.Packaged
) -> None:
    missing = dataclasses.replace(packaged, module="no_such_module")
    monkeypatch.setitem(shipped.MODELS, packaged.name, missing)
    with pytest.raises(CalmError, match=packaged.hub_twin):
        shipped.prepare_model(packaged.name)
    assert not shipped.is_prepared(packaged.name)


def test_a_model_that_no_package_carries_is_told_with_those_there_are() -> None:
    with pytest.raises(CalmError, match="gemma-3-270m, smollm2-135m-instruct"):
        shipped.prepare_model("gpt-9")


def test_every_packaged_model_has_its_name() -> None:
    assert tuple(shipped.MODELS) == PACKAGED


def convert_slowly(home: str) -> None:
    os.environ["CALM_HOME"] = home
    shipped._convert = lambda folder, gguf, target, report: (  # type: ignore[assignment]
        target.mkdir(),
        (target / "model.safetensors").write_bytes(b"half"),
        time.sleep(60),
    )
    shipped.prepare_model()


def test_a_killed_conversion_leaves_nothing_half_made_and_the_next_one_works(
    calm_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = multiprocessing.get_context("fork").Process(
        target=convert_slowly, args=(str(calm_home),)
    )
    child.start()
    models = calm_home / "models"
    for _ in range(600):
        if list(models.glob(".preparing-*/model/model.safetensors")):
            break
        time.sleep(0.1)
    else:
        pytest.fail("the conversion never began")
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    assert not shipped.is_prepared()

    def convert(folder: Path, gguf: str, target: Path, report: shipped.Report) -> None:
        target.mkdir()
        (target / "config.json").write_text("{}")
        (target / "config.json").chmod(0o600)

    monkeypatch.setattr(shipped, "_convert", convert)
    folder = shipped.prepare_model()
    assert (folder / "config.json").is_file()
    assert (folder / "config.json").stat().st_mode & 0o777 == 0o644  # who prepares is another user
    assert [path.name for path in models.glob(".preparing-*")] == []


def test_models_may_lie_apart_from_data(
    calm_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shipped.model_folder("m") == calm_home / "models" / "m"
    monkeypatch.setenv("CALM_MODELS", str(tmp_path / "apart"))
    assert shipped.model_folder("m") == tmp_path / "apart" / "m"


def test_a_model_that_does_not_exist_is_one_clear_sentence() -> None:
    with pytest.raises(CalmError, match="is not on this machine"):
        load_model("nobody/no-such-model")


def test_the_model_answers_a_question_it_knows(shipped_fp32: CausalLM) -> None:
    from calm.models.interface import Draw, Prompt

    (text,) = shipped_fp32.generate([Prompt("Paris is the capital of")], [Draw(max_new_tokens=1)])
    assert text == " France"
