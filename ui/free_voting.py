"""What people judge of a question without choices: a language's own answer, the largest group."""

from collections.abc import Mapping

from calm.ballots import Judged
from calm.free_questions import FreeAsked
from ui.free_views import words_in
from ui.readers import pivot_version


def judged_groups(asked: FreeAsked) -> Mapping[str, Judged]:
    """Return language -> what a thumb on its card is about, for every language with one answer.

    That is its largest group, in the words that most of its samples put it in.
    """
    found = asked.compared
    if found is None:
        return {}
    judged = {}
    for question in asked.versions:
        code = question.language
        own = found.vote.by_language.get(code)
        response = next((row for row in asked.of(code) if row.answer == own), None)
        if own is None or response is None:
            continue
        judged[code] = Judged(
            kind="thumb",
            question_id=question.id,
            question=question.text,
            language=code,
            model=asked.model,
            prompt=asked.prompts.get(code, ""),
            response=response.text,
            answer=words_in(code, found.groups[own]) or found.groups[own].label,
        )
    return judged


def judged_largest(asked: FreeAsked) -> Judged | None:
    """Return what an opinion of the vote is about; `None` where no group is the largest."""
    winner = asked.winner
    if winner is None:
        return None
    filed = pivot_version(asked.versions)
    return Judged(
        kind="consensus",
        question_id=filed.id,
        question=filed.text,
        language=filed.language,
        model=asked.model,
        answer=words_in(filed.language, winner) or winner.label,
    )
