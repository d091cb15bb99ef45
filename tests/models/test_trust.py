"""A fast path is taken where it was seen to be right, and nowhere else."""

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import pytest
import torch
from transformers import BartConfig, BartForConditionalGeneration, BertConfig, BertLMHeadModel

from calm.config import BUILT_IN, SHIPPED_MODEL, RunConfig, SamplingConfig
from calm.errors import CalmError
from calm.evaluation.evaluate import evaluate
from calm.models import attention, loading, trust, trust_kept
from calm.models.causal_lm import CausalLM
from calm.models.interface import Draw, Prompt
from calm.models.loading import load_model
from calm.models.trials import FEW, Rows, Trials, read_at_once
from calm.models.trust import check_trainable, examine, refuse_what_cannot_answer, tried
from calm.models.trust_kept import Trust
from calm.pipeline.align import align
from calm.pipeline.context import Context
from calm.questions.sets import load_questions
from calm.records import Question
from calm.runs.folder import create_run


@pytest.fixture
def truths_for_masks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the masks be truths, which attention in plain torch adds as 1 and 0."""
    monkeypatch.setattr(attention, "_additive", lambda visible, dtype: visible)


@pytest.fixture
def empty_memory(calm_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(trust_kept, "_KNOWN", {})
    return calm_home


def in_plain_torch(model: Any) -> Any:
    model.set_attn_implementation("eager")
    return model


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_a_right_path_is_trusted_in_every_precision(tiny_model: Any, dtype: torch.dtype) -> None:
    assert tried(tiny_model.to(dtype)) == Trust()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_a_wrong_mask_is_seen_in_every_precision(
    tiny_model: Any, dtype: torch.dtype, truths_for_masks: None
) -> None:
    found = tried(in_plain_torch(tiny_model.to(dtype)))
    assert (found.decode, found.scores, found.training) == ("plain", "plain", "plain")
    assert found.path == "plain"
    assert "other numbers with this kind of layers" in found.why


def test_a_wrong_mask_is_seen_on_the_weights_themselves_too(
    truths_for_masks: None, shipped_folder: Path
) -> None:
    model = in_plain_torch(load_model(SHIPPED_MODEL, "bf16").model)
    rows = Rows.of(model, FEW)
    trials = Trials(model, rows, read_at_once(model, rows))
    for trial in (trials.decoding, trials.scoring, trials.training):
        assert median(trial()) > 2 * trust.ROUNDED


@pytest.mark.parametrize("kind", ["sdpa", "eager"])
def test_the_shipped_model_goes_the_fast_way(kind: str, shipped_folder: Path) -> None:
    model = load_model(SHIPPED_MODEL, "bf16").model
    model.set_attn_implementation(kind)
    assert tried(model) == Trust()


def likeliest(questions: Sequence[Question], kind: str, patch: pytest.MonkeyPatch) -> Any:
    """Return what the shipped model, loaded to compute attention as `kind`, finds likeliest."""
    given = loading._options
    patch.setattr(loading, "_options", lambda *of: given(*of) | {"attn_implementation": kind})
    model = load_model(SHIPPED_MODEL, "fp32")
    assert model.model.config._attn_implementation == kind
    assert model.trust == Trust()
    return evaluate(model, questions, "base", SamplingConfig(), ("likelihood",))


def test_attention_in_plain_torch_finds_the_same_choices_likeliest(
    home_with_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions = load_questions(BUILT_IN, ("en",))[:24]
    usual, plain = (likeliest(questions, kind, monkeypatch) for kind in ("sdpa", "eager"))
    assert [row.answer for row in plain] == [row.answer for row in usual]
    right = [row.answer == q.gold for row, q in zip(usual, questions, strict=True)]
    assert sum(right) > 12
    for row, other in zip(usual, plain, strict=True):
        assert other.log_probs == pytest.approx(row.log_probs, abs=1e-3)


def test_what_was_found_is_remembered_for_the_same_weights_only(
    tiny_model: Any, empty_memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[Any] = []
    monkeypatch.setattr(trust, "tried", lambda model, own: looked.append(model) or Trust())
    examine(tiny_model)
    monkeypatch.setattr(trust_kept, "_KNOWN", {})
    assert examine(tiny_model) == Trust()
    assert len(looked) == 1
    with torch.no_grad():
        next(iter(tiny_model.parameters())).add_(1)
    examine(tiny_model)
    assert len(looked) == 2


def test_a_broken_memory_is_as_none(tiny_model: Any, empty_memory: Path) -> None:
    empty_memory.mkdir()
    (empty_memory / "trust.json").write_text("{", encoding="utf-8")
    assert examine(tiny_model) == Trust()


SMALL = {"vocab_size": 200, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}


def bert() -> Any:
    return BertLMHeadModel(BertConfig(**SMALL, intermediate_size=64)).eval()


def bart() -> Any:
    sizes = {"d_model": 32, "encoder_layers": 1, "decoder_layers": 1, "vocab_size": 200}
    return BartForConditionalGeneration(BartConfig(**sizes)).eval()


@pytest.mark.parametrize(
    ("make", "sentence"), [(bert, "looks ahead"), (bart, "has an encoder and a decoder")]
)
def test_what_cannot_continue_a_text_is_refused_in_a_sentence(make: Any, sentence: str) -> None:
    with pytest.raises(CalmError, match=sentence):
        refuse_what_cannot_answer(make())


def test_weights_that_are_no_numbers_are_refused(tiny_model: Any) -> None:
    with torch.no_grad():
        next(iter(tiny_model.parameters())).fill_(torch.nan)
    with pytest.raises(CalmError, match="no numbers"):
        refuse_what_cannot_answer(tiny_model)


def test_a_model_answers_and_scores_the_same_on_the_plain_path(
    tiny_gemma: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prompts = [Prompt("One and one is", 4), Prompt("Two", choices=(" is", " and"))]
    draws = [Draw(6), Draw(6, temperature=1.0, seed=(3,))]
    choices = [[" two", " 3"], [" is"]]

    def says(model: CausalLM) -> tuple[list[str], list[float]]:
        scores = model.score(prompts, choices)
        return model.generate(prompts, draws), [score for row in scores for score in row]

    fast = load_model(str(tiny_gemma), "fp32")
    slow = Trust("plain", "plain", "plain", "Tried here.")
    monkeypatch.setattr("calm.models.causal_lm.examine", lambda model: slow)
    plain = load_model(str(tiny_gemma), "fp32")
    assert (fast.path, plain.path) == ("fast", "plain")
    (texts, scores), (own_texts, own_scores) = says(fast), says(plain)
    assert own_texts == texts
    assert own_scores == pytest.approx(scores, abs=1e-4)


def test_a_model_that_cannot_be_trained_is_refused_before_anything_is_sampled(
    empty_memory: Path, tiny_gemma: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("calm.models.causal_lm.examine", lambda model: Trust(training="none"))
    settings = RunConfig(model=str(tiny_gemma), languages=("en", "fr"), max_train_questions=2)
    run = create_run("mine", settings)
    with pytest.raises(CalmError, match="cannot be trained here"):
        align(Context(run))
    assert run.rows("responses") == []
    asked = Context(create_run("asked", settings))
    align(asked, until="vote")
    assert asked.run.has("votes")


def test_a_model_that_can_be_trained_is_not_refused(tiny_gemma: Path) -> None:
    check_trainable(load_model(str(tiny_gemma), "fp32"))
