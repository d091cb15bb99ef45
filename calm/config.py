"""The table of settings: name, type, limits, default, and help in words.

Names are those of transformers, TRL and PEFT. The flags of the command line, the endpoints' names
and the pages' controls are made of it (see `calm.settings`). A `description` is the help of one:
`--help` and its control on a page say the same.
"""

from dataclasses import field
from typing import Annotated, Literal

from pydantic import Field

from calm.checked import checked
from calm.errors import CalmError
from calm.languages.table import language
from calm.records import Precision, Rule

FORMAT_VERSION = 2
"""Version of the run folder. A folder of another version is not read."""

BUILT_IN = "built-in"
UNNAMED = "unnamed"
"""What a model is called whose responses were imported without its name."""
MOST_ROUNDS = 8
SHIPPED_MODEL = "gemma-3-270m"
DEFAULT_LANGUAGES = ("en", "zh", "fr", "de", "it", "ja", "es", "ar")

PromptFormat = Literal["auto", "cloze", "listed", "chat"]
PairsSource = Literal["votes", "ballots", "both", "gold"]
Method = Literal[
    "dpo",
    "dpo+sft",
    "robust",
    "apo_zero",
    "ipo",
    "hinge",
    "sft",
    "dco",
    "dpo+dco",
    "consensus",
]
"""What an adapter is trained by (see `calm.training.methods`)."""
PairWeights = Literal["none", "vote_share"]
Reference = Literal["moved", "kept"]
ReportTo = Literal["none", "tensorboard", "trackio", "wandb", "mlflow"]
Seed = Annotated[int, Field(ge=0, le=2**32 - 1, description="The same seed draws the same again")]


@checked
class SamplingConfig:
    """How responses are drawn."""

    num_samples: Annotated[
        int, Field(ge=1, le=64, description="How often each question is asked in each language")
    ] = 4
    temperature: Annotated[
        float, Field(ge=0, le=5, description="0 always takes the likeliest answer")
    ] = 0.7
    top_p: Annotated[
        float,
        Field(
            gt=0,
            le=1,
            description="Draw from the likeliest tokens alone, which together are so probable",
        ),
    ] = 1.0
    max_new_tokens: Annotated[
        int, Field(ge=1, le=4096, description="A longer response is cut off")
    ] = 256
    seed: Seed = 0
    prompt_format: Annotated[
        PromptFormat, Field(description="How the model is asked: auto is as suits its kind")
    ] = "auto"
    """`auto` is `chat` for models that were made to be talked to, else `cloze` (see
    `calm.questions.prompts`)."""
    thinking: Annotated[
        bool,
        Field(
            description="Let chat models that can think before they answer; a thought that is cut "
            "off is no answer"
        ),
    ] = False
    max_thinking_tokens: Annotated[
        int, Field(ge=1, le=32768, description="A longer thought is cut off")
    ] = 1024
    questions_per_batch: Annotated[
        int,
        Field(ge=1, description="So many go through the model together; fewer need less memory"),
    ] = 8
    """Questions that go through the model together, in all languages. Part of the recorded
    settings, because in bf16 a result depends in its last bits on the shape of its batch."""


@checked
class VotingConfig:
    """How answers are weighed (see `calm.voting.rules`)."""

    rule: Annotated[Rule, Field(description="How the answers of the languages are weighed")] = (
        "reliability"
    )
    anchor: Annotated[
        str | None,
        Field(
            description="The language that the rule anchor builds on; none is the most reliable one"
        ),
    ] = None
    """The language that the rule `anchor` builds on; `None` is the most reliable one."""

    def __post_init__(self) -> None:
        if self.anchor is not None:
            language(self.anchor)
            if self.rule != "anchor":
                raise CalmError("setting.anchor-without-rule", anchor=self.anchor)


@checked
class PairsConfig:
    """Which votes become pairs."""

    min_vote_share: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            description="Votes below it make no pairs; a higher share is right more often, on "
            "fewer questions",
        ),
    ] = 0.75
    max_pairs_per_language: Annotated[
        int, Field(ge=1, description="At most so many pairs of a question in each language")
    ] = 1
    agreeing_languages: Annotated[
        bool, Field(description="Also reject wrong choices that a language never gave")
    ] = True
    """Also reject wrong choices that a language never gave (see `calm.pairs.build`)."""
    translated_chosen: Annotated[
        bool,
        Field(
            description="Translate an explanation for languages in which none agrees with the vote"
        ),
    ] = True
    source: Annotated[
        PairsSource,
        Field(
            description="The vote, people's ballots, or both; with both, the vote makes none where "
            "people say something else; gold takes the set's right answers: it learns from labels"
        ),
    ] = "votes"
    """Whether the vote, people's ballots, or both make pairs (see `calm.ballots.preferences`). With
    both, the vote makes none where people say something else. With `gold` the right answers take
    the place of the votes' winners: what a vote is measured against, not a way without labels."""


@checked
class TrainConfig:
    """How the adapter is trained: a PEFT LoRA adapter over a quantised base, by one of `Method`."""

    method: Annotated[
        Method,
        Field(
            description="Objective of the training: of pairs that a vote makes, or, without "
            "sampling and without a vote, of the choices themselves: dco, consensus"
        ),
    ] = "dpo+sft"
    """See `calm.training.methods` for what each is, where it is from, and what it needs."""
    precision: Annotated[
        Precision, Field(description="Of the base model below the adapter: nf4 has 4 bits a weight")
    ] = "nf4"
    lora_r: Annotated[
        int,
        Field(
            ge=1,
            le=256,
            description="Rank of the adapter: a larger one can learn more and needs more memory",
        ),
    ] = 16
    lora_alpha: Annotated[
        int, Field(ge=1, description="What the adapter adds is multiplied by alpha / r")
    ] = 32
    learning_rate: Annotated[
        float, Field(gt=0, lt=1, description="How far a training step goes, at its highest")
    ] = 2e-4
    beta: Annotated[
        float,
        Field(
            gt=0,
            allow_inf_nan=False,
            description="How close the model stays to its base: larger is closer",
        ),
    ] = 0.1
    num_train_epochs: Annotated[
        float, Field(gt=0, le=100, description="How often all pairs are gone through, at least")
    ] = 2.0
    per_device_train_batch_size: Annotated[
        int, Field(ge=1, le=256, description="At most so many pairs make a training step")
    ] = 16
    """Pairs a step at most. They go through the model in parts where they do not fit at once."""
    min_steps: Annotated[
        int,
        Field(
            ge=1,
            le=10_000,
            description="Where pairs are few, steps are smaller and epochs more until there are so "
            "many",
        ),
    ] = 80
    """Where pairs are few, steps are smaller and epochs more until there are so many (see
    `calm.training.schedule`); 1 takes batch size and epochs as they stand."""
    sft_weight: Annotated[
        float,
        Field(
            ge=0,
            allow_inf_nan=False,
            description="How much the likelihood of the chosen side counts in dpo+sft",
        ),
    ] = 0.3
    """Weight of the likelihood term of `dpo+sft` (TRL's loss `sft`)."""
    pair_weights: Annotated[
        PairWeights,
        Field(
            description="Whether a pair counts as much as every other, or as much as the share of "
            "its vote says"
        ),
    ] = "none"
    """With `vote_share` the loss of a pair is multiplied by it, 1 on average over all pairs."""
    dco_weight: Annotated[
        float,
        Field(
            ge=0,
            allow_inf_nan=False,
            description="How much the choices count beside the pairs in dpo+dco",
        ),
    ] = 1.0
    anchor_gamma: Annotated[
        float,
        Field(
            ge=1,
            le=100,
            description="How near the strongest language, English where it is one of them, stays "
            "to the base model in dco; 1 is as near as the others",
        ),
    ] = 1.0
    max_length: Annotated[
        int | None,
        Field(ge=2, description="Longer pairs are left out; 0 is as long as the model takes"),
    ] = None
    """Most tokens of a prompt and an answer together; longer pairs are left out, and told. `None`
    is as many as the longest pair has that the model has positions for."""
    warmup_ratio: Annotated[
        float,
        Field(ge=0, le=1, description="The part of all steps in which the learning rate rises"),
    ] = 0.1
    rounds: Annotated[
        int,
        Field(
            ge=1,
            le=MOST_ROUNDS,
            description="How often it votes and trains; after the first time the model answers as "
            "the last round left it",
        ),
    ] = 1
    """See `calm.runs.rounds`."""
    fresh_questions: Annotated[
        bool,
        Field(
            description="Give every round its own part of the training questions; off, each round "
            "asks all of them"
        ),
    ] = False
    reference: Annotated[
        Reference,
        Field(
            description="Which model a round after the first stays close to: that of the last "
            "round, or the first one"
        ),
    ] = "moved"
    seed: Seed = 0
    report_to: Annotated[
        ReportTo,
        Field(
            description="Program that draws curves and scores besides this one; its own "
            "environment variables say where it sends them"
        ),
    ] = "none"


@checked
class RunConfig:
    """Everything that one alignment depends on."""

    version: int = FORMAT_VERSION
    model: Annotated[
        str,
        Field(
            description="Packaged model, name of one on the Hugging Face Hub, or folder of a model "
            "or of a LoRA adapter"
        ),
    ] = SHIPPED_MODEL
    precision: Annotated[
        Precision, Field(description="Of the model when it answers: auto takes the faster one")
    ] = "auto"
    """Precision of the model when it answers; training has its own."""
    question_set: Annotated[
        str, Field(description="What is asked; some questions are held out to measure with")
    ] = BUILT_IN
    columns: Annotated[
        str,
        Field(description="What the columns of a question file are, where their names do not tell"),
    ] = ""
    """Fields and their columns, `text=Frage,choices=A|B|C` (see `calm.questions.columns`)."""
    languages: Annotated[
        tuple[str, ...], Field(description="Two or more; a question is translated where it has to")
    ] = DEFAULT_LANGUAGES
    translate_online: Annotated[
        bool,
        Field(
            description="Send texts that have to be translated to Google; off, the model itself "
            "translates and nothing leaves this machine"
        ),
    ] = False
    context: Annotated[
        str,
        Field(
            description="Folder of texts in which a passage is looked up for every question, to "
            "stand before it"
        ),
    ] = ""
    """See `calm.questions.passages`; empty asks without passages."""
    passages: Annotated[
        int, Field(ge=1, le=5, description="At most so many passages stand before a question")
    ] = 1
    passage_length: Annotated[
        int, Field(ge=100, le=2000, description="Most characters of a passage")
    ] = 400
    measure_languages: Annotated[
        tuple[str, ...],
        Field(description="Languages to measure in that are not trained on; none is no other"),
    ] = ()
    """Measured in beside `languages`: what an alignment does to languages it never saw."""
    train_topics: Annotated[
        tuple[str, ...], Field(description="Topics to train on; none is all of the set")
    ] = ()
    measure_topics: Annotated[
        tuple[str, ...], Field(description="Topics to measure with; none is all of the set")
    ] = ()
    max_train_questions: Annotated[
        int | None, Field(ge=1, description="Most questions to train on; 0 is all")
    ] = None
    max_held_out_questions: Annotated[
        int | None, Field(ge=1, description="Most questions to measure with; 0 is all")
    ] = None
    sampling: SamplingConfig = field(default_factory=SamplingConfig)
    voting: VotingConfig = field(default_factory=VotingConfig)
    pairs: PairsConfig = field(default_factory=PairsConfig)
    train: TrainConfig = field(default_factory=TrainConfig)
    imported: bool = False
    """Whether the questions and responses were imported, and are not to be made by `model`."""
    pairs_given: bool = False
    """Whether the pairs came from a file: no question is sampled and no vote makes any (see
    `calm.pipeline.given_pairs`)."""

    def __post_init__(self) -> None:
        for code in (*self.languages, *self.measure_languages):
            language(code)
        if len(set(self.languages)) != len(self.languages) or len(self.languages) < 2:
            raise CalmError("setting.too-few-languages", languages=repr(", ".join(self.languages)))
        if self.train.rounds > 1 and (self.imported or self.pairs_given):
            raise CalmError("setting.rounds-given", rounds=self.train.rounds)
        anchor = self.voting.anchor
        if anchor is not None and anchor not in self.languages:
            allowed = " | ".join(self.languages)
            raise CalmError("setting.out-of-range", name="anchor", value=anchor, allowed=allowed)

    @property
    def measured_languages(self) -> tuple[str, ...]:
        """The languages of what is held out: those trained on, and those to measure in besides.

        Where the second name all of the first, the order is theirs: runs that train on different
        languages ask the same questions in the same order then.
        """
        if set(self.languages) <= set(self.measure_languages):
            return tuple(dict.fromkeys(self.measure_languages))
        return tuple(dict.fromkeys((*self.languages, *self.measure_languages)))
