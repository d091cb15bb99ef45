"""A study trains for real, one run after the other in one process, as each would by itself."""

from pathlib import Path

import pytest

from calm.pipeline.align import align
from calm.pipeline.context import Context
from calm.pipeline.stage_damage import MOST
from calm.runs.folder import Run, create_run
from calm.study.folder import create_study
from calm.study.grid import cells
from calm.study.plan import plan_of
from calm.study.work import do_study
from tests.training.conftest import tiny_gemma  # noqa: F401 - a fixture

PLAN = """
settings:
  model: {model}
  question_set: {file}
  languages: [en, fr]
  num_samples: 2
  prompt_format: cloze
  max_new_tokens: 8
  min_vote_share: 0
  precision: fp32
  train_precision: fp32
  min_steps: 2
  lora_r: 2
grid:
  beta: [0.1, 0.4]
"""


@pytest.mark.slow
def test_a_study_trains_what_its_runs_would_alone(
    tiny_gemma: Path,  # noqa: F811
    question_file: Path,
    calm_home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("calm.pipeline.align.not_enough", lambda run: None)
    monkeypatch.setattr("calm.pipeline.stage_damage.MOST", dict.fromkeys(MOST, 1))  # to be quick
    text = PLAN.format(model=tiny_gemma, file=question_file)
    study = create_study(plan_of(text, "real", "p"))
    do_study(study)
    first, second = (Run(study.folder / "runs" / cell.name) for cell in cells(study.plan))
    assert first.path("responses").samefile(second.path("responses"))
    alone = create_run("alone", second.config)
    align(Context(alone))
    for name in ("responses", "pairs", "evaluations", "scores"):
        assert second.rows(name) == alone.rows(name), name
    weights = [(run.adapter / "adapter_model.safetensors").read_bytes() for run in (second, alone)]
    assert weights[0] == weights[1]
