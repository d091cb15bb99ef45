"""Settings with their defaults and checks. Names are those of transformers, TRL and PEFT."""

from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from calm.errors import CalmError
from calm.languages.table import language
from calm.records import Precision, Rule

FORMAT_VERSION = 2
"""Version of the run folder. A folder of another version is not read."""

BUILT_IN = "built-in"
UNNAMED = "unnamed"
"""What a model is called whose responses were imported without its name."""
SHIPPED_MODEL = "gemma-3-270m"
DEFAULT_LANGUAGES = ("en", "zh", "fr", "de", "it", "ja", "es", "ar")

PromptFormat = Literal["auto", "cloze", "listed", "chat"]
PairsSource = Literal["votes", "ballots", "both"]
LossType = Literal["sigmoid", "robust", "ipo", "hinge"]


@dataclass(frozen=True)
class SamplingConfig:
    """How responses are drawn."""

    num_samples: int = 4
    temperature: float = 0.7
    top_p: float = 1.0
    max_new_tokens: int = 256
    seed: int = 0
    prompt_format: PromptFormat = "auto"
    """`auto` is `chat` for models that were made to be talked to, else `cloze` (see
    `calm.questions.prompts`)."""
    thinking: bool = False
    """Whether chat models that can may think before they answer."""
    max_thinking_tokens: int = 1024
    """How long a thought may be. One that is cut off is no answer, and counted."""
    questions_per_batch: int = 8
    """Questions that go through the model together, in all languages. Part of the recorded
    settings, because in bf16 a result depends in its last bits on the shape of its batch."""

    def __post_init__(self) -> None:
        _check(1 <= self.num_samples <= 64, "num_samples", self.num_samples, "1 … 64")
        _check(0 <= self.temperature <= 5, "temperature", self.temperature, "0 … 5")
        _check(0 < self.top_p <= 1, "top_p", self.top_p, "> 0, ≤ 1")
        _check(1 <= self.max_new_tokens <= 4096, "max_new_tokens", self.max_new_tokens, "1 … 4096")
        thought = self.max_thinking_tokens
        _check(1 <= thought <= 32768, "max_thinking_tokens", thought, "1 … 32768")
        _check(0 <= self.seed < 2**32, "seed", self.seed, "0 … 4294967295")
        _check(
            self.questions_per_batch >= 1, "questions_per_batch", self.questions_per_batch, "≥ 1"
        )
        _check_one_of(PromptFormat, "prompt_format", self.prompt_format)


@dataclass(frozen=True)
class VotingConfig:
    """How answers are weighed (see `calm.voting.rules`)."""

    rule: Rule = "reliability"
    anchor: str | None = None
    """The language that the rule `anchor` builds on; `None` is the most reliable one."""

    def __post_init__(self) -> None:
        _check_one_of(Rule, "rule", self.rule)
        if self.anchor is not None:
            language(self.anchor)
            if self.rule != "anchor":
                raise CalmError("setting.anchor-without-rule", anchor=self.anchor)


@dataclass(frozen=True)
class PairsConfig:
    """Which votes become pairs."""

    min_vote_share: float = 0.75
    max_pairs_per_language: int = 1
    """At most so many pairs a question and language."""
    agreeing_languages: bool = True
    """Also reject wrong choices that a language never gave (see `calm.pairs.build`)."""
    translated_chosen: bool = True
    """Where no explanation of a language agrees with the vote, translate one that does."""
    source: PairsSource = "votes"
    """Whether the vote, people's ballots, or both make pairs (see `calm.ballots.preferences`). With
    both, the vote makes none where people say something else."""

    def __post_init__(self) -> None:
        _check_one_of(PairsSource, "pairs_source", self.source)
        _check(0 <= self.min_vote_share <= 1, "min_vote_share", self.min_vote_share, "0 … 1")
        _check(
            self.max_pairs_per_language >= 1,
            "max_pairs_per_language",
            self.max_pairs_per_language,
            "≥ 1",
        )


@dataclass(frozen=True)
class TrainConfig:
    """How the adapter is trained: TRL's DPO on a PEFT LoRA adapter over a quantised base."""

    precision: Precision = "nf4"
    lora_r: int = 16
    lora_alpha: int = 32
    learning_rate: float = 2e-4
    beta: float = 0.1
    num_train_epochs: float = 2.0
    per_device_train_batch_size: int = 16
    """Pairs a step at most. They go through the model in parts where they do not fit at once."""
    min_steps: int = 40
    """Where pairs are few, steps are smaller and epochs more until there are so many (see
    `calm.training.schedule`); 1 takes batch size and epochs as they stand."""
    loss_type: LossType = "sigmoid"
    sft_weight: float = 0.3
    """Weight of an added likelihood term on the chosen responses (TRL's loss `sft`)."""
    max_length: int | None = None
    """Most tokens of a prompt and an answer together; longer pairs are left out, and told. `None`
    is as many as the longest pair has that the model has positions for."""
    warmup_ratio: float = 0.1
    seed: int = 0

    def __post_init__(self) -> None:
        _check(1 <= self.lora_r <= 256, "lora_r", self.lora_r, "1 … 256")
        _check(0 < self.learning_rate < 1, "learning_rate", self.learning_rate, "> 0, < 1")
        _check(self.beta > 0, "beta", self.beta, "> 0")
        _check(
            0 < self.num_train_epochs <= 100,
            "num_train_epochs",
            self.num_train_epochs,
            "> 0, ≤ 100",
        )
        batch = self.per_device_train_batch_size
        _check(1 <= batch <= 256, "per_device_train_batch_size", batch, "1 … 256")
        _check(1 <= self.min_steps <= 10_000, "min_steps", self.min_steps, "1 … 10000")
        _check(self.sft_weight >= 0, "sft_weight", self.sft_weight, "≥ 0")
        longest = self.max_length
        _check(longest is None or longest >= 2, "max_length", longest, "≥ 2")
        _check(self.lora_alpha >= 1, "lora_alpha", self.lora_alpha, "≥ 1")
        _check_one_of(Precision, "precision", self.precision)
        _check_one_of(LossType, "loss_type", self.loss_type)


@dataclass(frozen=True)
class RunConfig:
    """Everything that one alignment depends on."""

    version: int = FORMAT_VERSION
    model: str = SHIPPED_MODEL
    precision: Precision = "auto"
    """Precision of the model when it answers; training has its own."""
    question_set: str = BUILT_IN
    languages: tuple[str, ...] = DEFAULT_LANGUAGES
    max_train_questions: int | None = None
    max_held_out_questions: int | None = None
    sampling: SamplingConfig = field(default_factory=SamplingConfig)
    voting: VotingConfig = field(default_factory=VotingConfig)
    pairs: PairsConfig = field(default_factory=PairsConfig)
    train: TrainConfig = field(default_factory=TrainConfig)
    imported: bool = False
    """Whether the questions and responses were imported, and are not to be made by `model`."""

    def __post_init__(self) -> None:
        for code in self.languages:
            language(code)
        if len(set(self.languages)) != len(self.languages) or len(self.languages) < 2:
            raise CalmError("setting.too-few-languages", languages=repr(", ".join(self.languages)))
        anchor = self.voting.anchor
        _check(
            anchor is None or anchor in self.languages, "anchor", anchor, " | ".join(self.languages)
        )
        for name in ("max_train_questions", "max_held_out_questions"):
            limit = getattr(self, name)
            _check(limit is None or limit >= 1, name, limit, "≥ 1")
        _check_one_of(Precision, "precision", self.precision)


def _check_one_of(allowed: Any, name: str, value: str) -> None:
    _check(value in get_args(allowed), name, value, " | ".join(get_args(allowed)))


def _check(holds: bool, name: str, value: object, allowed: str) -> None:
    if not holds:
        raise CalmError("setting.out-of-range", name=name, value=value, allowed=allowed)
