"""The rows that flow from stage to stage: flat, frozen, and the same in memory and in a file."""

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Literal

from calm.messages import Message

Split = Literal["train", "held-out"]
TextSource = Literal["original", "human", "google", "model"]
ModelRole = Literal["base", "aligned"]
Reading = Literal["response", "likelihood"]
HowRead = Literal[
    "unread",
    "letter",
    "text",
    "letter and text",
    "contradiction",
    "several",
    "refusal",
    "empty",
    "unstated",
    "thought cut off",
]
"""How an answer was read, or why none was.

Read: from a choice's `letter`, from its `text`, or from both. Not read: the two name different
things or the answer is taken back (`contradiction`), there are `several` answers, the text says
that it gives none (`refusal`), it is `empty`, it ends within a thought (`thought cut off`), or it
never states one (`unstated`). `unread` is a response that no reader has seen.
"""
Outcome = Literal["fixed", "broken", "still right", "still wrong"]
Rule = Literal["plurality", "one-vote", "self-consistency", "dawid-skene", "anchor", "reliability"]
Format = Literal["chat", "cloze", "listed"]
"""How a question is asked (see `calm.questions.prompts`)."""
EditAction = Literal["exclude", "swap"]
Precision = Literal["auto", "bf16", "fp32", "nf4"]
Faster = Literal["bf16", "fp32"]
State = Literal["queued", "running", "done", "failed", "stopped"]
Kind = Literal["thumb", "duel", "consensus"]
Verdict = Literal["up", "down", "model", "other", "both", "neither", "right", "wrong", "not sure"]
VERDICTS: dict[Kind, tuple[Verdict, ...]] = {
    "thumb": ("up", "down"),
    "duel": ("model", "other", "both", "neither"),
    "consensus": ("right", "wrong", "not sure"),
}
"""What can be said of each kind of thing. Of a duel: which model won, wherever it stood."""


@dataclass(frozen=True)
class Question:
    """One multiple-choice question in one language. A translation keeps the id."""

    id: str
    language: str
    text: str
    choices: tuple[str, ...]
    gold: int | None = None
    """Index of the right choice, from 0; `None` where nobody has said which is right."""
    topic: str = ""
    split: Split = "train"
    source: TextSource = "original"
    """Who wrote the words: an author, a person translating, a service, or the model itself."""


@dataclass(frozen=True)
class Response:
    """One sampled text, and the answer that was read from it."""

    question_id: str
    language: str
    sample_index: int
    model: str
    text: str
    choice_order: tuple[int, ...]
    """The question's choice shown at each position, so that a letter can be mapped back."""
    answer: int | None = None
    """Index into the question's own choices; `None` where the text states no answer."""
    answer_span: tuple[int, int] | None = None
    """Where in `text` the answer stands: start and end, in characters."""
    how: HowRead = "unread"
    """How the answer was read, or why there is none."""


@dataclass(frozen=True)
class Vote:
    """What all responses to one question, in all languages, say together."""

    question_id: str
    rule: Rule
    """How the answers were weighed (see `calm.voting.rules`)."""
    counts: tuple[int, ...]
    """Responses that give each choice, unweighted."""
    support: tuple[float, ...]
    """What the rule makes of them: sums to 1, or to 0 where nothing could be read."""
    unreadable: int
    """Responses that state no answer; they count for nothing."""
    winner: int | None
    """The choice with most support; `None` for a tie, or where nothing could be read."""
    share: float
    """Support of the leading choice."""
    margin: float
    """`share` less the support of the runner-up."""
    entropy: float
    """Of the support, in bits: 0 where all agree."""
    by_language: dict[str, int | None]
    """Each language's own plurality; `None` for a tie, or where nothing could be read."""


@dataclass(frozen=True)
class LanguageWeight:
    """How much the answers of one language count in all votes of a run, and why."""

    language: str
    weight: float
    """What one answer counts, relative to the language that counts most."""
    self_agreement: float
    """How often two samples of the language give the same answer to a question."""
    agreement: float
    """How often a sample agrees with one of another language, on average over languages."""
    reliability: float
    """The product of the two, relative to the most reliable language."""
    answers: int
    """Readable answers that this rests on."""


@dataclass(frozen=True)
class PreferencePair:
    """One row for DPO: to this prompt, `chosen` is to be preferred to `rejected`."""

    question_id: str
    language: str
    prompt: str
    chosen: str
    rejected: str
    chosen_language: str
    source: Literal["vote", "ballot", "gold"] = "vote"


@dataclass(frozen=True)
class Untranslated:
    """A version that nobody could make, and why: the question lacks this language."""

    question_id: str
    language: str
    reason: Message | str


@dataclass(frozen=True)
class TrlSettings:
    """What TRL is told to see pairs as the model does (see `calm.exchange.export`)."""

    form: Literal["trl", "trl-conversational"]
    chat_template_kwargs: dict[str, str | bool]


@dataclass(frozen=True)
class PairEdit:
    """What a person changed about one pair before training (see `calm.pairs.edits`)."""

    question_id: str
    language: str
    pair: str
    """What the pair is known by: `calm.pairs.edits.pair_key`."""
    action: EditAction
    edited_at: float
    """In seconds since the epoch."""


@dataclass(frozen=True)
class Evaluation:
    """One model's answer to one held-out question in one language, read in one way."""

    question_id: str
    language: str
    model: ModelRole
    reading: Reading
    text: str
    answer: int | None
    answer_span: tuple[int, int] | None = None
    log_probs: tuple[float, ...] = ()
    """Mean log-probability a token of each choice, in nats; only for reading `likelihood`."""


@dataclass(frozen=True)
class Score:
    """One number of the evaluation, with its 95% interval."""

    model: Literal["base", "aligned", "change"]
    reading: Reading
    language: str
    """A language, a pair `en-fr`, or `all`."""
    metric: str
    value: float
    low: float | None
    high: float | None
    n: int
    """Questions that the number rests on."""


@dataclass(frozen=True)
class Round:
    """What one round of a run voted, and what its model reached; numbers are of the responses."""

    number: int
    """From 1."""
    questions: int
    """Training questions that it asked."""
    kept: int
    """Votes whose share was large enough for pairs."""
    judged: int
    """Of these, the votes on questions whose right answer is known."""
    right: int
    """Of the judged, the right ones."""
    pairs: int
    efficacy: float | None
    """Of the answers on what it was taught, the share that is what was taught; `None` without."""
    accuracy: float | None
    """Held out; `None` where no right answer is known."""
    consistency: float


@dataclass(frozen=True)
class Comparison:
    """One held-out question in one language, answered before and after."""

    question_id: str
    language: str
    gold: int | None
    base_answer: int | None
    aligned_answer: int | None
    base_text: str
    aligned_text: str
    outcome: Outcome | None
    """`None` where the question has no gold answer to judge by."""


@dataclass(frozen=True)
class Status:
    """How far a run is; rewritten as it goes."""

    stage: str
    state: State
    done: int
    total: int
    """`done` of `total` units; a stage that counts in no units has total 0."""
    message: Message | str
    """What is being done, or why it ended; a text where it is not of our making, or old."""
    rate: float
    """Units a second in this stage, 0 where that is not known yet."""
    updated_at: float
    """When this was written, in seconds since the epoch."""


@dataclass(frozen=True)
class PromptRecord:
    """How the questions of a run are asked (see `calm.questions.recorded_prompts`)."""

    format: Format
    before: str = ""
    """What the chat template writes before a message; empty outside it, as is `after`."""
    after: str = ""
    trims: bool = False
    """Whether the template takes white space around a message off."""
    trl_settings: tuple[TrlSettings, ...] = ()


@dataclass(frozen=True)
class ModelRecord:
    """Which model a run used, exactly: written when it was first loaded."""

    name: str
    """What it is called; a folder by its own name."""
    base: str
    """The model that an adapter's folder was merged into; empty for any other model."""
    files: dict[str, str]
    """SHA-256 of its files by name, or `revision` of the Hub."""
    precision: Precision
    """What was asked for."""
    dtype: str
    """What it computes in."""
    faster: Faster
    """Which of the two was the faster one on the machine."""
    reason: str
    """What was measured, in words."""
    attention: str
    """Which implementation of attention."""
    chat_template: str
    """SHA-256 of the chat template; empty where there is none."""
    trust: str
    """Whether our fast path or the library's plain one computes; empty where that is not told."""
    versions: dict[str, str]
    """Of the libraries that compute."""
    prompts: PromptRecord | None = None
    """How it is asked; `None` in a run of before, and where its template cannot be told."""


def outcome(gold: int | None, base: int | None, aligned: int | None) -> Outcome | None:
    """Return what became of one answer; an unreadable answer is a wrong one."""
    if gold is None:
        return None
    if aligned == gold:
        return "still right" if base == gold else "fixed"
    return "broken" if base == gold else "still wrong"


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What a ballot is about: an answer, the answers of two models, or a vote's winner."""

    kind: Kind
    question: str
    language: str
    """Of a consensus: the language in which its reader saw the question."""
    model: str
    answer: str
    """The choice, in words; empty where the response states none."""
    question_id: str = ""
    """Empty, as are prompt and response, where only the words of the answer are known."""
    prompt: str = ""
    choice_order: tuple[int, ...] = ()
    """How the prompt showed the choices."""
    response: str = ""
    """What the model wrote; empty for a consensus."""
    other_model: str = ""
    """The second of a duel, asked with the same prompt; empty for the other kinds."""
    other_response: str = ""
    other_answer: str = ""

    @property
    def thing(self) -> str:
        """The key of what is judged: a person has one ballot on it.

        A thumb is on an answer, whichever sample gave it; a duel is between two texts.
        """
        parts = [self.kind, self.question, self.language, self.model]
        if self.kind == "duel":
            parts += [self.response, self.other_model, self.other_response]
        else:
            parts += [self.answer]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]

    @property
    def says_the_same(self) -> bool:
        """Whether it is a duel of one answer in the same words, in which nobody can choose.

        Spaces, capital letters and the full stop at the end make no other words.
        """
        one, other = map(_plain_words, (self.response, self.other_response))
        alike = _plain_words(self.answer) == _plain_words(self.other_answer)
        return self.kind == "duel" and one == other != "" and alike

    def in_order(self) -> "Judged":
        """Return a duel with the model first whose name comes first: sides do not make another."""
        if self.kind != "duel" or self.model <= self.other_model:
            return self
        return replace(
            self,
            model=self.other_model,
            response=self.other_response,
            answer=self.other_answer,
            other_model=self.model,
            other_response=self.response,
            other_answer=self.answer,
        )


def _plain_words(text: str) -> str:
    return " ".join(text.split()).rstrip(".。").casefold()


@dataclass(frozen=True, kw_only=True)
class Ballot(Judged):
    """What one person said of it."""

    voter: str
    opinion: Verdict
    cast_at: float
