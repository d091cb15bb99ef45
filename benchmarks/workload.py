"""The work that all contenders get: real prompts, choices and pairs of the built-in set."""

from collections.abc import Sequence
from dataclasses import replace

from calm.config import BUILT_IN, DEFAULT_LANGUAGES
from calm.models.interface import Draw, Prompt
from calm.questions.prompts import answer_text, base_prompt
from calm.questions.sets import by_id, load_questions
from calm.records import PreferencePair, Question

SIX = DEFAULT_LANGUAGES[:6]
NUM_SAMPLES = 4
MAX_NEW_TOKENS = 32
TEMPERATURE = 0.7
WARM_UP = Prompt("The sky is")
"""What a contender is warmed up with: it has no worked examples, so none is computed beforehand."""


def training_questions(number: int, languages: Sequence[str] = SIX) -> list[Question]:
    """Return the first `number` training questions in all `languages`, question by question."""
    questions = [q for q in load_questions(BUILT_IN, languages) if q.split == "train"]
    groups = list(by_id(questions).values())
    return [group[code] for group in groups[:number] for code in languages]


def free_prompt(question: Question) -> Prompt:
    """Return worked examples and the question; the answer is not tied to the choices.

    None of the peers can be held to the choices of each question, so no contender is.
    """
    return replace(base_prompt(question, range(len(question.choices))), choices=())


def draws(questions: Sequence[Question], num_samples: int = NUM_SAMPLES) -> list[Draw]:
    """Return how each sample of each question is drawn, question by question."""
    return [
        Draw(MAX_NEW_TOKENS, TEMPERATURE, seed=(place, sample))
        for place in range(len(questions))
        for sample in range(num_samples)
    ]


def choice_texts(question: Question) -> list[str]:
    """Return the choices as continuations of the question's prompt."""
    return [answer_text(question, index) for index in range(len(question.choices))]


def gold_pairs(number: int) -> list[PreferencePair]:
    """Return pairs as the default settings make them, won by the right answer.

    A question has three pairs in each of eight languages: one against every wrong choice.
    """
    pairs = []
    for question in training_questions(-(-number // 24), DEFAULT_LANGUAGES):
        gold = question.gold or 0
        prompt = base_prompt(question, range(len(question.choices))).text
        sides = choice_texts(question)
        pairs += [
            PreferencePair(
                question.id, question.language, prompt, sides[gold], side, question.language, "gold"
            )
            for side in sides
            if side != sides[gold]
        ]
    return pairs[:number]
