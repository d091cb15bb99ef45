"""Settings say what is wrong with them when they are made."""

from typing import Any

import pytest

from calm.config import PairsConfig, RunConfig, SamplingConfig, TrainConfig
from calm.errors import CalmError


@pytest.mark.parametrize(
    ("part", "field", "value"),
    [
        (SamplingConfig, "num_samples", 0),
        (SamplingConfig, "num_samples", 65),
        (SamplingConfig, "temperature", -0.1),
        (SamplingConfig, "temperature", float("nan")),
        (SamplingConfig, "top_p", 0.0),
        (SamplingConfig, "top_p", 1.1),
        (SamplingConfig, "max_new_tokens", 0),
        (SamplingConfig, "seed", -1),
        (SamplingConfig, "questions_per_batch", 0),
        (PairsConfig, "min_vote_share", 1.01),
        (PairsConfig, "min_vote_share", -0.01),
        (PairsConfig, "max_pairs_per_language", 0),
        (TrainConfig, "lora_r", 0),
        (TrainConfig, "learning_rate", 0.0),
        (TrainConfig, "learning_rate", 1.0),
        (TrainConfig, "beta", 0.0),
        (TrainConfig, "num_train_epochs", 0.0),
        (TrainConfig, "per_device_train_batch_size", 0),
        (TrainConfig, "sft_weight", -1.0),
        (TrainConfig, "lora_alpha", 0),
        (SamplingConfig, "prompt_format", "essay"),
        (TrainConfig, "precision", "int3"),
        (TrainConfig, "method", "sigmoid"),
        (TrainConfig, "pair_weights", "margin"),
        (TrainConfig, "dco_weight", -0.5),
        (TrainConfig, "anchor_gamma", 0.5),
        (RunConfig, "precision", "fp8"),
        (RunConfig, "max_train_questions", 0),
        (RunConfig, "max_held_out_questions", -3),
    ],
)
def test_a_setting_out_of_range_is_refused_by_name_with_what_it_must_be(
    part: type[Any], field: str, value: float
) -> None:
    with pytest.raises(CalmError, match=rf"^{field} is {value}, but must be .+\.$"):
        part(**{field: value})


@pytest.mark.parametrize(
    ("part", "field", "value"),
    [
        (SamplingConfig, "num_samples", 1),
        (SamplingConfig, "temperature", 0),
        (SamplingConfig, "top_p", 1.0),
        (SamplingConfig, "seed", 2**32 - 1),
        (PairsConfig, "min_vote_share", 0.0),
        (PairsConfig, "min_vote_share", 1.0),
        (TrainConfig, "sft_weight", 0.0),
        (RunConfig, "max_train_questions", 1),
        (RunConfig, "languages", ("en", "sw")),
    ],
)
def test_a_setting_at_the_edge_of_its_range_is_taken(
    part: type[Any], field: str, value: object
) -> None:
    assert getattr(part(**{field: value}), field) == value


@pytest.mark.parametrize("languages", [(), ("en",), ("en", "en"), ("en", "fr", "en")])
def test_a_vote_needs_two_different_languages(languages: tuple[str, ...]) -> None:
    with pytest.raises(CalmError, match="at least two different ones"):
        RunConfig(languages=languages)


def test_an_unknown_language_is_refused_with_those_there_are() -> None:
    with pytest.raises(CalmError, match=r"no language 'xx'\. Choose from: en, zh"):
        RunConfig(languages=("en", "xx"))


def test_settings_cannot_be_changed_once_made() -> None:
    with pytest.raises(AttributeError):
        RunConfig().model = "other"  # type: ignore[misc]
