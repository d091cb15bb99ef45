"""Question -> prompt, in the question's own language.

Three formats:
- `chat`: models that were made to be talked to get the paper's instruction (think briefly, explain,
  end with one answer line) and lettered choices.
- `cloze`: base models get worked examples and the question alone, and continue with one of the
  choices' texts: decoding is limited to these. It is their default, because small base models
  that see the choices listed mostly copy a position (`benchmarks/prompt_formats.py`).
- `listed`: base models see the choices, shuffled for each sample, and answer in free text.

In each, passages that were found for a question (`calm.questions.passages`) stand before it.

A question without choices has one: a chat model gets a short instruction, a base model is shown
worked examples with answers of a few words. The same examples, side by side in two languages,
show a base model how to put one word into another language.
"""

import functools
import random
from collections.abc import Sequence

from calm.config import PromptFormat, SamplingConfig
from calm.errors import CalmError
from calm.languages.rows import Language
from calm.languages.table import language
from calm.models.interface import Draw, LanguageModel, Prompt
from calm.questions.pointing import points
from calm.reading import WithPassages
from calm.records import Format, Question


def resolve_format(wanted: PromptFormat, is_chat: bool) -> Format:
    """Return the format to use: the wanted one, or the default for the kind of model."""
    if wanted != "auto":
        return wanted
    return "chat" if is_chat else "cloze"


def prompt_for(
    model: LanguageModel,
    question: Question,
    order: Sequence[int],
    wanted: PromptFormat,
    thinking: bool = False,
) -> Prompt:
    """Return the prompt that asks `model` this question with its choices in `order`.

    `thinking` lets a chat model think before it answers. Raises CalmError for a chat prompt with
    more choices than the language has letters for.
    """
    if not question.choices:
        return free_prompt(model, question, wanted, thinking)
    chosen = resolve_format(wanted, model.is_chat)
    if chosen == "chat":
        if len(order) > len(language(question.language).letters):
            raise CalmError("prompts.too-many-choices", count=len(order), question=question.id)
        return Prompt(model.chat_prompt(chat_message(question, order), thinking))
    return base_prompt(question, order, chosen == "listed")


def free_prompt(
    model: LanguageModel, question: Question, wanted: PromptFormat = "auto", thinking: bool = False
) -> Prompt:
    """Return the prompt that asks `model` for an answer in a few words.

    Without choices there is nothing to list: `listed` is `cloze`. `thinking` lets a chat model
    think before it answers.
    """
    if resolve_format(wanted, model.is_chat) == "chat":
        row = language(question.language)
        asked = "\n".join([*_passages(row, question), f"{row.question}{row.colon}{question.text}"])
        return Prompt(model.chat_prompt(f"{row.short.instruction}\n\n{asked}", thinking))
    return base_free_prompt(question)


def base_free_prompt(question: Question) -> Prompt:
    """Return worked examples of short answers and then the question, whatever its choices."""
    row = language(question.language)
    shared = "".join(
        f"{row.question}{row.colon}{text}\n{row.answer}{row.colon}{answer}\n\n"
        for text, answer in free_examples(row.code)
    )
    asked = "\n".join([*_passages(row, question), f"{row.question}{row.colon}{question.text}"])
    return Prompt(f"{shared}{asked}\n{row.answer}{row.colon.rstrip()}", len(shared))


def word_prompt(model: LanguageModel, text: str, from_code: str, to_code: str) -> Prompt:
    """Return the prompt that asks `model` for one short answer in another language.

    The question is not shown: with it, a small model answers anew instead of translating.
    """
    here, there = language(from_code).name, language(to_code).name
    if model.is_chat:
        return Prompt(
            model.chat_prompt(
                f"Translate from {here} into {there}. Give only the translation.\n\n{text}"
            )
        )
    answers = zip(free_examples(from_code), free_examples(to_code), strict=True)
    shared = "".join(
        f"{here}: {mine}\n{there}: {theirs}\n\n"
        for (_, mine), (_, theirs) in answers
        if mine != theirs or not mine.isdecimal()
    )
    return Prompt(f"{shared}{here}: {text}\n{there}:", len(shared))


def greedy(config: SamplingConfig) -> Draw:
    """Return a greedy draw with room for an answer, and for a thought where there may be one."""
    thought = config.max_thinking_tokens if config.thinking else 0
    return Draw(config.max_new_tokens, max_thinking_tokens=thought)


def base_prompt(question: Question, order: Sequence[int], listed: bool = False) -> Prompt:
    """Return worked examples and then the question, up to where its answer begins."""
    row = language(question.language)
    shared = worked_examples(question.language, listed)
    text = shared + _asked(row, question, order, listed) + row.colon.rstrip()
    choices = () if listed else tuple(answer_text(question, index) + "\n" for index in order)
    return Prompt(text, len(shared), choices)


def answer_text(question: Question, choice: int) -> str:
    """Return how a base model states a choice, as a continuation of `base_prompt`."""
    space = " " if language(question.language).colon.endswith(" ") else ""
    return space + question.choices[choice]


def chat_message(question: Question, order: Sequence[int], letters: str | None = None) -> str:
    """Return what a chat model is asked: the instruction, the question, its lettered choices.

    `letters` number the choices; `None` stands for the language's own.
    """
    row = language(question.language)
    instruction = row.instruction.format(answer=row.answer + row.colon.rstrip())
    choices = [
        f"{letter}. {question.choices[index]}"
        for letter, index in zip(letters or row.letters, order, strict=False)
    ]
    asked = [f"{row.question}{row.colon}{question.text}", row.choices + row.colon.rstrip()]
    return "\n".join([instruction, "", *_passages(row, question), *asked, *choices])


def choice_order(seed: int, question: Question, index: int) -> tuple[int, ...]:
    """Return the order in which choices are shown to sample `index`: shuffled, repeatable.

    Consecutive samples of a question rotate one shuffle, so that over as many samples as there
    are choices each choice stands once in each place. Where a choice points at others ("both A
    and B", "none of the above"), all keep their places.
    """
    order = list(range(len(question.choices)))
    if not order or points(question):
        return tuple(order)
    random.Random(f"{seed}/{question.id}/{question.language}").shuffle(order)
    turn = index % len(order)
    return tuple(order[turn:] + order[:turn])


@functools.cache
def worked_examples(code: str, listed: bool) -> str:
    """Return the worked examples of a language as text, the same before every question."""
    row = language(code)
    return "".join(
        _asked(row, question, range(len(question.choices)), listed)
        + row.colon
        + question.choices[question.gold or 0]
        + "\n\n"
        for question in examples(code)
    )


@functools.cache
def examples(code: str) -> tuple[Question, ...]:
    """Return the worked examples of a language. They are in neither split of any set."""
    return tuple(
        Question(f"example-{number}", code, example.text, example.choices, example.gold)
        for number, example in enumerate(language(code).examples, start=1)
    )


def free_examples(code: str) -> tuple[tuple[str, str], ...]:
    """Return a language's worked examples as (question, answer), in the same order in each.

    They are in neither split of any set.
    """
    return language(code).short.examples


def _asked(row: Language, question: Question, order: Sequence[int], listed: bool) -> str:
    lines = [f"{row.question}{row.colon}{question.text}"]
    if listed:
        choices = row.separator.join(question.choices[index] for index in order)
        lines.insert(0, f"{row.choices}{row.colon}{choices}")
    return "\n".join([*_passages(row, question), *lines, row.answer])


def _passages(row: Language, question: Question) -> list[str]:
    """Return the lines that stand before a question for which passages were found."""
    found = question.passages if isinstance(question, WithPassages) else ()
    return [f"{row.passage}{row.colon}{text}" for text in found]
