"""What a training on choices takes its lessons from, and how many fit into memory together."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from calm.config import PromptFormat, TrainConfig
from calm.errors import CalmError
from calm.messages import Message, message
from calm.models.causal_lm import CausalLM
from calm.models.shared_prefixes import build_prefix_trees
from calm.records import PreferencePair, Question
from calm.training.adapter import ACTIVATION_BYTES, memory_budget
from calm.training.choice_rows import ChoiceRow, choice_row
from calm.training.dpo_rows import fitting

LANGUAGES_AT_ONCE = 4
"""A step hears a question in so many of its languages, drawn anew each time: twice the questions
in the time of eight."""
MOST_SCORED_AT_ONCE = 16
VOCABULARY_BYTES = 12
"""What reading the vocabulary at a place takes for each of its entries, there and back."""


@dataclass(frozen=True)
class Lesson:
    """What a question teaches: its choices in every language, and its pairs, where it has any."""

    question_id: str
    choices: tuple[ChoiceRow, ...]
    pairs: tuple[ChoiceRow, ...] = ()
    """Each as a row with two choices: chosen, rejected."""

    @property
    def rows(self) -> tuple[ChoiceRow, ...]:
        return self.choices + self.pairs

    @property
    def lengths(self) -> torch.Tensor:
        """How many tokens each choice has in each language, (languages, choices)."""
        return torch.tensor([[len(choice) for choice in row.choices] for row in self.choices])


def lessons_of(
    language_model: CausalLM,
    questions: Sequence[Question],
    pairs: Sequence[PreferencePair],
    config: TrainConfig,
    report: Callable[[Message], None] = lambda said: None,
    prompt_format: PromptFormat = "auto",
) -> list[Lesson]:
    """Return what is learnt from, question by question, and report how many do not fit.

    A question that is too long in one language is left out of that language; one that is left with
    one language has nothing to agree with. Raises CalmError where none is left.
    """
    limits = (config.max_length, language_model.most_tokens)
    most = min((limit for limit in limits if limit is not None), default=None)
    rows: dict[str, list[ChoiceRow]] = defaultdict(list)
    for question in questions:
        row = choice_row(language_model, question, prompt_format, config.seed)
        if most is None or row.length <= most:
            rows[row.question_id].append(row)
    preferred: dict[str, list[ChoiceRow]] = defaultdict(list)
    if pairs:
        for pair in fitting(language_model, pairs, config, report):
            sides = (pair.chosen, pair.rejected)
            preferred[pair.question_id].append(ChoiceRow(pair.question_id, "", pair.prompt, sides))
    kept = {i: tuple(own) for i, own in rows.items() if len(own) > 1}
    if not kept:
        raise CalmError("choices.none")
    left_out = len({q.id for q in questions}) - len(kept)
    if left_out:
        total = left_out + len(kept)
        report(message("log.questions-left-out", count=left_out, total=total, most=most))
    return [Lesson(i, own, tuple(preferred[i])) for i, own in kept.items()]


def questions_at_once(language_model: CausalLM, lessons: Sequence[Lesson], step: int) -> int:
    """Return how many of a step's questions go through the model together.

    It is the largest divisor of the step for which the activations of the largest lessons, in as
    many languages as are heard together, and what is read of the vocabulary fit into memory.
    """
    heard = sorted((_most_heard(lesson) for lesson in lessons), key=_tokens_in, reverse=True)
    budget = memory_budget()
    sizes = (size for size in range(step, 1, -1) if step % size == 0)
    return next((n for n in sizes if _bytes_of(language_model, heard[:n]) <= budget), 1)


def scored_at_once(language_model: CausalLM, lessons: Sequence[Lesson]) -> int:
    """Return how many questions are scored together where no gradients are kept."""
    read = max(
        sum(len(choice) for row in lesson.rows for choice in row.choices) for lesson in lessons
    )
    a_question = read * language_model.model.config.get_text_config().vocab_size * VOCABULARY_BYTES
    return int(max(1, min(MOST_SCORED_AT_ONCE, memory_budget() // a_question)))


def _most_heard(lesson: Lesson) -> list[ChoiceRow]:
    longest = sorted(lesson.choices, key=lambda row: _tokens_in([row]), reverse=True)
    return [*longest[:LANGUAGES_AT_ONCE], *lesson.pairs]


def _tokens_in(rows: Sequence[ChoiceRow]) -> int:
    return sum(len(text) for row in rows for text in row.rows)


def _read(rows: Sequence[ChoiceRow]) -> int:
    """Return at how many places the vocabulary is read, at most."""
    return sum(len(choice) for row in rows for choice in row.choices)


def _bytes_of(language_model: CausalLM, heard: Sequence[Sequence[ChoiceRow]]) -> int:
    """Return the memory that lessons take together: their tokens, and the vocabulary they read."""
    config = language_model.model.config.get_text_config()
    rows = [row for lesson in heard for row in lesson]
    texts = [list(text) for row in rows for text in row.rows]
    width = max(map(len, texts))
    merged = language_model.trust.training == "fast"
    tokens = build_prefix_trees(texts, width).tokens.numel() if merged else len(texts) * width
    read = _read(rows)
    activations = tokens * ACTIVATION_BYTES * config.num_hidden_layers * config.hidden_size
    return int(activations + read * config.vocab_size * VOCABULARY_BYTES)
