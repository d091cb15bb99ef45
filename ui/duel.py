"""The ballot between two models: blind, in random order, one a language."""

import dataclasses
import secrets
from collections.abc import Sequence

from calm.ballots import BallotBox, Judged
from calm.errors import CalmError
from calm.records import Response
from ui.records import Asked, Duel

SIDES = ("left", "right")


def new_duel(base: Asked, aligned: Asked, names: tuple[str, str]) -> Duel:
    """Return two models' answers with the sides drawn by lot, for each language anew."""
    both = {question.language for question in aligned.versions}
    versions = tuple(question for question in base.versions if question.language in both)
    turned = frozenset(q.language for q in versions if secrets.randbelow(2))
    return Duel(dataclasses.replace(base, versions=versions), aligned, names, turned)


def cast_on(box: BallotBox, duel: Duel | None, voter: str, code: str, opinion: str) -> Duel:
    """Keep a ballot and return the duel with it; that language then shows which is which.

    What was asked comes from the server's own memory: the browser only says which card and side.
    """
    if duel is None:
        raise CalmError("These answers are no longer there. Ask again, then vote.")
    if code not in {question.language for question in duel.base.versions}:
        raise CalmError("This language gave no answers to choose between.")
    if duel.shown and code not in duel.cast:
        raise CalmError("You have seen which is which. Ask again to vote without knowing.")
    judged = judged_duel(duel, code)
    verdict = opinion
    if opinion in SIDES:
        winner, _ = duel.sides(code)[SIDES.index(opinion)]
        verdict = "model" if judged.model == winner else "other"
    elif opinion not in ("both", "neither"):
        raise CalmError("Choose left, right, both or neither.")
    box.cast(judged, voter, verdict)
    counts = box.opinions(judged)
    left, _ = duel.sides(code)[0]
    places = ("model", "other") if judged.model == left else ("other", "model")
    by_side = dict(zip(SIDES, (counts[place] for place in places), strict=True))
    by_side |= {name: counts[name] for name in ("both", "neither")}
    return dataclasses.replace(
        duel,
        cast={**duel.cast, code: opinion},
        opinions={**duel.opinions, code: by_side},
    )


def judged_duel(duel: Duel, code: str) -> Judged:
    """Return what a ballot in one language is about: a response of each model to one prompt.

    Both are of the first sample in which each model gives its own answer, so that they saw the
    choices in the same order; of the first sample of all where there is none such.
    """
    question = next(q for q in duel.base.versions if q.language == code)
    base, aligned = duel.base.of(code), duel.aligned.of(code)
    place = _stands_for_both(base, aligned, _own(duel.base, code), _own(duel.aligned, code))
    one, other = base[place], aligned[place]
    prompts = duel.base.prompts
    return Judged(
        kind="duel",
        question_id=question.id,
        question=question.text,
        language=code,
        prompt=prompts[duel.base.responses.index(one)] if prompts else "",
        choice_order=one.choice_order,
        model=duel.names[0],
        response=one.text,
        answer="" if one.answer is None else question.choices[one.answer],
        other_model=duel.names[1],
        other_response=other.text,
        other_answer="" if other.answer is None else question.choices[other.answer],
    ).in_order()


def _own(asked: Asked, code: str) -> int | None:
    return asked.vote.by_language[code] if asked.vote else None


def _stands_for_both(
    base: Sequence[Response], aligned: Sequence[Response], one: int | None, other: int | None
) -> int:
    pairs = enumerate(zip(base, aligned, strict=True))
    return next((n for n, (a, b) in pairs if (a.answer, b.answer) == (one, other)), 0)
