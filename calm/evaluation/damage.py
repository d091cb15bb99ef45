"""What an alignment could have harmed, asked of one model: free answers, choices, fixed texts.

A gain on the questions of a run may be paid for elsewhere, and multiple choice does not see it.
`calm.evaluation.damage_findings` holds both models' rows against each other.
"""

from collections.abc import Mapping, Sequence

from calm.config import SamplingConfig
from calm.evaluation.damage_sets import sentences
from calm.evaluation.evaluate import evaluate
from calm.evaluation.free_answers import free_answer, is_in_language, repetition
from calm.models.interface import Draw, LanguageModel
from calm.probes import Measure, Probe, Probed
from calm.questions.prompts import free_prompt
from calm.records import ModelRole, Question

MOST_TOKENS = 24
"""Of a free answer: enough for a few words and to see whether they are repeated."""


def answer_freely(
    model: LanguageModel,
    groups: Sequence[Mapping[str, Question]],
    role: ModelRole,
    config: SamplingConfig,
) -> list[Probed]:
    """Ask questions, each in its versions, without showing their choices; answered greedily."""
    asked = [(question, versions) for versions in groups for question in versions.values()]
    prompts = [free_prompt(model, question, config.prompt_format) for question, _ in asked]
    texts = model.generate(prompts, [Draw(MOST_TOKENS)] * len(prompts))
    return [
        _free(question, list(versions.values()), text, role)
        for (question, versions), text in zip(asked, texts, strict=True)
    ]


def _free(question: Question, versions: Sequence[Question], text: str, role: ModelRole) -> Probed:
    answer = free_answer(text, question)
    values: dict[Measure, float] = {
        "in_language": float(is_in_language(text, question, versions)),
        "length": float(len(text.strip())),
        "repetition": repetition(text, question.language),
        "unread": float(answer is None),
    }
    if question.gold is not None:
        values["right"] = float(answer == question.gold)
    return Probed("free", "", question.id, question.language, role, text, answer, values)


def choose(
    model: LanguageModel,
    probe: Probe,
    of_set: str,
    groups: Sequence[Mapping[str, Question]],
    role: ModelRole,
    config: SamplingConfig,
) -> list[Probed]:
    """Ask questions by their choices: the one with the highest log-probability a token counts."""
    asked = [question for versions in groups for question in versions.values()]
    rows = evaluate(model, asked, role, config, readings=("likelihood",))
    return [
        Probed(
            probe,
            of_set,
            question.id,
            question.language,
            role,
            row.text,
            row.answer,
            {} if question.gold is None else {"right": float(row.answer == question.gold)},
        )
        for question, row in zip(asked, rows, strict=True)
    ]


def read_texts(model: LanguageModel, codes: Sequence[str], role: ModelRole) -> list[Probed]:
    """Return how likely each sentence of the languages' fixed texts is, in nats a token."""
    asked = [
        (code, number, *sentence)
        for code in codes
        for number, sentence in enumerate(sentences(code), start=1)
    ]
    found = model.score([prompt for *_, prompt, _ in asked], [[text] for *_, text in asked])
    return [
        Probed("texts", "", f"{code}-{number}", code, role, "", None, {"log_prob": round(value, 6)})
        for (code, number, *_), (value,) in zip(asked, found, strict=True)
    ]
