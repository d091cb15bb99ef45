"""What people judge of a question without choices: the groups of its answers, in words."""

from collections.abc import Mapping

from calm.asking.free_questions import FreeAsked
from calm.records import Judged
from calm.voting.groups import AnswerGroup
from ui.asking.free_cards import words_in


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
            answer=said_in(code, found.groups[own]),
        )
    return judged


def said_in(code: str, group: AnswerGroup) -> str:
    """Return a group's answer in a language's words; in its own where it has none."""
    return words_in(code, group) or group.label
