"""The second packaged model: a real chat model, asked and aligned."""

from pathlib import Path

import pytest

from calm.config import PairsConfig, RunConfig, SamplingConfig, TrainConfig
from calm.models.causal_lm import CausalLM
from calm.models.interface import Draw, Prompt
from calm.models.loading import load_model
from calm.pipeline.align import align
from calm.pipeline.context import Context
from calm.runs.folder import create_run

NAME = "smollm2-135m-instruct"


@pytest.fixture
def home_with_smollm2(calm_home: Path, smollm2_folder: Path) -> Path:
    (calm_home / "models").mkdir(parents=True)
    (calm_home / "models" / NAME).symlink_to(smollm2_folder)
    return calm_home


def test_it_answers_two_questions_in_its_own_template(home_with_smollm2: Path) -> None:
    model: CausalLM = load_model(NAME)
    assert model.is_chat
    asked = ["What is the capital of France? One word.", "What colour is the sky? One word."]
    texts = model.generate([Prompt(model.chat_prompt(text)) for text in asked], [Draw(12)] * 2)
    assert "Paris" in texts[0]
    assert "blue" in texts[1].lower()
    assert not any("<|im" in text for text in texts)


@pytest.mark.slow
def test_it_is_aligned_with_explained_answers(home_with_smollm2: Path) -> None:
    config = RunConfig(
        model=NAME,
        languages=("en", "fr"),
        max_train_questions=16,
        max_held_out_questions=2,
        sampling=SamplingConfig(num_samples=4, max_new_tokens=128),
        pairs=PairsConfig(min_vote_share=0.0, translated_chosen=False),
        train=TrainConfig(min_steps=2, per_device_train_batch_size=4),
    )
    run = create_run("smollm2", config)
    align(Context(run))
    responses = run.rows("responses")
    assert len(responses) == 16 * 2 * 4
    assert any(len(row.text.split()) > 10 for row in responses)
    assert run.rows("pairs")
    assert run.adapter.is_dir()
    assert run.metrics()
    assert {row.model for row in run.rows("evaluations")} == {"base", "aligned"}
    assert len(run.rows("comparisons")) == 2 * 2
    record = run.model_record()
    assert record is not None
    assert (record.name, len(record.chat_template)) == (NAME, 64)
