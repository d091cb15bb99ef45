"""The ballot between two models: blind, in random order, one a language."""

import dataclasses
import secrets
from collections.abc import Iterable

from calm.answers.explanation import explanation
from calm.asking.asked import Asked
from calm.ballots.box import WITHDRAWN, BallotBox
from calm.errors import CalmError
from calm.records import Judged, Response
from ui.asking.readers import words_in
from ui.asking.records import Duel

SIDES = ("left", "right")


def drawn_sides(languages: Iterable[str]) -> frozenset[str]:
    """Return the languages in which the second model stands on the left, drawn by lot."""
    return frozenset(code for code in languages if secrets.randbelow(2))


def cast_on(box: BallotBox, duel: Duel | None, voter: str, code: str, opinion: str) -> Duel:
    """Keep a ballot and return the duel with it; that language then shows which is which.

    `WITHDRAWN` takes it back; which is which has been seen then, and stays so.
    What was asked comes from the server's own memory: the browser only says which card and side.
    """
    if duel is None or not duel.is_ready:
        raise CalmError("answers.gone")
    if code not in {question.language for question in duel.first.versions}:
        raise CalmError("duel.no-answers")
    if duel.shown and code not in duel.cast:
        raise CalmError("duel.seen")
    if is_same(duel, code):
        raise CalmError("ballot.same-answer")
    judged = judged_duel(duel, code)
    verdict = opinion
    if opinion in SIDES:
        winner = duel.sides(code)[SIDES.index(opinion)].model
        verdict = "model" if judged.model == winner else "other"
    elif opinion not in ("both", "neither", WITHDRAWN):
        raise CalmError("duel.unknown-choice")
    box.cast(judged, voter, verdict)
    counts = box.opinions(judged)
    left, _ = duel.sides(code)
    places = ("model", "other") if judged.model == left.model else ("other", "model")
    by_side = dict(zip(SIDES, (counts[place] for place in places), strict=True))
    by_side |= {name: counts[name] for name in ("both", "neither")}
    return dataclasses.replace(
        duel,
        cast={**duel.cast, code: opinion},
        opinions={**duel.opinions, code: by_side},
    )


def is_same(duel: Duel, code: str) -> bool:
    """Tell whether both models say the same in a language, so that there is nothing to choose.

    That is one answer in the same words, or one answer that neither of them explains.
    """
    one, other = _standing(duel.first, duel.second, code)
    if judged_duel(duel, code).says_the_same:
        return True
    alike = one is not None and other is not None and one.answer == other.answer is not None
    return alike and not any(_explanation(row) for row in (one, other))


def is_all_open(duel: Duel) -> bool:
    """Tell whether it is seen wherever there was something to choose which model stands where."""
    codes = [question.language for question in duel.first.versions]
    return all(duel.open(code) or is_same(duel, code) for code in codes)


def judged_duel(duel: Duel, code: str) -> Judged:
    """Return what a ballot in one language is about: a response that stands for each model.

    Both are of one sample where there is one in which each model gives its own answer, so that
    they saw the choices in the same order. Otherwise each model has its own; where their prompts
    differ then, there is no prompt that both answer.
    """
    question = next(q for q in duel.first.versions if q.language == code)
    one, other = _standing(duel.first, duel.second, code)
    sides = ((duel.first, one), (duel.second, other))
    prompts = {asked.prompt_of(row) if row else "" for asked, row in sides}
    orders = {row.choice_order for row in (one, other) if row}
    return Judged(
        kind="duel",
        question_id=question.id,
        question=question.text,
        language=code,
        prompt=prompts.pop() if len(prompts) == 1 else "",
        choice_order=orders.pop() if len(orders) == 1 else (),
        model=duel.first.model,
        response=one.text if one else "",
        answer=_words(duel.first, one),
        other_model=duel.second.model,
        other_response=other.text if other else "",
        other_answer=_words(duel.second, other),
    ).in_order()


def _standing(first: Asked, second: Asked, code: str) -> tuple[Response | None, Response | None]:
    """Return a response of each model; `None` where its samples are tied."""
    mine, others = (_standing_for(asked, code) for asked in (first, second))
    alike = ((a, b) for a in mine for b in others if a.sample_index == b.sample_index)
    return next(alike, (next(iter(mine), None), next(iter(others), None)))


def _standing_for(asked: Asked, code: str) -> list[Response]:
    own, rows = asked.own(code), asked.of(code)
    tied = own is None and any(row.answer is not None for row in rows)
    return [] if tied else [row for row in rows if row.answer == own]


def _explanation(row: Response | None) -> str:
    if row is None:
        return ""
    return explanation(row.text, row.answer_span, row.language) if row.answer_span else row.text


def _words(asked: Asked, row: Response | None) -> str:
    if row is None or row.answer is None:
        return ""
    return words_in(asked.options[row.answer], row.language)
