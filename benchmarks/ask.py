"""Asking: one question in six languages, four samples each; until the first answer, until all.

`python -m benchmarks.ask [--write]`. The first question after the start also pays for the worked
examples of its languages; the next ones do not.
"""

from collections import Counter

from benchmarks.peers import PlainModel
from benchmarks.rounds import AS_USUAL, Clock, Contender, Measured, run
from benchmarks.workload import (
    NUM_SAMPLES,
    SIX,
    WARM_UP,
    draws,
    free_prompt,
    training_questions,
)
from calm.answers.sample import draw_responses
from calm.config import SHIPPED_MODEL, SamplingConfig
from calm.models.causal_lm import CausalLM
from calm.models.interface import Draw
from calm.models.loading import load_model
from calm.records import Faster, Question


def ours_first(questions: int, precision: Faster) -> Measured:
    model = _warm_model(precision)
    return _ask(model, training_questions(1))


def ours_next(questions: int, precision: Faster) -> Measured:
    model = _warm_model(precision)
    _ask(model, training_questions(1))
    return _ask(model, training_questions(2)[len(SIX) :])


def ours_choices(questions: int, precision: Faster) -> Measured:
    """Ask as the page does: a base model continues with one of the choices."""
    model = _warm_model(precision)
    first: list[float] = []
    clock = Clock()

    def on_text(row: int, text: str) -> None:
        first.append(clock.seconds())

    drawn = draw_responses(model, training_questions(1), SamplingConfig(), on_text)
    return Measured(len(drawn), clock.seconds(), {"first": first[0]})


def _warm_model(precision: Faster) -> CausalLM:
    model = load_model(SHIPPED_MODEL, precision)
    model.generate([WARM_UP] * 4, [Draw(4, 0.7, seed=(n,)) for n in range(4)])
    return model


def _ask(model: CausalLM, versions: list[Question]) -> Measured:
    ended: list[float] = []
    lengths: Counter[int] = Counter()
    clock = Clock()

    def on_text(row: int, text: str) -> None:
        lengths[row] += 1
        if "\n" in text:
            ended.append(clock.seconds())

    prompts = [free_prompt(q) for q in versions for _ in range(NUM_SAMPLES)]
    drawn = model.generate(prompts, draws(versions), on_text)
    seconds = clock.seconds()
    steps = {"steps": max(lengths.values()), "new_tokens": lengths.total()}
    first = {"first": min([*ended, seconds]), "texts": drawn[:4]}
    return Measured(len(drawn), seconds, first | steps)


def six_calls(questions: int, precision: Faster) -> Measured:
    plain = PlainModel(precision)
    plain.generate([WARM_UP.text], NUM_SAMPLES)
    first: list[float] = []
    drawn: list[str] = []
    clock = Clock()
    for version in training_questions(1):
        drawn += plain.generate([free_prompt(version).text], NUM_SAMPLES)
        first.append(clock.seconds())
    return Measured(len(drawn), clock.seconds(), {"first": first[0], "texts": drawn[:4]})


CONTENDERS = (
    Contender("ours", "ours, the first question after the start", ours_first, 1),
    Contender("ours-next", "ours, any later question", ours_next, 1),
    Contender(
        "ours-choices", "ours, the first, held to the choices as on the page", ours_choices, 1
    ),
    Contender(
        "six-calls",
        "six calls of `generate`, four sequences each",
        six_calls,
        1,
        "better",
        AS_USUAL,
    ),
)

if __name__ == "__main__":
    run("ask", "answers", CONTENDERS)
