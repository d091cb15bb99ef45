"""Prompts for questions without choices, in the question's own language.

A base model is shown worked examples with answers of a few words and goes on after the last
label. A chat model gets a short instruction. The same examples, side by side in two languages,
show a base model how to put one word into another language.
"""

from calm.languages.table import language
from calm.models.interface import LanguageModel, Prompt
from calm.records import Question


def free_examples(code: str) -> tuple[tuple[str, str], ...]:
    """Return a language's worked examples as (question, answer), in the same order in each.

    They are in neither split of any set.
    """
    return language(code).short.examples


def free_prompt(model: LanguageModel, question: Question) -> Prompt:
    """Return the prompt that asks `model` for an answer in a few words."""
    row = language(question.language)
    if model.is_chat:
        asked = f"{row.question}{row.colon}{question.text}"
        return Prompt(model.chat_prompt(f"{row.short.instruction}\n\n{asked}"))
    shared = "".join(
        f"{row.question}{row.colon}{text}\n{row.answer}{row.colon}{answer}\n\n"
        for text, answer in free_examples(row.code)
    )
    asked = f"{row.question}{row.colon}{question.text}\n{row.answer}{row.colon.rstrip()}"
    return Prompt(shared + asked, len(shared))


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
