"""Runs as one number: which ones are draws of one thing, and what is said of others."""

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from calm.config import RunConfig
from calm.errors import CalmError
from calm.pipeline.seeds import as_seeds, differences
from calm.runs.folder import Run, open_run, to_json
from calm.settings import config_of
from tests.recorded import MODEL_RECORD

pytestmark = pytest.mark.usefixtures("small_steps")


@pytest.fixture
def again(whole: Run) -> Callable[..., Run]:
    """Return the finished run once more under another name, made with other settings."""

    def made(name: str, **settings: Any) -> Run:
        folder = whole.folder.with_name(name)
        shutil.copytree(whole.folder, folder)
        config = config_of(settings, whole.config)
        (folder / "config.json").write_text(to_json(config) + "\n", encoding="utf-8")
        return open_run(name)

    return made


def test_runs_that_differ_in_their_seed_are_one(whole: Run, again: Callable[..., Run]) -> None:
    found = as_seeds([whole, again("one", seed=1), again("two", seed=2, report_to="trackio")])
    assert found.runs == ("whole", "one", "two")
    assert found.languages == whole.config.languages
    score = next(s for s in found.scores if (s.model, s.metric) == ("base", "accuracy"))
    assert (score.seeds, score.spread, score.n) == (3, 0, 4)


def test_what_differs_but_the_seed_is_named(whole: Run, again: Callable[..., Run]) -> None:
    other = again("other", seed=1, beta=0.5, languages=("en", "fr"))
    with pytest.raises(CalmError) as error:
        as_seeds([whole, other])
    assert "languages (en,fr,ja, en,fr), beta (0.1, 0.5)" in str(error.value).replace(" and ", ", ")
    assert "`python -m calm methods`" in str(error.value)


def test_a_run_is_no_second_draw_of_itself(whole: Run, again: Callable[..., Run]) -> None:
    with pytest.raises(CalmError, match="named twice"):
        as_seeds([whole, whole])
    with pytest.raises(CalmError, match="the same seed"):
        as_seeds([whole, again("copy")])
    with pytest.raises(CalmError, match="two runs or more"):
        as_seeds([whole])


def test_a_run_that_is_not_finished_has_no_numbers(whole: Run, again: Callable[..., Run]) -> None:
    other = again("other", seed=1)
    other.path("comparisons").unlink()
    with pytest.raises(CalmError, match="other has not finished"):
        as_seeds([whole, other])


def test_another_model_under_the_same_name_is_told(whole: Run, again: Callable[..., Run]) -> None:
    other = again("other", seed=1)
    other.write_model_record(dataclasses.replace(MODEL_RECORD, files={"model.safetensors": "11"}))
    with pytest.raises(CalmError, match=r"model\.json"):
        as_seeds([whole, other])


def test_other_held_out_questions_are_told(whole: Run, again: Callable[..., Run]) -> None:
    other = again("other", seed=1)
    questions = other.rows("questions")
    gone = next(q.id for q in questions if q.split == "held-out")
    other.write("questions", [q for q in questions if q.id != gone])
    with pytest.raises(CalmError, match="same held-out questions"):
        as_seeds([whole, other])


def test_settings_that_differ_are_listed_by_their_names(tmp_path: Path) -> None:
    one = RunConfig()
    assert differences(one, config_of({"seed": 3, "report_to": "wandb"}, one)) == []
    assert differences(one, config_of({"lora_r": 8}, one)) == ["lora_r (16, 8)"]
