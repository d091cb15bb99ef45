"""Stage `sample`: ask every question in every language several times.

All languages and samples of a few questions go through the model together. What a batch holds
depends on the settings alone, never on where an earlier run stopped, so a run that was
interrupted ends with the same responses as one that was not.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from calm.config import SamplingConfig
from calm.errors import CalmError
from calm.models.interface import Draw, LanguageModel, OnText, Prompt
from calm.questions.prompts import choice_order, greedy, prompt_for
from calm.records import Question, Response

Key = tuple[str, str, int]
"""Question id, language, sample index."""


def response_key(response: Response) -> Key:
    return (response.question_id, response.language, response.sample_index)


def expected_keys(questions: Sequence[Question], num_samples: int) -> list[Key]:
    """Return the keys of all responses that a run needs, in the order they are drawn."""
    return [(q.id, q.language, n) for q in questions for n in range(num_samples)]


def batches(
    groups: Mapping[str, Mapping[str, Question]], per_batch: int
) -> Iterator[list[Question]]:
    """Yield the questions that go through the model together: `per_batch` ids, all languages."""
    ids = list(groups)
    for start in range(0, len(ids), per_batch):
        yield [q for identity in ids[start : start + per_batch] for q in groups[identity].values()]


def sample(
    model: LanguageModel,
    groups: Mapping[str, Mapping[str, Question]],
    config: SamplingConfig,
    have: frozenset[Key] = frozenset(),
    should_stop: Callable[[], bool] = lambda: False,
) -> Iterator[list[Response]]:
    """Yield the responses batch by batch, leaving out those that are there already (`have`)."""
    for questions in batches(groups, config.questions_per_batch):
        wanted = expected_keys(questions, config.num_samples)
        if have.issuperset(wanted):
            continue
        drawn = draw_responses(model, questions, config, should_stop=should_stop)
        if should_stop():
            return
        yield [response for response in drawn if response_key(response) not in have]


def check_room(model: LanguageModel, questions: Iterable[Question], config: SamplingConfig) -> None:
    """Raise CalmError where the model has no room for a question and its answer."""
    if model.most_tokens is None:
        return
    prompts = [
        prompt_for(model, q, range(len(q.choices)), config.prompt_format, config.thinking)
        for q in questions
    ]
    longest = model.longest(prompts, greedy(config)) if prompts else 0
    if longest > model.most_tokens:
        raise CalmError(
            "question.too-long-for-model", longest=longest, model=model.name, most=model.most_tokens
        )


def draw_responses(
    model: LanguageModel,
    questions: Sequence[Question],
    config: SamplingConfig,
    on_text: OnText | None = None,
    should_stop: Callable[[], bool] = lambda: False,
    adapters: Sequence[Path | None] | None = None,
    prompts: Sequence[Prompt] | None = None,
) -> list[Response]:
    """Ask each question `num_samples` times, in one batch; answers are not read yet.

    Rows come question by question, each with its samples in order; `on_text` gets their number.
    `adapters` names who answers each question (see `LanguageModel.generate`), `prompts` has those
    of the rows where they were made already. Raises CalmError where the model has no room for a
    question and its answer.
    """
    check_room(model, questions, config)
    asked = [(q, n) for q in questions for n in range(config.num_samples)]
    orders = [choice_order(config.seed, q, n) for q, n in asked]
    prompts = prompts or [
        prompt_for(model, q, order, config.prompt_format, config.thinking)
        for (q, _), order in zip(asked, orders, strict=True)
    ]
    draws = [sample_draw((q.id, q.language, n), config) for q, n in asked]
    of_rows = adapters and [adapter for adapter in adapters for _ in range(config.num_samples)]
    texts = model.generate(prompts, draws, on_text, should_stop, of_rows)
    return [
        Response(q.id, q.language, n, model.name, text, order)
        for (q, n), order, text in zip(asked, orders, texts, strict=True)
    ]


def sample_draw(wanted: Key, config: SamplingConfig) -> Draw:
    """Return how one response is drawn: with chance of its own, and room for a thought."""
    identity, code, index = wanted
    seed = (config.seed, zlib.crc32(f"{identity}/{code}".encode()), index)
    return replace(greedy(config), temperature=config.temperature, top_p=config.top_p, seed=seed)
